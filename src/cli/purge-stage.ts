import { type Entry, type Journal, openJournal } from '../apply/journal.js'
import { withLock } from '../apply/lock.js'
import { together } from '../apply/together.js'
import { ARCHIVE } from '../plan/archive.js'
import type { Session } from '../postgres/session.js'
import { quoteName } from '../sql/quote.js'
import { usageError } from './usage.js'
import type { Workspace } from './workspace.js'

/** What a plan dropped and whose rows are still kept. */
export interface Kept {
  readonly plan: string
  /** `column public.t.c`. */
  readonly of: string
  readonly place: string
  /** When it was dropped: ISO 8601 in UTC. */
  readonly at: string
  readonly bytes: number
}

const HOURS: Readonly<Record<string, number>> = { h: 1, d: 24, w: 168 }

/** Milliseconds of `30d`, `12h`, `2w`. */
export function ageOf(text: string): number {
  const [, number, unit = ''] = /^(\d+)([hdw])$/.exec(text) ?? []
  const hours = HOURS[unit]
  if (number === undefined || hours === undefined)
    throw usageError(`--older-than does not know "${text}"`, 'Give hours, days or weeks: 12h, 30d, 2w.')
  return Number(number) * hours * 3_600_000
}

/** What the archive holds of plans that stand, by the journal: what else is in that schema is nobody's to drop. */
export async function keptRows(journal: Journal, session: Session, age: number): Promise<Kept[]> {
  const old = (entry: Entry) => entry.status !== 'reverted' && Date.parse(entry.at) <= Date.now() - age
  const found: Omit<Kept, 'bytes'>[] = []
  for (const { id, at } of (await journal.entries()).filter(old)) {
    const { segments } = await journal.plan(id)
    for (const { archives = [] } of segments.flatMap(({ steps }) => steps)) for (const one of archives) found.push({ plan: id, at, ...one })
  }
  const rows = await session.query<{ name: string; bytes: number }>(
    `select c.relname::text as name, pg_catalog.pg_total_relation_size(c.oid)::float8 as bytes
     from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relkind = 'r' and c.relname = any($2)`,
    [ARCHIVE, found.map(({ place }) => place)],
  )
  const sizes = new Map(rows.map(({ name, bytes }) => [name, bytes]))
  return found.flatMap((one) => (sizes.has(one.place) ? [{ ...one, bytes: sizes.get(one.place) ?? 0 }] : []))
}

/** Drops what is kept and older than that, and tells the journal: reverting its plan then brings back what it dropped, but no rows. */
export async function purge(
  workspace: Workspace,
  session: Session,
  age: number,
  confirm: (kept: readonly Kept[]) => Promise<void>,
): Promise<Kept[]> {
  const kept = await keptRows(await openJournal(session, 'read'), session, age)
  if (kept.length === 0) return []
  await confirm(kept)
  await withLock(session, async () => {
    const journal = await openJournal(session, workspace.keeping)
    await together(session, async () => {
      for (const { plan, place } of kept) {
        await session.execute(`drop table if exists ${quoteName(ARCHIVE, place)}`)
        await journal.note(plan, 'purge', null, place, null)
      }
      const [left] = await session.query(
        `select from pg_catalog.pg_class where relnamespace = '${ARCHIVE}'::pg_catalog.regnamespace limit 1`,
      )
      if (left === undefined) await session.execute(`drop schema ${ARCHIVE}`)
    })
  })
  return kept
}
