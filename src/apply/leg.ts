import { setTimeout as sleep } from 'node:timers/promises'
import type { Catalog } from '../catalog/catalog.js'
import { codeOf, UserError } from '../errors.js'
import { type Batches, runBatches } from '../plan/batches.js'
import { runSteps } from '../plan/run-steps.js'
import { StepError } from '../plan/step-error.js'
import { checkFootprint, type Expected, matches } from './footprint.js'
import type { Entry } from './journal.js'
import { connectionLost, isDeniedStep, stepFailed, tooBusy, waitedTooLong } from './leg-errors.js'
import { alone, beginAlone } from './lock.js'
import { missingGrant } from './missing-grant.js'
import { type Probed, runProbed, withRows } from './probed-step.js'
import { isLost, passing, stateOf, waitBefore } from './retry.js'
import { freshEntryOf, type Run, readCatalog, renew } from './run.js'
import { beginSegment, lockTimeoutFor, RESET_SESSION, sessionSettings, waitsPatiently } from './time-outs.js'
import { together } from './together.js'
import { dropLeftOvers, leavesNoTrace, wasStarted } from './unfinished.js'
import { watched } from './watchdog.js'

/** One segment, on its way up or down. */
export interface Leg {
  readonly action: 'apply' | 'revert'
  readonly number: number
  readonly transactional: boolean
  readonly steps: readonly Probed[]
  readonly from: Expected
  readonly to: Expected
  readonly done: { readonly status: Entry['status']; readonly segments: number }
  /** The plan has arrived after it: what the database then is, is what was agreed. */
  readonly last: boolean
  /** Paths of the tables that it is about. */
  readonly tables: readonly (readonly string[])[]
  /** `changed`: rows that batches of the step of this title changed so far. */
  readonly say: (text: string, changed?: number) => void
}

/** Runs one segment, trying again what only collided with other sessions, or lost its connection. */
export async function runLeg(run: Run, leg: Leg, started: number): Promise<void> {
  for (let next = 2; ; next++) {
    try {
      if (!(await (leg.transactional ? inTransaction(run, leg, started) : byItself(run, leg, started))))
        leg.say(next === 2 ? 'done meanwhile by another schemactl' : 'done, as the journal tells')
      return
    } catch (error) {
      await prepareAgain(run, leg, error, next)
    }
  }
}

/** Waits where another try may go better; throws where not. */
async function prepareAgain(run: Run, leg: Leg, error: unknown, next: number): Promise<void> {
  const lost = isLost(error)
  const why = lost ? 'the connection was lost' : passing(error)
  // Outside of transactions a statement was tried again by itself.
  const exhausted = !leg.transactional && error instanceof StepError && stateOf(error) === LOCK_TIMEOUT
  if (next > run.tries || why === null || (lost && !run.lasting)) throw await explain(error, run, leg, next - 1)
  if (exhausted) throw await explain(error, run, leg, run.tries)
  const wait = waitBefore(next)
  leg.say(`${why} (${stateOf(error)}): trying again in ${(wait / 1000).toFixed(1)} s, ${next} of ${run.tries}`)
  await sleep(wait)
  if (lost) await comeBack(run, leg, next)
}

async function explain(error: unknown, run: Run, leg: Leg, tries: number): Promise<unknown> {
  if (isLost(error)) return connectionLost(error, run, leg)
  if (isDeniedStep(error)) return stepFailed(error, run, leg, tries, await missingGrant(run.session, error.statement))
  if (error instanceof StepError) return stepFailed(error, run, leg, tries)
  return passing(error) === null ? error : tooBusy(error, run, leg, tries)
}

async function comeBack(run: Run, leg: Leg, next: number): Promise<void> {
  try {
    await renew(run, leg.transactional)
  } catch (error) {
    // The server may take a while to come back.
    await prepareAgain(run, leg, codeOf(error) === undefined || !isUnreachable(error) ? error : new Unreachable(error), next + 1)
  }
}

/** A server that does not answer, seen as what it is here: still the same lost connection. */
class Unreachable extends Error {
  readonly code = '08001'
  constructor(override readonly cause: unknown) {
    super('the server cannot be reached', { cause })
  }
}

function isUnreachable(error: unknown): boolean {
  return (
    [
      'connection-refused',
      'connection-closed',
      'connection-timeout',
      'connection-failed',
      'server-not-ready',
      'too-many-connections',
    ].includes(codeOf(error) ?? '') || isLost(error)
  )
}

/** False where the journal says that it was done before. */
async function inTransaction(run: Run, leg: Leg, started: number): Promise<boolean> {
  const { session, plan } = run
  const began = Date.now()
  await beginAlone(session, beginSegment(plan, run.lockTimeout))
  try {
    if (await isDone(run, leg)) {
      await session.execute('rollback')
      return false
    }
    checkFootprint(await readCatalog(run, { inTransaction: true }), leg.from, plan, before(leg))
    await runAnnounced(run, leg)
    const reached = await readCatalog(run, { inTransaction: true })
    checkFootprint(reached, leg.to, plan, after(leg))
    await recordDone(run, leg, reached, began, started)
    await session.execute('commit')
    return true
  } catch (error) {
    await session.execute('rollback').catch(() => undefined)
    throw error
  }
}

/** What cannot run in a transaction: told to the journal before and after, and looked after while it runs. */
function byItself(run: Run, leg: Leg, started: number): Promise<boolean> {
  return alone(run.session, run.lasting?.another, async () => {
    const began = Date.now()
    const { session, plan } = run
    if (await isDone(run, leg)) return false
    const resumed = await wasStarted(run, leg)
    if (resumed) await dropLeftOvers(run, leg)
    const now = await readCatalog(run)
    if (!resumed || leavesNoTrace(leg) || !matches(now, leg.to)) {
      const half = { is: leg.from.is, or: { ...leg.from.or, ...leg.to.is } }
      checkFootprint(now, resumed ? half : leg.from, plan, before(leg))
      await together(session, async () => {
        // What is being undone stands until it is undone.
        const [status, standing] = leg.action === 'apply' ? (['applying', leg.number] as const) : (['reverting', leg.number + 1] as const)
        await run.journal.record(plan, status, standing, null)
        await run.journal.note(plan.id, leg.action, leg.number + 1, 'started', null)
      })
      await runOutside(run, leg, resumed)
    }
    const reached = await readCatalog(run)
    checkFootprint(reached, leg.to, plan, after(leg))
    await together(session, () => recordDone(run, leg, reached, began, started))
    return true
  })
}

async function runOutside(run: Run, leg: Leg, resumed: boolean): Promise<void> {
  const { session, lasting, waitLimit } = run
  for (const setting of sessionSettings(run.plan)) await session.execute(setting)
  try {
    const work = () => runOneByOne(run, leg, resumed ? STANDS_ALREADY : [])
    if (lasting === null || run.process === null) return await work()
    const { cancelled, result } = await watched({ session, other: lasting.another, limit: waitLimit, say: leg.say }, work)
    if (result.status === 'fulfilled') return
    throw cancelled === null ? result.reason : waitedTooLong(cancelled, run, leg, result.reason)
  } catch (error) {
    if (!isLost(error)) await cleanUp(run, leg)
    throw error
  } finally {
    await session.execute(RESET_SESSION).catch(() => undefined)
  }
}

/** Where even this fails, the next run does it. */
async function cleanUp(run: Run, leg: Leg): Promise<void> {
  try {
    await dropLeftOvers(run, leg)
    await together(run.session, () => run.journal.note(run.plan.id, leg.action, leg.number + 1, 'failed', null))
  } catch {
    return
  }
}

/** Duplicate table, object and column; undefined object, table and column: statements of a step that a crash cut in two. */
const STANDS_ALREADY: readonly string[] = ['42P07', '42710', '42701', '42704', '42P01', '42703']

async function runAnnounced({ session }: Run, leg: Leg): Promise<void> {
  for (const step of leg.steps) {
    leg.say(step.title)
    await runProbed(session, step)
  }
}

/** Statement by statement, each of which commits by itself. */
async function runOneByOne(run: Run, leg: Leg, passedOver: readonly string[]): Promise<void> {
  for (const step of leg.steps) {
    const { title, sql, batch } = step
    leg.say(title)
    for (const statement of sql)
      if (batch !== undefined) await inBatches(run, leg, { title, statement, size: batch })
      else
        await patiently(run, leg, statement, () => runSteps(run.session, [{ title, sql: [statement] }])).catch(async (error: unknown) => {
          // The footprint afterwards tells whether it is as it should be.
          if (passedOver.includes(stateOf(error) ?? '')) return
          throw error instanceof StepError ? await withRows(error, run.session, step, 'transaction') : error
        })
  }
}

function inBatches(run: Run, leg: Leg, step: Pick<Batches, 'title' | 'statement' | 'size'>): Promise<void> {
  return runBatches(run.session, {
    ...step,
    tables: leg.tables,
    once: (work) => patiently(run, leg, step.statement, work),
    changed: (rows) => leg.say(step.title, rows),
  })
}

/** Tried again by itself where it did not get its lock: what the segment has done until then stays. */
async function patiently<T>({ session, lockTimeout, tries }: Run, leg: Leg, statement: string, work: () => Promise<T>): Promise<T> {
  await session.execute(lockTimeoutFor(statement, lockTimeout))
  for (let next = 2; ; next++) {
    try {
      return await work()
    } catch (error) {
      if (waitsPatiently(statement) || next > tries || stateOf(error) !== LOCK_TIMEOUT) throw error
      const wait = waitBefore(next)
      leg.say(`${passing(error)} (${LOCK_TIMEOUT}): trying again in ${(wait / 1000).toFixed(1)} s, ${next} of ${tries}`)
      await sleep(wait)
    }
  }
}

const LOCK_TIMEOUT = '55P03'

async function recordDone(
  { journal, plan, approvals }: Run,
  { action, number, done, last }: Leg,
  reached: Catalog,
  began: number,
  started: number,
): Promise<void> {
  await journal.record(plan, done.status, done.segments, action === 'apply' ? (Date.now() - started) / 1000 : null)
  for (const who of action === 'apply' && number === 0 ? approvals : []) await journal.note(plan.id, 'approve', null, who, null)
  await journal.note(plan.id, action, number + 1, 'done', Date.now() - began)
  // In the same transaction: killed after the COMMIT, drift would still know the old state as what was agreed.
  if (last) await journal.saveSnapshot(plan.id, reached)
}

/** Asked once the segment is ours alone. Throws UserError where another runner took the plan elsewhere. */
async function isDone(run: Run, leg: Leg): Promise<boolean> {
  const entry = await freshEntryOf(run)
  const status = entry?.status ?? 'reverted'
  const segments = entry?.segmentsDone ?? 0
  const up = status === 'applying' || status === 'applied' || status === 'stamped'
  if (leg.action === 'apply') {
    if (up && segments > leg.number) return true
    if (status !== 'reverting' && segments === leg.number) return false
  } else {
    if (!up && segments <= leg.number) return true
    if (segments === leg.number + 1) return false
  }
  throw new UserError(
    'overtaken',
    `Another schemactl works on plan ${run.plan.id}: it is ${status} now, with ${segments} of ${run.plan.segments.length} segments standing.`,
    {
      next: 'schemactl status tells where the database stands.',
    },
  )
}

function before(leg: Leg): string {
  return leg.action === 'apply' && leg.number === 0 ? 'before it starts' : `before segment ${leg.number + 1}`
}

function after(leg: Leg): string {
  return `after segment ${leg.number + 1}`
}
