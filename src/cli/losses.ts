import type { Hazard } from '../kinds/kind.js'

/** What --allow can name, and what each class does, in plain words. */
export const LOSSES: { readonly [loss in Hazard | 'irreversible']: string } = {
  'drop-table': 'loses all rows of the table',
  'drop-column': 'loses all values of the column',
  'drop-sequence': 'loses the position of the sequence',
  'narrow-type': 'loses values, or parts of values, that the new type cannot hold',
  'remove-label': 'loses the label, and with it what rows say by it',
  'rebuild-table': 'loses all rows: the table is made anew',
  'drop-data': 'loses the data that it holds',
  'delete-rows': 'deletes rows of the table',
  fill: 'gives rows that are there a value that nobody chose',
  irreversible: 'loses the way back',
}
