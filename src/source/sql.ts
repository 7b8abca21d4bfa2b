import type { Parser } from '../sql/parser.js'
import type { SourceFile } from './files.js'
import { type Reading, reading } from './reading.js'

export async function readSql(source: SourceFile, parser: Parser): Promise<Reading> {
  const { statements, problems } = await parser.analyse(source.text)
  return reading(
    source,
    statements.map((statement) => ({ ...statement, file: source.file })),
    problems,
  )
}
