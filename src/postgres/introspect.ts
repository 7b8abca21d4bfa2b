import { createHash } from 'node:crypto'
import type { Catalog } from '../catalog/catalog.js'
import { KINDS } from '../kinds/registry.js'
import { Assembly, type DependencyRow } from './assembly.js'
import type { Session } from './session.js'
import { describeUnmodelled } from './unmodelled.js'

/** Catalog text follows these settings; they are pinned so that the same database reads the same from everywhere. */
export const PINNED_SETTINGS = `
set local search_path = '';
set local timezone = 'UTC';
set local datestyle = 'ISO, MDY';
set local intervalstyle = 'postgres';
set local bytea_output = 'hex';
set local extra_float_digits = 1;
set local quote_all_identifiers = off;
set local xmloption = content;
-- One wide query over small tables: compiling it costs more than running it.
set local jit = off;
set local statement_timeout = 0`

/**
 * Reads a whole database: a fixed number of set-based queries in one snapshot, whatever the number of objects.
 * Runs in a transaction of its own unless one is open (`inTransaction`). XX000 (something was dropped meanwhile) is read again, three times at most.
 */
export async function introspect(session: Session, options: { readonly inTransaction?: boolean } = {}): Promise<Catalog> {
  if (options.inTransaction) {
    await session.execute('savepoint schemactl_read')
    await session.execute(PINNED_SETTINGS)
    const catalog = await read(session)
    // Rolling back to the savepoint also takes the pinned settings back.
    await session.execute('rollback to savepoint schemactl_read; release savepoint schemactl_read')
    return catalog
  }
  for (let attempt = 1; ; attempt++) {
    await session.execute(`begin isolation level repeatable read read only; ${PINNED_SETTINGS}`)
    try {
      return await read(session)
    } catch (error) {
      if (attempt >= 3 || (error as { code?: string }).code !== 'XX000') throw error
    } finally {
      await session.execute('rollback')
    }
  }
}

async function read(session: Session): Promise<Catalog> {
  const [server] = await session.query<{ major: number; role: string }>(
    `select current_setting('server_version_num')::int / 10000 as major, current_user::text as role`,
  )
  if (!server) throw new Error('a SELECT without FROM returned no row')
  const rows = await session.query<{ kind: string; rows: string }>(await repeated(session, catalogQuery(server.major)))
  const byKind = new Map(rows.map((row) => [row.kind, row.rows]))
  const dependencies = await session.query<{ d: string }>(DEPENDENCIES)
  return assemble(byKind, JSON.parse(dependencies[0]?.d ?? '[]') as DependencyRow[], server, session)
}

const readings = new WeakMap<Session, number>()

/**
 * This session will be read again and again, and no pooler stands before it: from the second time on, the query is parsed and planned
 * already.
 */
export function expectReadings(session: Session): void {
  if (!readings.has(session)) readings.set(session, 0)
}

async function repeated(session: Session, query: string): Promise<string> {
  const before = readings.get(session)
  if (before === undefined) return query
  const count = before + 1
  readings.set(session, count)
  if (count === 1) return query
  if (count === 2) await session.execute(`prepare schemactl_read as ${query}`)
  return 'execute schemactl_read'
}

/** Changes whenever what is read does. */
export function queryDigest(major: number): string {
  return createHash('sha256').update(catalogQuery(major)).update(DEPENDENCIES).digest('hex')
}

function catalogQuery(major: number): string {
  return KINDS.map((kind) => {
    const query = typeof kind.query === 'function' ? kind.query(major) : kind.query
    return `select '${kind.name}' as kind, coalesce(json_agg(to_json(q)), '[]')::text as rows from (${query}) q`
  }).join('\nunion all\n')
}

const DEPENDENCIES = `
select coalesce(json_agg(json_build_array(classid::int8, objid::int8, objsubid, refclassid::int8, refobjid::int8, refobjsubid, deptype)), '[]')::text as d
from (
  select classid, objid, objsubid, refclassid, refobjid, refobjsubid, deptype
  from pg_catalog.pg_depend
  -- DEPENDS ON EXTENSION ('x') is an object of its own.
  where (objid >= 16384 or refobjid >= 16384 or deptype = 'e') and deptype <> 'x'
  union all
  -- A default speaks for its column; marked apart since its pg_depend edge is the same as that of a user of the column.
  select 'pg_catalog.pg_attrdef'::pg_catalog.regclass, oid, 0, 'pg_catalog.pg_class'::pg_catalog.regclass, adrelid, adnum, 'D'
  from pg_catalog.pg_attrdef
) d`

async function assemble(
  byKind: ReadonlyMap<string, string>,
  rows: readonly DependencyRow[],
  server: { readonly major: number; readonly role: string },
  session: Session,
): Promise<Catalog> {
  const catalog = new Assembly(byKind, rows, server.role)
  const unmodelled = await describeUnmodelled(session, catalog.unclaimed())
  return { objects: catalog.objects, needs: catalog.needs, unmodelled, major: server.major, role: server.role }
}
