import { equal } from '../catalog/canonical.js'
import type { Catalog, CatalogObject } from '../catalog/catalog.js'
import { compare } from '../diff/compare.js'
import { type Step, type StepOptions, stepsBetween } from '../diff/steps.js'
import { introspect } from '../postgres/introspect.js'
import type { Session } from '../postgres/session.js'
import { Plainly, Rebuild, rebuildable, refusedOnline } from './lessons.js'
import { type LockWatch, watchLocks } from './lock-watch.js'
import type { Block } from './places.js'
import { onlySpelling, ROUNDS, readReplica, uncompared, withObjectsOf } from './reached.js'
import type { Leg, Rehearsing } from './rehearsing.js'
import { overlay, pick } from './replica.js'
import { runSegment } from './run-steps.js'
import { isTransactional, segmentsOf } from './segments.js'
import { StepError } from './step-error.js'
import { isTogether, runUp } from './written-leg.js'

export interface Ascending extends Omit<Leg, 'down' | 'restored'> {
  /** Made of renames alone, which are undone as such. */
  readonly renames?: true
}

interface Ascent {
  readonly legs: readonly Ascending[]
  /** After the renames, before all else. */
  readonly renamed: Catalog
  readonly reached: Catalog
}

/** Where to, and what becomes of it where that fails. */
export interface Climbing extends Pick<Rehearsing, 'renamed' | 'target' | 'compared'> {
  /** Where it all leads, where the target is a state on the way. */
  readonly wanted?: Catalog
  /** Sees the steps of each round before they run. */
  readonly guard?: (steps: readonly Step[]) => void
  /** Look what each step locks. */
  readonly watches?: true
  /** Told each segment that was committed. */
  readonly ran?: (steps: readonly Step[]) => void
  readonly failed: (error: StepError, steps: readonly Step[]) => Error
  readonly notArrived: (step: Step | undefined, reached: Catalog, goal: Catalog) => Error
}

/** Runs the steps, and then what is left over after them, until nothing is but other spellings of the same. */
export async function climb(
  input: Climbing,
  session: Session,
  start: Catalog,
  first: readonly Step[],
  rebuild: ReadonlySet<string>,
): Promise<Ascent> {
  const legs: Ascending[] = []
  const renamed = await rename(input.renamed.steps, session, start)
  if (renamed !== start) input.ran?.(input.renamed.steps)
  if (renamed !== start) legs.push({ up: input.renamed.steps, transactional: true, before: start, after: renamed, renames: true })
  let reached = renamed
  let goal = goalOf(input, renamed)
  let steps: readonly Step[] = first
  for (let round = 1; steps.length > 0; round++) {
    const before = reached
    input.guard?.(steps)
    for (const segment of segmentsOf(steps)) {
      const transactional = isTransactional(segment)
      const watch = input.watches && transactional ? await watchLocks(session, reached) : null
      try {
        await runSegment(session, segment, transactional, watch?.after)
      } catch (error) {
        if (!(error instanceof StepError)) throw error
        const plainly = refusedOnline(segment, error)
        if (plainly !== null) throw new Plainly(plainly)
        const rebuilt = transactional ? rebuildable(segment, error, before, goal) : []
        if (rebuilt.every((key) => rebuild.has(key))) throw input.failed(error, segment)
        throw new Rebuild(rebuilt)
      }
      input.ran?.(segment)
      const after = await readReplica(session, reached, input.compared)
      legs.push({ up: segment, transactional, before: reached, after, ...seenBy(watch) })
      reached = after
    }
    if (round > 1) {
      const spelled = onlySpelling(before, goal, before, reached)
      if (spelled.length > 0) {
        goal = withObjectsOf(goal, reached, spelled)
        const kept = stepsBetween(before, goal)
        legs.pop()
        if (kept.length > 0) legs.push({ up: kept, transactional: isTransactional(kept), before, after: reached })
      }
    }
    steps = stepsBetween(reached, uncompared(goal, reached, input.compared))
    if (round === ROUNDS && steps.length > 0) throw input.notArrived(steps[0], reached, goal)
  }
  return { legs, renamed, reached }
}

/** Climbs from block to block of hand-written steps, and to the target after the last. */
export async function climbBy(
  blocks: readonly Block[],
  input: Climbing,
  session: Session,
  start: Catalog,
  { rebuild, ...options }: StepOptions & { readonly rebuild: ReadonlySet<string> },
): Promise<Ascent> {
  const goals = [...blocks.map(({ at }) => at), input.target]
  const between = (from: Catalog, to: Catalog) =>
    stepsBetween(from, to, { ...options, rebuild: new Set([...rebuild].filter((key) => !same(from, to, key))) })
  const [first = input.target] = goals
  let ascent = await climb({ ...input, target: first }, session, start, between(input.renamed.live, first), rebuild)
  for (const [i, { steps }] of blocks.entries()) {
    const before = ascent.reached
    const watch = input.watches && isTogether(steps) ? await watchLocks(session, before) : null
    await runUp(session, steps, watch?.after)
    const after = await readReplica(session, before, input.compared)
    const leg = { up: [], written: steps, transactional: isTogether(steps), before, after, ...seenBy(watch) }
    const on = { ...input, renamed: { ...input.renamed, steps: [] }, target: goals[i + 1] ?? input.target, wanted: input.target }
    const next = await climb(on, session, after, between(after, uncompared(goalOf(on, after), after, input.compared)), rebuild)
    ascent = { legs: [...ascent.legs, leg, ...next.legs], renamed: ascent.renamed, reached: next.reached }
  }
  return ascent
}

function seenBy(watch: LockWatch | null): Pick<Leg, 'seen'> {
  return watch === null ? {} : { seen: watch.seen }
}

/** Is it the same in both, with its parts? */
function same(from: Catalog, to: Catalog, key: string): boolean {
  const isPart = ({ parent }: CatalogObject) => parent === key
  const parts = [from, to].flatMap(({ objects }) => [...objects.values()].filter(isPart).map((part) => part.key))
  return [key, ...parts].every((one) => equal(from.objects.get(one)?.definition, to.objects.get(one)?.definition))
}

async function rename(steps: readonly Step[], session: Session, start: Catalog): Promise<Catalog> {
  if (steps.length === 0) return start
  await runSegment(session, steps, true)
  return introspect(session)
}

/** The wanted state in the replica: touched objects as wanted, all others as they were built. */
function goalOf({ renamed, target, wanted = target }: Climbing, start: Catalog): Catalog {
  // Of the comparison, not of the steps: what comes by itself (an owner) has no step.
  const touched = new Set([wanted, target].flatMap((state) => [...compare(renamed.live, state).changes.keys()]))
  return overlay(
    start,
    pick(target, (key) => touched.has(key)),
    [...touched].filter((key) => !target.objects.has(key)),
  )
}
