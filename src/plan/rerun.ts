import { equal } from '../catalog/canonical.js'
import type { Catalog } from '../catalog/catalog.js'
import { idOf } from '../catalog/id.js'
import type { Probe } from '../diff/steps.js'
import { UserError } from '../errors.js'
import { spoken } from '../kinds/spoken.js'
import type { Shadow } from '../postgres/shadow.js'
import { mayBeRows } from './lessons.js'
import { readReplica } from './reached.js'
import { rowDigests } from './row-digests.js'
import { seedRows } from './rows.js'
import { type Runnable, runSegment } from './run-steps.js'
import { refusalOf, StepError } from './step-error.js'

/** A segment as it is written, to be rehearsed as it stands. */
export interface WrittenSegment {
  readonly transactional: boolean
  readonly downTransactional: boolean
  readonly up: readonly Runnable[]
  /** In the order in which they run. */
  readonly down: readonly Runnable[]
}

export interface Rerun {
  readonly legs: readonly { readonly before: Catalog; readonly after: Catalog; readonly restored: Catalog }[]
  readonly rows: { readonly [table: string]: number }
  readonly caveats: readonly string[]
  readonly shadow: string
}

export interface Rerunning {
  /** A new, empty shadow. */
  readonly shadow: () => Promise<Shadow>
  /** Builds in it what the segments concern. */
  readonly build: (shadow: Shadow) => Promise<Catalog>
  readonly segments: readonly WrittenSegment[]
  /** Is there a way back to try? */
  readonly back: boolean
  /** Of rows that are in the way: synthetic ones are to be none. */
  readonly probes: readonly Probe[]
  /** Are some of the steps written by hand? What the others lose, their hazards tell. */
  readonly byHand: boolean
}

/** Goes up and comes down with one synthetic row in every table. Throws UserError at the first step that PostgreSQL refuses. */
export async function rerun({ shadow: open, build, segments, back, byHand, probes }: Rerunning): Promise<Rerun> {
  const attempt = async (withRows: boolean, caveats: readonly string[]): Promise<Rerun> => {
    const shadow = await open()
    try {
      const start = await build(shadow)
      const rows = withRows ? await seedRows(shadow.session, start, { probes }) : { inserted: {}, caveats }
      const digests = byHand ? await rowDigests(shadow.session, start) : new Map<string, string>()
      const ups = await climb(shadow, start, segments)
      const restored = back ? await descend(shadow, start, ups, segments) : ups
      const others = back && byHand ? changedRows(digests, await rowDigests(shadow.session, start)) : []
      return {
        legs: ups.map((after, i) => ({ before: ups[i - 1] ?? start, after, restored: restored[i] ?? after })),
        rows: rows.inserted,
        caveats: [...rows.caveats, ...others.map((table) => `that rows of ${table} come back as they were: the synthetic one did not`)],
        shadow: shadow.description,
      }
    } finally {
      await shadow.close()
    }
  }
  try {
    return await attempt(true, [])
  } catch (error) {
    if (!mayBeRows(error)) throw error
    return attempt(false, [`rehearsed without rows: with synthetic ones, ${error.cause.message}`])
  }
}

/** Roles are the cluster's: others may make some meanwhile, but for an embedded one, which is ours alone. */
function read({ session, embedded }: Shadow, known: Catalog): Promise<Catalog> {
  return readReplica(session, known, () => embedded)
}

async function climb(shadow: Shadow, start: Catalog, segments: readonly WrittenSegment[]): Promise<Catalog[]> {
  const reached: Catalog[] = []
  for (const { transactional, up } of segments) {
    await runSegment(shadow.session, up, transactional).catch(refused)
    reached.push(await read(shadow, reached.at(-1) ?? start))
  }
  return reached.length === 0 ? [start] : reached
}

/** After the way back of each segment. Throws UserError where it is not what it was before that segment. */
async function descend(shadow: Shadow, start: Catalog, ups: readonly Catalog[], segments: readonly WrittenSegment[]): Promise<Catalog[]> {
  const restored: Catalog[] = []
  for (let i = segments.length - 1; i >= 0; i--) {
    const { down = [], downTransactional = true } = segments[i] ?? {}
    await runSegment(shadow.session, down, downTransactional).catch(refused)
    const now = await read(shadow, ups[i] ?? start)
    refuseDifference(ups[i - 1] ?? start, now, start)
    restored[i] = now
  }
  return restored
}

function refuseDifference(before: Catalog, now: Catalog, start: Catalog): void {
  const key = [...new Set([...before.objects.keys(), ...now.objects.keys()])]
    .sort()
    // What an earlier segment makes may go with what a later one made of it.
    .filter((candidate) => now.objects.has(candidate) || start.objects.has(candidate))
    .find((candidate) => !equal(before.objects.get(candidate)?.definition, now.objects.get(candidate)?.definition))
  if (key === undefined) return
  const what = !now.objects.has(key) ? 'is gone' : before.objects.has(key) ? 'is not what it was' : 'is left over'
  throw new UserError('not-proven', `Rehearsed, the way back does not come back: ${spoken(idOf(key))} ${what}.`, {
    next: 'Mend down; or state irreversible: with the reason.',
  })
}

function refused(error: unknown): never {
  if (!(error instanceof StepError)) throw error
  throw new UserError('plan-fails', `In the rehearsal ${refusalOf(error)}`, {
    next: error.cause.hint ?? 'Mend the statement; or, where the database has changed since it was written, plan again.',
    cause: error.cause,
  })
}

function changedRows(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  return [...before].filter(([table, rows]) => after.get(table) !== rows).map(([table]) => table)
}
