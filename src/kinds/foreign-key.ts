import { namesOf } from '../sql/quote.js'
import { namesIn } from './key-columns.js'
import type { Reference } from './kind.js'

// Parentheses within quotes are part of a name.
const FOREIGN_KEY =
  /^FOREIGN KEY \(((?:"(?:[^"]|"")*"|[^")])*)\) REFERENCES ((?:"(?:[^"]|"")*"|[^"(])+)\(((?:"(?:[^"]|"")*"|[^")])*)\)(.*)$/s

/** What pg_get_constraintdef says of a foreign key; null where it is something else, or says it in a way that is not known. */
export function referenceOf(text: string): Reference | null {
  const [, mine = '', parent = '', theirs = '', rest = ''] = FOREIGN_KEY.exec(text) ?? []
  const [columns, keys, table] = [namesIn(mine), namesIn(theirs), namesOf(parent)]
  if (!columns || !keys || !table) return null
  return { columns, table, keys, acts: / ON DELETE (?:CASCADE|SET NULL|SET DEFAULT)\b/.test(rest) }
}
