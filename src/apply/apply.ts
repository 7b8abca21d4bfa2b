import { idOf } from '../catalog/id.js'
import { UserError } from '../errors.js'
import type { Footprint, Plan, Segment } from '../plan/plan.js'
import { runnables } from '../plan/run-steps.js'
import type { Session } from '../postgres/session.js'
import { footprintFrom } from './footprint.js'
import type { Journal } from './journal.js'
import type { LastingSession } from './lasting-session.js'
import { type Leg, runLeg } from './leg.js'
import type { Probed } from './probed-step.js'
import { beginRun, endRun, entryOf, type Run, type Running } from './run.js'
import { settle } from './unfinished.js'

export type { Running } from './run.js'

export type Progress = (event: {
  readonly plan: string
  readonly segment: number
  readonly segments: number
  readonly title: string
  /** Rows that its batches changed so far; told after each. */
  readonly changed?: number
}) => void

export interface Outcome {
  readonly plan: string
  readonly title: string
  readonly steps: number
  readonly segments: number
  readonly seconds: number
}

/**
 * Runs a reviewed plan from where it stands: segment by segment, each in its transaction, its footprint checked before it
 * and before its COMMIT. A segment that fails is rolled back; those before it stay, and the journal knows. What only collided with
 * other sessions is tried again. With a LastingSession, or `reconnect`, a lost connection is renewed and the journal asked.
 */
export async function apply(
  session: Session | LastingSession,
  journal: Journal,
  plan: Plan,
  progress: Progress,
  running: Running = {},
): Promise<Outcome> {
  const started = Date.now()
  const run = await beginRun(session, journal, plan, running)
  try {
    const known = await entryOf(run)
    if (known?.status === 'reverting')
      throw new UserError('half-reverted', `Plan ${plan.id} is half reverted.`, { next: `schemactl revert --steps 1 finishes the revert.` })
    const first = known?.status === 'applying' ? known.segmentsDone : 0
    for (const [i, segment] of plan.segments.entries()) {
      if (i < first) continue
      const leg = legUp(plan, segment, i, progress)
      await runLeg(run, i === first ? { ...leg, from: footprintFrom(plan, first) } : leg, started)
    }
    return outcomeOf(plan, plan.segments.length, started)
  } finally {
    await endRun(run, session)
  }
}

/** Undoes the segments of a plan that stand, last to first. */
export async function revert(
  session: Session | LastingSession,
  journal: Journal,
  plan: Plan,
  progress: Progress,
  running: Running = {},
): Promise<Outcome> {
  const started = Date.now()
  const run = await beginRun(session, journal, plan, running)
  try {
    const known = await entryOf(run)
    const unfinished = known?.status === 'applying' ? plan.segments[known.segmentsDone] : undefined
    const standing = known && unfinished ? await settleLeg(run, unfinished, known.segmentsDone, progress) : (known?.segmentsDone ?? 0)
    for (const [i, segment] of [...plan.segments.entries()].slice(0, standing).reverse())
      await runLeg(run, legDown(plan, segment, i, progress), started)
    return outcomeOf(plan, standing, started)
  } finally {
    await endRun(run, session)
  }
}

async function settleLeg(run: Run, segment: Segment, i: number, progress: Progress): Promise<number> {
  return segment.transactional ? i : settle(run, legUp(run.plan, segment, i, progress))
}

function legUp(plan: Plan, segment: Segment, i: number, progress: Progress): Leg {
  const last = i + 1 === plan.segments.length
  return {
    action: 'apply',
    number: i,
    transactional: segment.transactional,
    steps: probed(plan, i),
    tables: tablesOf(segment),
    from: { is: segment.before, or: segment.restored },
    to: { is: segment.after, or: {} },
    done: { status: last ? 'applied' : 'applying', segments: i + 1 },
    last,
    say: sayer(plan, i, progress),
  }
}

function legDown(plan: Plan, segment: Segment, i: number, progress: Progress): Leg {
  return {
    action: 'revert',
    number: i,
    transactional: segment.downTransactional,
    steps: runnables(segment, 'down').filter(({ sql }) => sql.length > 0),
    tables: tablesOf(segment),
    from: { is: segment.after, or: restoredAfter(plan, i) },
    to: { is: segment.before, or: segment.restored },
    done: { status: i === 0 ? 'reverted' : 'reverting', segments: i },
    last: i === 0,
    say: sayer(plan, i, progress),
  }
}

/** How objects look that later segments made anew on their way back: as the one undone last left them. */
function restoredAfter({ segments }: Plan, i: number): Footprint {
  return Object.assign(
    {},
    ...segments
      .slice(i + 1)
      .map(({ restored }) => restored)
      .reverse(),
  ) as Footprint
}

/** With what rows are asked where the step fails, if hand-written steps come before it. */
function probed({ segments }: Plan, i: number): Probed[] {
  const segment = segments[i]
  if (!segment) throw new Error(`there is no segment ${i + 1}`)
  const writtenBefore = segments.slice(0, i).some(({ steps }) => steps.some(({ byHand }) => byHand === true))
  const first = segment.steps.findIndex(({ byHand }) => byHand === true)
  return runnables(segment, 'up').map((step, j) => {
    const probes = segment.steps[j]?.preflight
    return probes && (writtenBefore || (first !== -1 && j > first)) ? { ...step, probes } : step
  })
}

/** Those that it is about, as far as they are tables or the like. */
function tablesOf({ steps }: Segment): Leg['tables'] {
  const paths = steps.flatMap(({ objects }) => objects.map((key) => idOf(key).path))
  return paths.filter(({ length }) => length === 2)
}

function sayer(plan: Plan, i: number, progress: Progress): Leg['say'] {
  return (title, changed) =>
    progress({ plan: plan.id, segment: i + 1, segments: plan.segments.length, title, ...(changed === undefined ? {} : { changed }) })
}

function outcomeOf(plan: Plan, segments: number, started: number): Outcome {
  return {
    plan: plan.id,
    title: plan.title,
    segments,
    steps: plan.segments.flatMap((segment) => segment.steps).length,
    seconds: (Date.now() - started) / 1000,
  }
}
