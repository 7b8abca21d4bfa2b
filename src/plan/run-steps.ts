import type { Session } from '../postgres/session.js'
import { runBatches } from './batches.js'
import type { PlanStep, Segment } from './plan.js'
import { lacksResources, named, outOfResources, StepError } from './step-error.js'

export interface Runnable {
  readonly title: string
  readonly sql: readonly string[]
  /** Rows that one run of its statement changes at most: it is run until it changes none. */
  readonly batch?: number
}

/** Runs statements one by one, so that an error names its step. Throws StepError. */
export async function runSteps(session: Session, steps: readonly Runnable[], after?: After): Promise<void> {
  for (const step of steps) {
    for (const statement of step.sql) {
      if (step.batch === undefined) await named(step.title, statement, () => session.execute(statement))
      else await runBatches(session, { title: step.title, statement, size: step.batch })
    }
    await after?.(step)
  }
}

/** Told each step once it has run, within its transaction. */
type After = (step: Runnable) => Promise<void>

/** In one transaction, or each statement by itself where PostgreSQL wants that. Throws StepError after ROLLBACK; UserError where the server is at its limits. */
export async function runSegment(session: Session, steps: readonly Runnable[], transactional: boolean, after?: After): Promise<void> {
  try {
    await (transactional ? runTogether(session, steps, after) : runSteps(session, steps))
  } catch (error) {
    throw error instanceof StepError && lacksResources(error.cause) ? outOfResources(error, session.label) : error
  }
}

async function runTogether(session: Session, steps: readonly Runnable[], after?: After): Promise<void> {
  await session.execute('begin')
  try {
    await runSteps(session, steps, after)
    await session.execute('commit')
  } catch (error) {
    await session.execute('rollback')
    throw error
  }
}

/** PostgreSQL refuses to alter a table while deferred checks of its rows are pending (55006): they are made where a hand-written step ends. */
const CHECK_NOW = 'set constraints all immediate'

/** The steps of a segment as they run on one of its ways, in their order. */
export function runnables({ transactional, downTransactional, steps }: Segment, way: 'up' | 'down'): Runnable[] {
  const inOrder = way === 'up' ? steps : [...steps].reverse()
  const inTransaction = way === 'up' ? transactional : downTransactional
  return inOrder.map((step, i) => {
    const sql = step[way]
    const batch = way === 'up' ? step.batch : step.downBatch
    const checks = inTransaction && sql.length > 0 && step.byHand === true && followedByGenerated(inOrder, i)
    return {
      title: way === 'up' ? step.title : `undo: ${step.title}`,
      sql: checks ? [...sql, CHECK_NOW] : sql,
      ...(batch === undefined ? {} : { batch }),
    }
  })
}

function followedByGenerated(steps: readonly PlanStep[], i: number): boolean {
  const next = steps[i + 1]
  return next !== undefined && next.byHand !== true
}
