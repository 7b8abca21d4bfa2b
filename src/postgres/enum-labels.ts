import type { LabelFact, Statement } from '../source/statement.js'
import { quoteLiteral, quoteName } from '../sql/quote.js'

/**
 * The statements with labels that files add to an enum of theirs in the CREATE TYPE already: all is loaded in one transaction, and there a
 * label that was added may not be used (up to 16 never, later not under a savepoint).
 */
export function withLabelsAtOnce(statements: readonly Statement[]): readonly Statement[] {
  if (!statements.some(({ labels }) => labels?.verb === 'add')) return statements
  const labelsByType = new Map<Statement, readonly string[]>()
  const done = new Set<Statement>()
  const unclear = new Set<Statement>()
  for (const statement of statements) {
    const { labels: fact } = statement
    const made = fact && fact.verb !== 'make' ? makerOf(statement, statements) : undefined
    if (!fact || made?.labels?.verb !== 'make' || unclear.has(made)) continue
    const labels = relabelled(labelsByType.get(made) ?? made.labels.labels, fact)
    if (labels === null) unclear.add(made)
    else {
      labelsByType.set(made, labels)
      done.add(statement)
    }
  }
  return statements.filter((statement) => !done.has(statement)).map((statement) => made(statement, labelsByType.get(statement)))
}

/** The one statement that makes the type which another alters; undefined where that is not clear. */
function makerOf({ subject }: Statement, statements: readonly Statement[]): Statement | undefined {
  const name = subject?.name ?? []
  const makers = statements.filter(
    ({ labels, subject: other }) =>
      labels?.verb === 'make' &&
      other?.name.at(-1) === name.at(-1) &&
      (other?.name.length !== name.length || other.name.join('\0') === name.join('\0')),
  )
  return makers.length === 1 ? makers[0] : undefined
}

/** Null where PostgreSQL is to say what is wrong with it. */
function relabelled(labels: readonly string[], fact: LabelFact): readonly string[] | null {
  if (fact.verb === 'make') return null
  const has = (label: string) => labels.includes(label)
  if (fact.verb === 'rename')
    return has(fact.label) && !has(fact.to) ? labels.map((label) => (label === fact.label ? fact.to : label)) : null
  if (has(fact.label)) return fact.ifNew ? labels : null
  if (fact.beside === null) return [...labels, fact.label]
  if (!has(fact.beside)) return null
  return labels.toSpliced(labels.indexOf(fact.beside) + (fact.after ? 1 : 0), 0, fact.label)
}

function made(statement: Statement, labels: readonly string[] | undefined): Statement {
  if (labels === undefined) return statement
  const text = `create type ${quoteName(...(statement.subject?.name ?? []))} as enum (${labels.map(quoteLiteral).join(', ')})`
  const { placeAt: _elsewhere, ...rest } = statement
  return { ...rest, text }
}
