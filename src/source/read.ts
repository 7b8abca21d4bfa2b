import { createHash } from 'node:crypto'
import { type Parser, startParser } from '../sql/parser.js'
import { type DataFile, readData } from './data/data-file.js'
import { readFiles, type SourceFile } from './files.js'
import { SourceError, type SourceMessage } from './message.js'
import type { Reading } from './reading.js'
import { readSql } from './sql.js'
import type { Statement } from './statement.js'
import { twinWarnings } from './twins.js'
import { readYaml } from './yaml/yaml.js'

export type { Cell, DataFile, DataRow } from './data/data-file.js'
export { formatMessage, SourceError, type SourceMessage } from './message.js'

/** What the schema files say, file by file and in the order of each. */
export interface Source {
  readonly statements: Statement[]
  readonly warnings: SourceMessage[]
  /** Rows that tables are to hold. */
  readonly data?: readonly DataFile[]
  /** As shown to people, in the order in which they were read. */
  readonly files: string[]
  /** SHA-256 in hex of the files' names and contents, and of what was read of them: another version may read them otherwise. */
  readonly hash: string
}

/** Reads schema files and folders of them. Throws a SourceError that names as many mistakes as could be found. */
export async function readSource(paths: readonly string[], options: { readonly cwd?: string } = {}): Promise<Source> {
  const { files, problems } = await readFiles(paths, options.cwd ?? process.cwd())
  const parser = startParser()
  try {
    const results: Reading[] = []
    for (const file of files) if (!file.data) results.push(await readFile(file, parser))
    const rows = files.filter(({ data }) => data).map(readData)
    const errors = [...problems, ...results.flatMap((result) => result.errors), ...rows.flatMap((read) => read.errors)]
    if (errors.length > 0) throw new SourceError(errors)
    const statements = results.flatMap((result) => result.statements)
    return {
      statements,
      warnings: [...results.flatMap((result) => result.warnings), ...twinWarnings(statements)],
      data: rows.flatMap(({ data }) => data ?? []),
      files: files.map((file) => file.file),
      hash: hashOf(files, statements),
    }
  } finally {
    await parser.close()
  }
}

function readFile(file: SourceFile, parser: Parser): Promise<Reading> {
  return file.format === 'yaml' ? readYaml(file, parser) : readSql(file, parser)
}

function hashOf(files: readonly SourceFile[], statements: readonly Statement[]): string {
  const hash = createHash('sha256')
  for (const { file, text } of files.toSorted((left, right) => (left.file < right.file ? -1 : 1))) {
    hash.update(`${file}\0${Buffer.byteLength(text)}\0`).update(text)
  }
  for (const { text, directives } of statements) hash.update(JSON.stringify([text, directives]))
  return hash.digest('hex')
}
