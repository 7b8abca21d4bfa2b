import { forgetState, guard, note, OPEN, record } from '../apply/journal-script.js'
import { beginSegment, lockTimeoutFor, RESET_SESSION, sessionSettings } from '../apply/time-outs.js'
import { UserError } from '../errors.js'
import type { Plan, Segment } from '../plan/plan.js'

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
  const parts = down ? numbers.reverse().map((i) => segmentDown(plan, i)) : numbers.map((i) => segmentUp(plan, i))
  const head = `-- ${oneLine(`${plan.id}: ${plan.title}`)}${down ? ', taken back' : ''}
-- psql -X -f this.sql: the journal is kept as schemactl ${down ? 'revert' : 'apply'} keeps it. Objects are not checked: schemactl verify ${plan.id} does that beforehand.
-- Afterwards schemactl stamp ${plan.id} records what the database is then, for drift.
\\set ON_ERROR_STOP on
set client_encoding = 'UTF8';
set standard_conforming_strings = on;`
  return [head, ...(down ? [] : [OPEN]), ...parts].join('\n\n')
}

function segmentUp(plan: Plan, i: number): string {
  const segment = at(plan, i)
  const last = i + 1 === plan.segments.length
  const steps = segment.steps.map(({ title, up }) => stepText(title, up, segment.transactional)).join('\n\n')
  const done = [
    record(plan, last ? 'applied' : 'applying', i + 1),
    note(plan, 'apply', i + 1, 'done'),
    ...(last ? [forgetState(plan, 'up')] : []),
  ].join('\n')
  if (segment.transactional) return transaction(plan, [guard(plan, i, 'up'), steps, done])
  return outside(plan, [guard(plan, i, 'up'), record(plan, 'applying', i), note(plan, 'apply', i + 1, 'started')], steps, done)
}

function outside(plan: Plan, before: readonly string[], steps: string, done: string): string {
  return [transaction(plan, before), `${sessionSettings(plan).join(';\n')};`, steps, `${RESET_SESSION};`, transaction(plan, [done])].join(
    '\n\n',
  )
}

function segmentDown(plan: Plan, i: number): string {
  const segment = at(plan, i)
  const steps = segment.steps
    .map(({ title, down }) => stepText(`undo: ${title}`, down, segment.downTransactional))
    .reverse()
    .filter((text) => text !== '')
    .join('\n\n')
  const done = [
    record(plan, i === 0 ? 'reverted' : 'reverting', i),
    note(plan, 'revert', i + 1, 'done'),
    ...(i === 0 ? [forgetState(plan, 'down')] : []),
  ].join('\n')
  if (segment.downTransactional) return transaction(plan, [guard(plan, i + 1, 'down'), steps, done])
  return outside(plan, [guard(plan, i + 1, 'down'), record(plan, 'reverting', i + 1), note(plan, 'revert', i + 1, 'started')], steps, done)
}

function at({ segments }: Plan, i: number): Segment {
  const segment = segments[i]
  if (!segment) throw new Error(`there is no segment ${i + 1}`)
  return segment
}

function transaction(plan: Plan, parts: readonly string[]): string {
  return [beginSegment(plan, LOCK_TIMEOUT), ...parts.filter((part) => part !== ''), 'commit;'].join('\n\n')
}

function stepText(title: string, sql: readonly string[], transactional: boolean): string {
  return sql.length === 0 ? '' : `-- ${oneLine(title)}\n${sql.map(transactional ? ended : alone).join('\n')}`
}

/** Two statements in one text are one transaction, which psql does not know. */
function alone(sql: string): string {
  const text = sql.includes(';\n') ? `begin;\n${ended(sql)}\ncommit;` : ended(sql)
  return `${lockTimeoutFor(sql, LOCK_TIMEOUT)};\n${text}`
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ')
}

/** A semicolon behind a comment would be part of it. */
function ended(statement: string): string {
  return (statement.split('\n').at(-1) ?? '').includes('--') ? `${statement}\n;` : `${statement};`
}
