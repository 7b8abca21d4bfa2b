import { forgetState, guard, note, OPEN, record } from '../apply/journal-script.js'
import { beginSegment, lockTimeoutFor, RESET_SESSION, sessionSettings } from '../apply/time-outs.js'
import { UserError } from '../errors.js'
import type { Plan, Segment } from '../plan/plan.js'
import { type Runnable, runnables } from '../plan/run-steps.js'
import { quoteLiteral, withoutQuoted } from '../sql/quote.js'

/** Milliseconds, as `apply` has it unless told otherwise. */
const LOCK_TIMEOUT = 3000

/**
 * What apply or revert runs, as a script for psql, which leaves the same journal. It stops at the first error, and can be run again
 * from the segment that the error names. What it does not do: look at the objects before and after, and try again.
 */
export function planScript(plan: Plan, down: boolean): string {
  if (down && plan.irreversible !== null)
    throw new UserError('irreversible', `${plan.id} cannot be taken back: ${plan.irreversible}`, {
      next: 'Go on from here with a new plan.',
    })
  const numbers = [...plan.segments.keys()]
  const parts = (down ? numbers.reverse() : numbers).map((i) => segmentScript(plan, i, down ? 'down' : 'up'))
  const head = `-- ${oneLine(`${plan.id}: ${plan.title}`)}${down ? ', taken back' : ''}
-- psql -X -f this.sql: the journal is kept as schemactl ${down ? 'revert' : 'apply'} keeps it. Objects are not checked: schemactl verify ${plan.id} does that beforehand.
-- Afterwards schemactl stamp ${plan.id} records what the database is then, for drift.
\\set ON_ERROR_STOP on
set client_encoding = 'UTF8';
set standard_conforming_strings = on;`
  return [head, ...(down ? [] : [OPEN]), ...parts].join('\n\n')
}

type Way = 'up' | 'down'

/** What differs between the two ways in words of the journal. */
const WORDS = {
  up: { action: 'apply', running: 'applying', done: 'applied' },
  down: { action: 'revert', running: 'reverting', done: 'reverted' },
} as const

function segmentScript(plan: Plan, i: number, way: Way): string {
  const segment = at(plan, i)
  const { action, running, done } = WORDS[way]
  const [standing, left, end] = way === 'up' ? [i, i + 1, plan.segments.length] : [i + 1, i, 0]
  const transactional = way === 'up' ? segment.transactional : segment.downTransactional
  const texts = runnables(segment, way).map((step) => stepText(step, transactional))
  const steps = texts.filter((text) => text !== '').join('\n\n')
  const recorded = [
    record(plan, left === end ? done : running, left),
    note(plan, action, i + 1, 'done'),
    ...(left === end ? [forgetState(plan, way)] : []),
  ].join('\n')
  const begun = guard(plan, standing, way)
  if (transactional) return transaction(plan, [begun, steps, recorded])
  return outside(plan, [begun, record(plan, running, standing), note(plan, action, i + 1, 'started')], steps, recorded)
}

function outside(plan: Plan, before: readonly string[], steps: string, done: string): string {
  return [transaction(plan, before), `${sessionSettings(plan).join(';\n')};`, steps, `${RESET_SESSION};`, transaction(plan, [done])].join(
    '\n\n',
  )
}

function at({ segments }: Plan, i: number): Segment {
  const segment = segments[i]
  if (!segment) throw new Error(`there is no segment ${i + 1}`)
  return segment
}

function transaction(plan: Plan, parts: readonly string[]): string {
  return [beginSegment(plan, LOCK_TIMEOUT), ...parts.filter((part) => part !== ''), 'commit;'].join('\n\n')
}

function stepText({ title, sql, batch }: Runnable, transactional: boolean): string {
  const text = transactional ? ended : batch === undefined ? alone : (statement: string) => inBatches(statement, batch)
  return sql.length === 0 ? '' : `-- ${oneLine(title)}\n${sql.map(text).join('\n')}`
}

/** psql knows no loops: the server runs it, with a COMMIT after each batch. */
function inBatches(statement: string, size: number): string {
  const tag = freeTag(statement)
  return `${lockTimeoutFor(statement, LOCK_TIMEOUT)};
do ${tag} declare changed bigint; begin
  loop
    execute ${quoteLiteral(statement)} using ${size}::bigint;
    get diagnostics changed = row_count;
    commit;
    exit when changed = 0;
  end loop;
end ${tag};`
}

function freeTag(text: string): string {
  let tag = '$batches$'
  for (let i = 2; text.includes(tag); i++) tag = `$batches${i}$`
  return tag
}

/** Two statements in one text are one transaction, which psql does not know. */
function alone(sql: string): string {
  const text = withoutQuoted(sql).includes(';\n') ? `begin;\n${ended(sql)}\ncommit;` : ended(sql)
  return `${lockTimeoutFor(sql, LOCK_TIMEOUT)};\n${text}`
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ')
}

/** A semicolon behind a comment would be part of it. */
function ended(statement: string): string {
  return (statement.split('\n').at(-1) ?? '').includes('--') ? `${statement}\n;` : `${statement};`
}
