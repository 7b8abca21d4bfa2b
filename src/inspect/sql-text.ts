import { type Catalog, rootOf } from '../catalog/catalog.js'
import type { Step } from '../diff/steps.js'

/** Statements as one would write them in a file: an object and all that belongs to it in one block. */
export function sqlText(steps: readonly Step[], catalog: Catalog): string {
  let text = ''
  let last = ''
  let long = false
  for (const step of steps) {
    const key = step.objects[0] ?? ''
    const object = catalog.objects.get(key)
    const root = object ? rootOf(object, catalog.objects).key : key
    for (const sql of step.sql) {
      const statement = lowerKeywords(sql.trim())
      const spread = statement.includes('\n')
      if (text !== '') text += root !== last || spread || long ? '\n\n' : '\n'
      text += `${statement};`
      last = root
      long = spread
    }
  }
  return text === '' ? '' : `${text}\n`
}

/** PostgreSQL writes its own keywords large, and names that need no quotes never are. */
export function lowerKeywords(statement: string): string {
  return statement.replace(/^(?:[A-Za-z]+ )+/, (words) => words.toLowerCase())
}
