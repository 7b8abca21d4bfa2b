import type { Source } from '../../src/source/read.js'
import { SourceError } from '../../src/source/read.js'
import { readSql } from '../../src/source/sql.js'
import { readYaml } from '../../src/source/yaml/yaml.js'
import { type Parser, startParser } from '../../src/sql/parser.js'

let parser: Parser | undefined

/** Reads texts as schema files, by one parser for the whole test file; `closeParser` ends it. */
export async function sourceOf(files: { readonly [file: string]: string }): Promise<Source> {
  parser ??= startParser()
  const statements = []
  for (const [file, text] of Object.entries(files)) {
    const reading = await (file.endsWith('.yaml')
      ? readYaml({ file, text, format: 'yaml' }, parser)
      : readSql({ file, text, format: 'sql' }, parser))
    if (reading.errors.length > 0) throw new SourceError(reading.errors)
    statements.push(...reading.statements)
  }
  return { statements, warnings: [], files: Object.keys(files), hash: JSON.stringify(files) }
}

export async function closeParser(): Promise<void> {
  await parser?.close()
  parser = undefined
}
