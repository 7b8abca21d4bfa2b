import { fingerprint } from '../catalog/canonical.js'
import type { CatalogObject } from '../catalog/catalog.js'
import { contextOf } from '../diff/compare.js'
import { type Context, list } from '../kinds/kind.js'
import { kindOf } from '../kinds/registry.js'
import { matches } from './footprint.js'
import type { Leg } from './leg.js'
import { alone } from './lock.js'
import { freshEntryOf, type Run, readCatalog } from './run.js'
import { together } from './together.js'

/** Was it begun outside a transaction, and never heard of again? */
export async function wasStarted(run: Run, leg: Leg): Promise<boolean> {
  return (await lastOutcome(run, leg)) === 'started'
}

async function lastOutcome({ journal, plan }: Run, { action, number }: Leg): Promise<string | undefined> {
  const events = await journal.events()
  return events.filter((event) => event.plan === plan.id && event.segment === number + 1 && event.action === action).at(-1)?.outcome
}

/** The catalog cannot tell whether what changes rows alone was run: cut short, it is run again. */
export function leavesNoTrace({ from, to }: Leg): boolean {
  return Object.entries(to.is).every(([key, print]) => from.is[key] === print)
}

/**
 * Drops what a leg that was cut short outside a transaction left behind, of the names in its footprint and only those: what exists
 * only while it runs, and what it makes or drops and the kind calls unfinished (an INVALID index, a constraint that is NOT VALID).
 */
export async function dropLeftOvers(run: Run, leg: Leg): Promise<void> {
  const now = await readCatalog(run)
  const left = Object.keys(leg.to.is).flatMap((key) => {
    const object = now.objects.get(key)
    return object && isLeftOver(object, leg) ? [object] : []
  })
  if (left.length === 0) return
  const { session, lockTimeout } = run
  // It waits for the same sessions as what it clears up after; cut off, the left-over is as it was.
  await session.execute(`set lock_timeout = ${Math.round(lockTimeout)}`)
  try {
    for (const object of left) for (const statement of dropOf(object, contextOf(now))) await session.execute(statement)
  } finally {
    await session.execute('reset lock_timeout').catch(() => undefined)
  }
}

function isLeftOver(object: CatalogObject, { from, to }: Leg): boolean {
  const [before, after] = [from.is[object.key] ?? null, to.is[object.key] ?? null]
  if (before === null && after === null) return true
  return (before === null || after === null) && fingerprint(object) !== after && (kindOf(object.id.kind).unfinished?.(object) ?? false)
}

function dropOf(object: CatalogObject, context: Context): readonly string[] {
  const kind = kindOf(object.id.kind)
  return (
    kind.online?.({ verb: 'drop', before: object }, context)?.sql ?? list(kind.drop?.(object, context) ?? `drop ${kind.target(object.id)}`)
  )
}

/**
 * Brings a leg that was cut short outside a transaction to one of its ends: what it left half is dropped; what it finished without
 * being able to say so is recorded. Returns how many segments then stand.
 */
export async function settle(run: Run, leg: Leg): Promise<number> {
  return alone(run.session, run.lasting?.another, async () => {
    const entry = await freshEntryOf(run)
    const standing = entry?.segmentsDone ?? 0
    if (entry?.status !== 'applying' || standing !== leg.number) return standing
    const outcome = await lastOutcome(run, leg)
    // Batches that were committed stay, whether the next one failed or was cut short.
    const started = outcome === 'started' || (outcome === 'failed' && leavesNoTrace(leg))
    if (started) await dropLeftOvers(run, leg)
    if (started && matches(await readCatalog(run), leg.to)) {
      await together(run.session, async () => {
        await run.journal.record(run.plan, leg.done.status, leg.done.segments, null)
        await run.journal.note(run.plan.id, leg.action, leg.number + 1, 'done', null)
      })
      return standing + 1
    }
    // Nothing of the plan stands.
    if (standing === 0) await together(run.session, () => run.journal.record(run.plan, 'reverted', 0, null))
    return standing
  })
}
