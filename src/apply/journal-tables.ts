import { UserError } from '../errors.js'
import type { Session } from '../postgres/session.js'
import type { ContentSum, Entry, Event, Store } from './journal.js'
import { journalRights, refuseClosed, refuseUnmakeable } from './journal-rights.js'

const VERSION = 1

const SCHEMA = `
create schema if not exists schemactl;
comment on schema schemactl is 'Journal of schemactl: the plans that were applied to this database, whole. Not part of the managed schema.';`

const TABLES = `
create table if not exists schemactl.version (
  version     int primary key
);
insert into schemactl.version values (${VERSION}) on conflict do nothing;
create table if not exists schemactl.plan (
  id            text primary key,
  sequence      bigint generated always as identity,
  title         text not null,
  digest        text not null,
  parent        text,
  content       text not null,
  status        text not null check (status in ('applying', 'applied', 'reverting', 'reverted', 'stamped')),
  segments_done int not null,
  segments      int not null,
  at            timestamptz not null default now(),
  by            text not null,
  host          text not null,
  tool          text not null,
  seconds       numeric,
  snapshot      bytea
);
create table if not exists schemactl.event (
  sequence      bigint generated always as identity primary key,
  at            timestamptz not null default clock_timestamp(),
  plan          text not null,
  action        text not null,
  segment       int,
  outcome       text not null,
  by            text not null,
  host          text not null,
  milliseconds  numeric
);
create index if not exists event_plan on schemactl.event (plan, sequence)`

/** Makes the tables where they are not there. */
export const JOURNAL_TABLES = `${SCHEMA}${TABLES}`

/**
 * The journal in tables of the schema `schemactl`; null where it is not there and not to be made. Throws UserError where a newer schemactl
 * made it, or where the role may not read it or, `writing`, not write it.
 */
export async function journalInTables(session: Session, { make, writing }: { make: boolean; writing: boolean }): Promise<Store | null> {
  const rights = await journalRights(session)
  if (rights.found) refuseClosed(rights, writing)
  else {
    if (!make) return null
    refuseUnmakeable(rights)
    // A schema that a superuser has made for it belongs to another, and asks for no right to make one.
    await session.execute(`begin;${rights.schema ? TABLES : JOURNAL_TABLES};commit`).catch(async (error: unknown) => {
      await session.execute('rollback')
      throw error
    })
  }
  const [row] = await session.query<{ version: number }>('select max(version) as version from schemactl.version')
  refuseNewer(row?.version ?? 0)
  return store(session)
}

export function refuseNewer(version: number): void {
  if (version > VERSION)
    throw new UserError(
      'journal-too-new',
      `The journal in this database has version ${version}; this schemactl knows version ${VERSION}.`,
      {
        next: 'Update schemactl.',
      },
    )
}

const AT = `to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at`

const ENTRIES = `select id, title, digest, parent, status, segments_done as "segmentsDone", segments, ${AT}, by, host, tool, seconds::float8 as seconds
  from schemactl.plan`

const EVENTS = `select ${AT}, plan, action, segment, outcome, by, host, milliseconds::float8 as milliseconds from schemactl.event`

const SUM = `pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(content, 'UTF8')), 'hex') as sum`

/**
 * One row, however many plans there are: the journal's version, and what `standingIn` gives, as JSON. The table, which has the plans
 * themselves, is read once. Parameters: actions of development, number of contents. Fails with 42P01 where there is no journal.
 */
export const STANDING = `with link as materialized (
  select id, sequence, parent, status, segments, pg_catalog.lag(id) over (order by sequence) as before from schemactl.plan where status <> 'reverted'
)
select (select max(version) from schemactl.version) as version, pg_catalog.json_build_object(
  'ids', (select pg_catalog.json_agg(id order by sequence) from link),
  'others', (select pg_catalog.json_agg(pg_catalog.json_build_array(id, parent, status, segments = 0))
    from link where parent is distinct from before or status <> 'applied' or segments = 0),
  'current', (select pg_catalog.row_to_json(e) from (${ENTRIES}
    where id = (select id from link where status in ('applied', 'stamped') order by sequence desc limit 1)) as e),
  'half', (select pg_catalog.row_to_json(e) from (${ENTRIES}
    where id = (select id from link where status in ('applying', 'reverting') order by sequence limit 1)) as e),
  'event', (select pg_catalog.row_to_json(e) from (${EVENTS} where action = any($1::text[]) order by sequence desc limit 1) as e),
  'contents', (select pg_catalog.json_agg(e) from (select id, digest, ${SUM} from schemactl.plan
    where id = any(array(select id from link where status in ('applied', 'stamped') order by sequence desc limit $2::int))) as e)
) as standing`

const CONTENTS = `select id, digest, ${SUM}
  from (select id, digest, content from schemactl.plan where status in ('applied', 'stamped') order by sequence desc limit $1::int) as newest`

/** Values, as SQL: id, title, digest, parent, content, status, segments_done, segments, by, host, tool, seconds. */
export function saving(values: readonly string[]): string {
  return `insert into schemactl.plan (id, title, digest, parent, content, status, segments_done, segments, by, host, tool, seconds)
values (${values.join(', ')})
on conflict (id) do update set status = excluded.status, segments_done = excluded.segments_done, at = now(), by = excluded.by, host = excluded.host,
  tool = excluded.tool, seconds = coalesce(excluded.seconds, plan.seconds), content = excluded.content, digest = excluded.digest`
}

/** Values, as SQL: plan, action, segment, outcome, by, host, milliseconds. */
export function noting(values: readonly string[]): string {
  return `insert into schemactl.event (plan, action, segment, outcome, by, host, milliseconds) values (${values.join(', ')})`
}

function store(session: Session): Store {
  return {
    entries: () => session.query<Entry>(`${ENTRIES} order by sequence`),
    events: () => session.query<Event>(`${EVENTS} order by sequence`),
    lastEvent: async (actions) => {
      const [row] = await session.query<Event>(`${EVENTS} where action = any($1::text[]) order by sequence desc limit 1`, [actions])
      return row ?? null
    },
    content: async (id) =>
      (await session.query<{ content: string }>('select content from schemactl.plan where id = $1', [id]))[0]?.content ?? null,
    contents: (newest) => session.query<ContentSum>(CONTENTS, [newest === 'all' ? null : newest]),
    save: async (entry, content) => {
      await session.query(saving(['$1', '$2', '$3', '$4', '$5', '$6', '$7', '$8', '$9', '$10', '$11', '$12']), [
        entry.id,
        entry.title,
        entry.digest,
        entry.parent,
        content,
        entry.status,
        entry.segmentsDone,
        entry.segments,
        entry.by,
        entry.host,
        entry.tool,
        entry.seconds,
      ])
    },
    note: async (event) => {
      await session.query(noting(['$1', '$2', '$3', '$4', '$5', '$6', '$7']), [
        event.plan,
        event.action,
        event.segment,
        event.outcome,
        event.by,
        event.host,
        event.milliseconds,
      ])
    },
    saveSnapshot: async (plan, packed) => {
      await session.query(`update schemactl.plan set snapshot = decode($2, 'base64') where id = $1`, [plan, packed])
    },
    lastSnapshot: async () => {
      const [row] = await session.query<{ plan: string; packed: string }>(
        `select id as plan, encode(snapshot, 'base64') as packed from schemactl.plan where snapshot is not null order by at desc, sequence desc limit 1`,
      )
      return row ?? null
    },
  }
}
