import { fingerprint } from '../catalog/canonical.js'
import type { Catalog } from '../catalog/catalog.js'
import { describe, idOf } from '../catalog/id.js'
import { UserError } from '../errors.js'
import type { Footprint, Plan, Segment } from '../plan/plan.js'
import { runSteps, StepError } from '../plan/run-steps.js'
import { introspect } from '../postgres/introspect.js'
import type { Session } from '../postgres/session.js'
import { quoteIdentifier } from '../sql/quote.js'
import type { Entry, Journal } from './journal.js'

export interface Progress {
  (event: { readonly plan: string; readonly segment: number; readonly segments: number; readonly title: string }): void
}

export interface Outcome {
  readonly plan: string
  readonly title: string
  readonly steps: number
  readonly segments: number
  readonly seconds: number
}

/**
 * Runs a reviewed plan from where it stands: segment by segment, each in its transaction, its footprint checked before it
 * and before its COMMIT. A segment that fails is rolled back; those before it stay, and the journal knows.
 */
export async function apply(session: Session, journal: Journal, plan: Plan, progress: Progress): Promise<Outcome> {
  const started = Date.now()
  const known = (await journal.entries()).find((entry) => entry.id === plan.id)
  if (known?.status === 'reverting') throw new UserError('half-reverted', `Plan ${plan.id} is half reverted.`, { next: `schemactl revert --steps 1 finishes the revert.` })
  const first = known?.status === 'applying' ? known.segmentsDone : 0
  const { before, restored } = footprintFrom(plan, first)
  checkFootprint(await introspect(session), before, restored, plan, 'before it starts')
  for (let i = first; i < plan.segments.length; i++) {
    const segment = plan.segments[i]
    if (!segment) continue
    const announce = (title: string) => progress({ plan: plan.id, segment: i + 1, segments: plan.segments.length, title })
    const done = { status: i + 1 === plan.segments.length ? ('applied' as const) : ('applying' as const), segments: i + 1 }
    await runLeg(session, journal, plan, {
      action: 'apply', number: i, transactional: segment.transactional, announce,
      steps: segment.steps.map((step) => ({ title: step.title, sql: step.up })),
      from: segment.before, orFrom: segment.restored, to: segment.after, orTo: {}, done, seconds: (Date.now() - started) / 1000,
    })
  }
  await journal.saveSnapshot(plan.id, await introspect(session))
  return { plan: plan.id, title: plan.title, segments: plan.segments.length, steps: plan.segments.flatMap((s) => s.steps).length, seconds: (Date.now() - started) / 1000 }
}

/** What all segments from this one on expect to find, as far as none of them makes it: nothing is begun that cannot be finished. */
function footprintFrom(plan: Plan, first: number): { readonly before: Footprint; readonly restored: Footprint } {
  const before: Record<string, string | null> = {}
  const restored: Record<string, string | null> = {}
  for (const segment of plan.segments.slice(first))
    for (const [key, print] of Object.entries(segment.before)) {
      if (key in before) continue
      before[key] = print
      if (key in segment.restored) restored[key] = segment.restored[key] ?? null
    }
  return { before, restored }
}

/** Undoes the segments of a plan that stand, last to first. */
export async function revert(session: Session, journal: Journal, plan: Plan, progress: Progress): Promise<Outcome> {
  const started = Date.now()
  const known = (await journal.entries()).find((entry) => entry.id === plan.id)
  const standing = known?.segmentsDone ?? 0
  for (let i = standing - 1; i >= 0; i--) {
    const segment = plan.segments[i]
    if (!segment) continue
    const announce = (title: string) => progress({ plan: plan.id, segment: i + 1, segments: plan.segments.length, title })
    await runLeg(session, journal, plan, {
      action: 'revert', number: i, transactional: true, announce,
      steps: undoing(segment),
      from: segment.after, orFrom: plan.segments[i + 1]?.restored ?? {}, to: segment.before, orTo: segment.restored, done: { status: i === 0 ? 'reverted' : 'reverting', segments: i }, seconds: null,
    })
  }
  await journal.saveSnapshot(plan.id, await introspect(session))
  return { plan: plan.id, title: plan.title, segments: standing, steps: plan.segments.flatMap((s) => s.steps).length, seconds: (Date.now() - started) / 1000 }
}

function undoing(segment: Segment): { title: string; sql: readonly string[] }[] {
  return segment.steps.map((step) => ({ title: `undo: ${step.title}`, sql: step.down })).reverse().filter((step) => step.sql.length > 0)
}

interface LegRun {
  readonly action: 'apply' | 'revert'
  readonly number: number
  readonly transactional: boolean
  readonly steps: readonly { readonly title: string; readonly sql: readonly string[] }[]
  readonly from: Footprint
  readonly orFrom: Footprint
  readonly to: Footprint
  readonly orTo: Footprint
  readonly done: { readonly status: Entry['status']; readonly segments: number }
  readonly seconds: number | null
  readonly announce: (title: string) => void
}

async function runLeg(session: Session, journal: Journal, plan: Plan, leg: LegRun): Promise<void> {
  checkFootprint(await introspect(session), leg.from, leg.orFrom, plan, `before segment ${leg.number + 1}`)
  const started = Date.now()
  const settings = `set local search_path = ${plan.target.searchPath.map(quoteIdentifier).join(', ')}; set local check_function_bodies = off; set local lock_timeout = '3s'; set local client_min_messages = warning`
  try {
    if (leg.transactional) {
      await session.execute(`begin; ${settings}`)
      await runAnnounced(session, leg)
      checkFootprint(await introspect(session, { inTransaction: true }), leg.to, leg.orTo, plan, `after segment ${leg.number + 1}`)
      await journal.record(plan, leg.done.status, leg.done.segments, leg.seconds)
      await journal.note(plan.id, leg.action, leg.number + 1, 'done', Date.now() - started)
      await session.execute('commit')
    } else {
      await journal.record(plan, leg.action === 'apply' ? 'applying' : 'reverting', leg.number, null)
      await journal.note(plan.id, leg.action, leg.number + 1, 'started', null)
      await session.execute(settings.replaceAll('set local', 'set').replace(`set lock_timeout = '3s'`, 'set lock_timeout = 0'))
      await runAnnounced(session, leg)
      checkFootprint(await introspect(session), leg.to, leg.orTo, plan, `after segment ${leg.number + 1}`)
      await journal.record(plan, leg.done.status, leg.done.segments, leg.seconds)
      await journal.note(plan.id, leg.action, leg.number + 1, 'done', Date.now() - started)
    }
  } catch (error) {
    if (leg.transactional) await session.execute('rollback').catch(() => undefined)
    throw error instanceof StepError ? stepFailed(error, plan, leg) : error
  }
}

async function runAnnounced(session: Session, leg: LegRun): Promise<void> {
  for (const step of leg.steps) {
    leg.announce(step.title)
    await runSteps(session, [step])
  }
}

function stepFailed(error: StepError, plan: Plan, leg: LegRun): UserError {
  const { cause } = error
  const detail = [cause.detail, cause.hint].filter((text) => text).join(' ')
  return new UserError(
    'step-failed',
    `Plan ${plan.id}, segment ${leg.number + 1} of ${plan.segments.length}, “${error.title}”: ${cause.message}${detail ? ` (${detail})` : ''}\n${error.statement}\n${
      leg.transactional ? 'This segment was rolled back' : 'This segment runs outside a transaction'
    }${leg.number > 0 ? `; ${leg.number} before it ${leg.number === 1 ? 'stays' : 'stay'} applied` : '; nothing was changed'}.`,
    { next: cause.code === '55P03' ? 'Another session holds a lock on this table; try again, or later.' : 'Mend the cause and run schemactl apply again, or plan anew.', cause },
  )
}

/** Throws UserError naming the first object that is not as the plan expects it. */
function checkFootprint(now: Catalog, expected: Footprint, alternative: Footprint, plan: Plan, when: string): void {
  for (const [key, wanted] of Object.entries(expected)) {
    const object = now.objects.get(key)
    const found = object ? fingerprint(object) : null
    if (found === wanted || (key in alternative && found === alternative[key])) continue
    const what = found === null ? 'does not exist' : wanted === null ? 'exists already' : 'is not as it was when the plan was made'
    throw new UserError('footprint', `Plan ${plan.id}, ${when}: ${describe(idOf(key))} ${what}. Nothing was changed by this segment.`, {
      next: 'schemactl drift shows what differs; plan again to start from how the database is now.',
    })
  }
}
