import type { Probe } from '../diff/steps.js'
import { refusesValues } from '../plan/lessons.js'
import { type Finding, findRefusals } from '../plan/preflight.js'
import { type Runnable, runSteps } from '../plan/run-steps.js'
import { StepError } from '../plan/step-error.js'
import type { Session } from '../postgres/session.js'

/** A step that rows refused, with those rows. */
export class RefusedByRows extends StepError {
  constructor(
    { title, statement, cause }: StepError,
    readonly findings: readonly Finding[],
  ) {
    super(title, statement, cause)
  }
}

/** A step to which hand-written ones led: nobody could ask beforehand whether rows are in its way. */
export interface Probed extends Runnable {
  readonly probes?: readonly Probe[]
}

/** Runs the step in the open transaction. Throws StepError, and names the rows where they are why. */
export async function runProbed(session: Session, step: Probed): Promise<void> {
  if (step.probes === undefined) return runSteps(session, [step])
  await session.execute('savepoint schemactl_step')
  try {
    await runSteps(session, [step])
  } catch (error) {
    if (!(error instanceof StepError) || !refusesValues(error.cause)) throw error
    await session.execute('rollback to savepoint schemactl_step')
    throw await withRows(error, session, step, 'savepoint')
  }
  await session.execute('release savepoint schemactl_step')
}

/** The error with the rows that are why, where that can be told. */
export async function withRows(error: StepError, session: Session, step: Probed, inside: 'savepoint' | 'transaction'): Promise<StepError> {
  if (step.probes === undefined || !refusesValues(error.cause)) return error
  const findings = await findRefusals(session, [{ title: step.title, preflight: step.probes }], inside)
  const known = findings.filter(({ rows }) => rows !== null)
  return known.length === 0 ? error : new RefusedByRows(error, known)
}
