import { forgetState, guard, note, OPEN, record } from '../apply/journal-script.js'
import { beginSegment, lockTimeoutFor, RESET_SESSION, sessionSettings } from '../apply/time-outs.js'
import { UserError } from '../errors.js'
import type { Plan, Segment } from '../plan/plan.js'
import { withoutQuoted } from '../sql/quote.js'

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
  const texts = segment.steps.map(({ title, up, down }) =>
    way === 'up' ? stepText(title, up, transactional) : stepText(`undo: ${title}`, down, transactional),
  )
  const steps = (way === 'up' ? texts : texts.reverse()).filter((text) => text !== '').join('\n\n')
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

function stepText(title: string, sql: readonly string[], transactional: boolean): string {
  return sql.length === 0 ? '' : `-- ${oneLine(title)}\n${sql.map(transactional ? ended : alone).join('\n')}`
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
