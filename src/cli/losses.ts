import type { Hazard } from '../kinds/kind.js'

/** What --allow can name, and what each class loses, in plain words. */
export const LOSSES: { readonly [loss in Hazard | 'irreversible']: string } = {
  'drop-table': 'all rows of the table',
  'drop-column': 'all values of the column',
  'drop-sequence': 'the position of the sequence',
  'narrow-type': 'values, or parts of values, that the new type cannot hold',
  'remove-label': 'the label, and with it what rows say by it',
  'rebuild-table': 'all rows: the table is made anew',
  'drop-data': 'the data that it holds',
  irreversible: 'the way back',
}
