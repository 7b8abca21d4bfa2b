import { isDenied, messageOf, UserError } from '../errors.js'
import { refusesValues } from '../plan/lessons.js'
import { lacksResources, moreResources, StepError } from '../plan/step-error.js'
import type { Leg } from './leg.js'
import { RefusedByRows } from './probed-step.js'
import { passing } from './retry.js'
import type { Run } from './run.js'

/** PostgreSQL refused a step, for good or too often. `grant`: what gives the right that was missing, where that is known. */
export function stepFailed(error: StepError, { plan, session }: Run, leg: Leg, tries: number, grant: string | null = null): UserError {
  const { cause } = error
  if (error instanceof RefusedByRows) return rowsInTheWay(error, plan, leg)
  const detail = [cause.detail, cause.hint].filter((text) => text).join(' ')
  return new UserError(
    'step-failed',
    `Plan ${plan.id}, segment ${leg.number + 1} of ${plan.segments.length}, “${error.title}”: ${cause.message}${detail ? ` (${detail})` : ''}\n${whereOf(error, plan, leg)}\n${
      leg.transactional ? 'This segment was rolled back' : 'This segment runs outside a transaction'
    }${leg.action === 'revert' ? '' : leg.number > 0 ? `; ${leg.number} before it ${leg.number === 1 ? 'stays' : 'stay'} applied` : '; nothing was changed'}.`,
    {
      next: nextOf(error, leg, tries, grant, session.label),
      cause,
    },
  )
}

/** The statement; of declared rows the file, which says more than a statement of ours. */
function whereOf({ title, statement }: StepError, { segments }: Run['plan'], { number }: Leg): string {
  const step = segments[number]?.steps.find((one) => title === one.title || title === `undo: ${one.title}`)
  return step?.rows && step.source !== null ? `The rows are declared from ${step.source} on.` : statement
}

function rowsInTheWay({ title, findings, cause }: RefusedByRows, { id, segments }: Run['plan'], leg: Leg): UserError {
  const rows = findings.map(({ what, rows: count, sample }) => `${count} ${count === 1 ? 'row' : 'rows'} ${what}: ${sample.join('; ')}`)
  return new UserError(
    'rows-in-the-way',
    `Plan ${id}, segment ${leg.number + 1} of ${segments.length}, “${title}”: after the hand-written steps, ${rows.join('; ')}.\n${
      leg.transactional ? 'This segment was rolled back.' : 'This segment runs outside a transaction.'
    }`,
    { next: 'Mend these rows, or plan anew with steps that reach them, and run schemactl apply again.', cause },
  )
}

/** The role lacks a right for a step. */
export function isDeniedStep(error: unknown): error is StepError {
  return error instanceof StepError && isDenied(error.cause)
}

function nextOf(error: StepError, { action }: Leg, tries: number, grant: string | null, where: string): string {
  if (passing(error) !== null) return inTheWay(tries)
  if (lacksResources(error.cause)) return `${moreResources(error.cause, where)} Then run schemactl ${action} again.`
  if (refusesValues(error.cause))
    return `Mend the rows that it names and run schemactl ${action} again${action === 'apply' ? ', or plan anew with a step that mends them (schemactl new)' : ''}.`
  if (grant !== null) return `Have the owner or a superuser run: ${grant} Then run schemactl ${action} again.`
  if (!isDenied(error.cause)) return 'Mend the cause and run schemactl apply again, or plan anew.'
  return `The role that works here lacks this right. Have it granted, or work as a role that has it: who owns the object, holds the role with ADMIN OPTION, or is a superuser. Then run schemactl ${action} again.`
}

export function connectionLost(error: unknown, { plan, session }: Run, leg: Leg): UserError {
  return new UserError(
    'connection-lost',
    `Plan ${plan.id}, segment ${leg.number + 1} of ${plan.segments.length}: the connection to ${session.label} was lost. The segment was committed whole or not at all; the journal in the database tells.`,
    {
      next: `Run schemactl ${leg.action} again: it goes on from where the journal says.`,
      cause: error,
    },
  )
}

export function waitedTooLong(blockers: string, run: Run, leg: Leg, cause: unknown): UserError {
  return new UserError(
    'waited-too-long',
    `Plan ${run.plan.id}, segment ${leg.number + 1} of ${run.plan.segments.length}: cancelled after waiting ${Math.round(run.waitLimit / 1000)} s for ${blockers}. What it left behind, if anything, is dropped when it is run again.`,
    {
      next: 'End that session or wait for it, and run schemactl apply again.',
      cause,
    },
  )
}

/** Other sessions came in between while the catalog was read or the COMMIT made. */
export function tooBusy(error: unknown, { plan }: Run, leg: Leg, tries: number): UserError {
  return new UserError(
    'busy',
    `Plan ${plan.id}, segment ${leg.number + 1} of ${plan.segments.length}: ${messageOf(error)}.${leg.transactional ? ' This segment was rolled back.' : ''}`,
    { next: inTheWay(tries), cause: error },
  )
}

function inTheWay(tries: number): string {
  return `Tried ${tries} times. Look in pg_stat_activity for the session that is in the way; then run it again, perhaps with a longer --lock-timeout.`
}
