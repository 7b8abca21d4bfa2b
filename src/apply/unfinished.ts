import { idOf } from '../catalog/id.js'
import { matches } from './footprint.js'
import type { Leg } from './leg.js'
import { alone } from './lock.js'
import { freshEntryOf, type Run, readCatalog } from './run.js'
import { together } from './together.js'

/** Was it begun outside a transaction, and never heard of again? */
export async function wasStarted({ journal, plan }: Run, { action, number }: Leg): Promise<boolean> {
  const events = await journal.events()
  const last = events.filter((event) => event.plan === plan.id && event.segment === number + 1 && event.action === action).at(-1)
  return last?.outcome === 'started'
}

/**
 * Drops the INVALID indexes that CREATE INDEX CONCURRENTLY left where it was cut short: of the names that this leg creates, and only
 * those. An index of a partitioned table is "invalid" until all its parts are attached: not meant.
 */
export async function dropLeftOvers({ session, lockTimeout }: Run, { from, to }: Leg): Promise<void> {
  const created = Object.entries(to.is).flatMap(([key, print]) =>
    print !== null && (from.is[key] ?? null) === null ? [idOf(key).path] : [],
  )
  const names = created.filter((path) => path.length === 2)
  if (names.length === 0) return
  const rows = await session.query<{ name: string }>(
    `select pg_catalog.format('%I.%I', n.nspname, c.relname) as name
     from pg_catalog.pg_index i
     join pg_catalog.pg_class c on c.oid = i.indexrelid
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where not i.indisvalid and c.relkind = 'i' and (n.nspname, c.relname) in (select * from unnest($1::text[], $2::text[]))
     order by 1`,
    [names.map(([space]) => space), names.map(([, name]) => name)],
  )
  if (rows.length === 0) return
  // It waits for the same sessions as what it clears up after; cut off, the index is as INVALID as before.
  await session.execute(`set lock_timeout = ${Math.round(lockTimeout)}`)
  try {
    for (const { name } of rows) await session.execute(`drop index concurrently if exists ${name}`)
  } finally {
    await session.execute('reset lock_timeout').catch(() => undefined)
  }
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
    const started = await wasStarted(run, leg)
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
