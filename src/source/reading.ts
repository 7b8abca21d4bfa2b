import type { Problem } from '../sql/analysis.js'
import type { SourceFile } from './files.js'
import { excerptsOf, type SourceMessage } from './message.js'
import type { Statement } from './statement.js'

/** What one file says. */
export interface Reading {
  readonly statements: readonly Statement[]
  readonly warnings: readonly SourceMessage[]
  readonly errors: readonly SourceMessage[]
}

/** Gives problems their file and their excerpt. */
export function reading({ file, text }: SourceFile, statements: readonly Statement[], problems: readonly Problem[]): Reading {
  const excerpt = excerptsOf(text)
  const told = (severity: Problem['severity']) =>
    problems
      .filter((problem) => problem.severity === severity)
      .map(({ line, column, message, hint }) => ({ file, line, column, message, hint, excerpt: excerpt(line, column) }))
  return { statements, warnings: told('warning'), errors: told('error') }
}
