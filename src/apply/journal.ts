import { hostname, userInfo } from 'node:os'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { Catalog, CatalogObject } from '../catalog/catalog.js'
import { formatPlan, parsePlan } from '../plan/plan-file.js'
import type { Plan } from '../plan/plan.js'
import { UserError } from '../errors.js'
import type { Session } from '../postgres/session.js'

/** What the database knows of one plan. */
export interface Entry {
  readonly id: string
  readonly title: string
  readonly digest: string
  readonly parent: string | null
  /** `applying` and `reverting` were cut short: segments_done tells where. */
  readonly status: 'applying' | 'applied' | 'reverting' | 'reverted' | 'stamped'
  readonly segmentsDone: number
  readonly segments: number
  /** ISO 8601, of the last change of status. */
  readonly at: string
  readonly by: string
  readonly host: string
  readonly tool: string
  readonly seconds: number | null
}

export interface Event {
  readonly at: string
  readonly plan: string
  readonly action: string
  readonly segment: number | null
  readonly outcome: string
  readonly by: string
  readonly host: string
  readonly milliseconds: number | null
}

const VERSION = 1

const CREATE = `
create schema if not exists schemactl;
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
create index if not exists event_plan on schemactl.event (plan, sequence);
comment on schema schemactl is 'Journal of schemactl: plans that were applied to this database, whole. Not part of the managed schema.'`

export async function exists(session: Session): Promise<boolean> {
  const [row] = await session.query<{ found: boolean }>(`select pg_catalog.to_regclass('schemactl.plan') is not null as found`)
  return row?.found ?? false
}

/** Makes the journal where it is missing. Throws UserError where a newer schemactl made it. */
export async function ensure(session: Session): Promise<void> {
  if (!(await exists(session))) {
    await session.execute(`begin;${CREATE};commit`).catch(async (error: unknown) => {
      await session.execute('rollback')
      throw error
    })
  }
  const [row] = await session.query<{ version: number }>('select max(version) as version from schemactl.version')
  if ((row?.version ?? 0) > VERSION)
    throw new UserError('journal-too-new', `The journal in this database has version ${row?.version}; this schemactl knows version ${VERSION}.`, { next: 'Update schemactl.' })
}

const ENTRY = `id, title, digest, parent, status, segments_done as "segmentsDone", segments,
  to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at, by, host, tool, seconds::float8 as seconds`

/** All plans, oldest first; none where there is no journal. */
export async function entries(session: Session): Promise<Entry[]> {
  return (await exists(session)) ? session.query<Entry>(`select ${ENTRY} from schemactl.plan order by sequence`) : []
}

export async function events(session: Session): Promise<Event[]> {
  if (!(await exists(session))) return []
  return session.query<Event>(
    `select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at, plan, action, segment, outcome, by, host, milliseconds::float8 as milliseconds
     from schemactl.event order by sequence`,
  )
}

/** The plan as it was applied, whether or not its file is still there. */
export async function planOf(session: Session, id: string): Promise<Plan> {
  const [row] = await session.query<{ content: string }>('select content from schemactl.plan where id = $1', [id])
  if (!row) throw new UserError('unknown-plan', `The journal of this database knows no plan ${id}.`, { next: 'schemactl history lists the plans it knows.' })
  return parsePlan(row.content, `plan ${id} in the journal`)
}

/** Records where a plan stands; within the caller's transaction, if one is open. */
export async function record(session: Session, plan: Plan, status: Entry['status'], segmentsDone: number, seconds: number | null): Promise<void> {
  const who = runner()
  await session.query(
    `insert into schemactl.plan (id, title, digest, parent, content, status, segments_done, segments, by, host, tool, seconds)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
     on conflict (id) do update set status = excluded.status, segments_done = excluded.segments_done, at = now(), by = excluded.by, host = excluded.host,
       tool = excluded.tool, seconds = coalesce(excluded.seconds, plan.seconds), content = excluded.content, digest = excluded.digest`,
    [plan.id, plan.title, plan.digest, plan.parent, formatPlan(plan), status, segmentsDone, plan.segments.length, who.by, who.host, plan.tool, seconds],
  )
}

export async function note(session: Session, plan: string, action: string, segment: number | null, outcome: string, milliseconds: number | null): Promise<void> {
  const who = runner()
  await session.query('insert into schemactl.event (plan, action, segment, outcome, by, host, milliseconds) values ($1, $2, $3, $4, $5, $6, $7)', [
    plan, action, segment, outcome, who.by, who.host, milliseconds,
  ])
}

/** A whole state of the database, in the row of the plan that led to it. */
export async function saveSnapshot(session: Session, plan: string, catalog: Catalog): Promise<void> {
  const objects = [...catalog.objects.values()].map(({ id, key, definition, parent }) => ({ id, key, definition, ...(parent === undefined ? {} : { parent }) }))
  const packed = gzipSync(JSON.stringify({ major: catalog.major, role: catalog.role, objects }))
  await session.query(`update schemactl.plan set snapshot = decode($2, 'base64') where id = $1`, [plan, packed.toString('base64')])
}

/** The state that was last agreed: that of the newest plan in force. Null without one. */
export async function lastSnapshot(session: Session): Promise<{ readonly plan: string; readonly catalog: Catalog } | null> {
  if (!(await exists(session))) return null
  const [row] = await session.query<{ id: string; snapshot: string | null }>(
    `select id, encode(snapshot, 'base64') as snapshot from schemactl.plan where snapshot is not null order by at desc, sequence desc limit 1`,
  )
  if (!row?.snapshot) return null
  const { major, role, objects } = JSON.parse(gunzipSync(Buffer.from(row.snapshot, 'base64')).toString()) as { major: number; role: string; objects: CatalogObject[] }
  return { plan: row.id, catalog: { major, role, objects: new Map(objects.map((object) => [object.key, object])), needs: new Map(), unmodelled: [] } }
}

function runner(): { readonly by: string; readonly host: string } {
  return { by: process.env.SCHEMACTL_USER ?? userName(), host: hostname() }
}

/** A container may run under a uid that has no name. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}
