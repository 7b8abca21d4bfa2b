import type { SourceMessage } from './message.js'
import type { Statement } from './statement.js'

/** What `OR REPLACE` and `IF NOT EXISTS` let two files make without a word: one of the two would count, and which is an accident. */
const SILENT = new Set(['CreateFunctionStmt', 'ViewStmt', 'CreateTrigStmt', 'RuleStmt', 'CreateStmt', 'CreateTableAsStmt', 'CreateSeqStmt'])

/** A warning at each statement that makes what another file makes. Names without a schema count where nothing in the file says which it is. */
export function twinWarnings(statements: readonly Statement[]): SourceMessage[] {
  const elsewhere = new Set(statements.filter(({ node }) => node === 'VariableSetStmt').map(({ file }) => file))
  const first = new Map<string, Statement>()
  return statements.flatMap((statement) => {
    const { node, subject, file, line, column } = statement
    if (subject === null || !SILENT.has(node) || elsewhere.has(file)) return []
    const key = JSON.stringify([subject.space, subject.name, subject.overload ?? ''])
    const twin = first.get(key)
    if (!twin) first.set(key, statement)
    if (!twin || twin.file === file) return []
    const message = `${subject.name.join('.')} is made by ${twin.file}:${twin.line}:${twin.column}, too, and only one of the two counts`
    return [{ file, line, column, message, hint: 'take one of the two out', excerpt: '' }]
  })
}
