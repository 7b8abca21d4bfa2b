import { quoteIdentifier, quoteLiteral } from '../sql/quote.js'
import type { Context } from './kind.js'

/**
 * Statements about the database that they run in. SQL has no word for that one, and its name differs from one environment to the next, and
 * in every shadow: it is asked for when they run. Only schema files, which people read, name it (`context.database`).
 */
export function here(statements: (database: string) => readonly string[], context: Context): readonly string[] {
  if (context.database !== undefined) return statements(quoteIdentifier(context.database))
  const texts = statements(NAME).map((text) => text.replaceAll('%', '%%').replaceAll(NAME, '%I'))
  if (texts.length === 0) return []
  const body = [
    'begin',
    ...texts.map((text) => `  execute pg_catalog.format(${quoteLiteral(text)}, pg_catalog.current_database());`),
    'end',
  ].join('\n')
  let tag = '$here$'
  while (body.includes(tag)) tag = tag.replace(/\$$/, '_$')
  return [`do ${tag}\n${body}\n${tag}`]
}

/** No text of SQL holds this character. */
const NAME = '\0'
