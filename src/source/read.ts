import {createHash} from 'node:crypto'
import type {Problem} from '../sql/analysis.js'
import {type Parser, startParser} from '../sql/parser.js'
import {readFiles, type SourceFile} from './files.js'
import {excerptOf, SourceError, type SourceMessage} from './message.js'
import type {Statement} from './statement.js'

export {SourceError, type SourceMessage} from './message.js'

/** What the schema files say, file by file and in the order of each. */
export interface Source {
  readonly statements: Statement[]
  readonly warnings: SourceMessage[]
  /** As shown to people, in the order in which they were read. */
  readonly files: string[]
  /** SHA-256 in hex of the files' names and contents. */
  readonly hash: string
}

/** Reads schema files and folders of them. Throws a SourceError that names as many mistakes as could be found. */
export async function readSource(paths: readonly string[], options: {readonly cwd?: string} = {}): Promise<Source> {
  const {files, problems} = await readFiles(paths, options.cwd ?? process.cwd())
  const parser = startParser()
  try {
    const results: Reading[] = []
    for (const file of files) results.push(await readText(file, parser))
    const errors = [...problems, ...results.flatMap(result => result.errors)]
    if (errors.length > 0) throw new SourceError(errors)
    return {
      statements: results.flatMap(result => result.statements),
      warnings: results.flatMap(result => result.warnings),
      files: files.map(file => file.file),
      hash: hashOf(files),
    }
  } finally {
    await parser.close()
  }
}

interface Reading {
  readonly statements: readonly Statement[]
  readonly warnings: readonly SourceMessage[]
  readonly errors: readonly SourceMessage[]
}

async function readText({file, text}: SourceFile, parser: Parser): Promise<Reading> {
  const {statements, problems} = await parser.analyse(text)
  const told = (severity: Problem['severity']) => problems
    .filter(problem => problem.severity === severity)
    .map(({line, column, message, hint}) => ({file, line, column, message, hint, excerpt: excerptOf(text, line, column)}))
  return {statements: statements.map(statement => ({...statement, file})), warnings: told('warning'), errors: told('error')}
}

function hashOf(files: readonly SourceFile[]): string {
  const hash = createHash('sha256')
  for (const {file, text} of files.toSorted((left, right) => left.file < right.file ? -1 : 1)) {
    hash.update(`${file}\0${Buffer.byteLength(text)}\0`).update(text)
  }
  return hash.digest('hex')
}
