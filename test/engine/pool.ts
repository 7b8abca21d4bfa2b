import { equal } from '../../src/catalog/canonical.js'
import type { Catalog } from '../../src/catalog/catalog.js'
import { connect } from '../../src/postgres/connect.js'
import { introspect } from '../../src/postgres/introspect.js'
import type { Session } from '../../src/postgres/session.js'
import { createDatabase, dropDatabase } from '../servers/index.js'

/** An empty database, with a session that has read it already. */
export interface Pooled {
  readonly url: string
  readonly session: Session
  /** Back to the pool, if it can be made as empty as it was; gone otherwise. */
  giveBack(): Promise<void>
}

interface Idle {
  readonly url: string
  readonly session: Session
  /** What an empty database is like. */
  readonly base: Catalog
}

const pools = new Map<string, Idle[]>()

/**
 * A database of the server that nobody else has. Most of what a fixture costs is the planning of the first catalog queries of a
 * session: databases are emptied and used again.
 */
export async function takeDatabase({ url: server }: { readonly url: string }): Promise<Pooled> {
  const pool = pools.get(server) ?? []
  pools.set(server, pool)
  const idle = pool.pop() ?? (await open(server))
  let given: Promise<void> | undefined
  return {
    url: idle.url,
    session: idle.session,
    // A shadow may be closed twice.
    giveBack: () => {
      given ??= giveBack(idle, pool)
      return given
    },
  }
}

// At the end of every test file that uses a database; outside jest there is no such hook.
const hooks = globalThis as { readonly afterAll?: (hook: () => Promise<void>) => void }
hooks.afterAll?.(closePools)

export async function closePools(): Promise<void> {
  const all = [...pools.values()].flat()
  pools.clear()
  await Promise.all(all.map(discard))
}

async function open(server: string): Promise<Idle> {
  const url = await createDatabase(server)
  const session = await connect({ kind: 'url', url })
  return { url, session, base: await introspect(session) }
}

async function giveBack(idle: Idle, pool: Idle[]): Promise<void> {
  try {
    await empty(idle.session)
    if (sameObjects(await introspect(idle.session), idle.base)) {
      pool.push(idle)
      return
    }
  } catch {
    // What cannot be emptied is not used again.
  }
  await discard(idle)
}

async function discard({ url, session }: Idle): Promise<void> {
  await dropSubscriptions(session).catch(() => undefined)
  await session.close().catch(() => undefined)
  await dropDatabase(url)
}

/** Objects of the cluster come and go with other tests. */
function sameObjects(now: Catalog, base: Catalog): boolean {
  const of = (catalog: Catalog) => [...catalog.objects.values()].filter(({ key }) => !/"(role|role settings|membership)"/.test(key))
  const objects = of(base)
  return of(now).length === objects.length && objects.every(({ key, definition }) => equal(now.objects.get(key)?.definition, definition))
}

/** Drops all but the schema `public` itself, which pg_dump would tell from a new one. */
async function empty(session: Session): Promise<void> {
  await session.execute('rollback; reset all; set client_min_messages = error')
  await dropSubscriptions(session)
  await session.execute(EMPTY)
  await session.execute('reset all')
}

// Each list is made before its first DROP: what cascades takes others along.
const EMPTY = `
do $$
declare statement text;
begin
  foreach statement in array array(
    select pg_catalog.format('drop event trigger %I', evtname) from pg_catalog.pg_event_trigger)
  loop execute statement; end loop;
  foreach statement in array array(
    select pg_catalog.format('drop publication %I', pubname) from pg_catalog.pg_publication union all
    select pg_catalog.format('drop extension %I cascade', extname) from pg_catalog.pg_extension where extname <> 'plpgsql' union all
    select pg_catalog.format('drop foreign data wrapper %I cascade', fdwname) from pg_catalog.pg_foreign_data_wrapper where oid >= 16384 union all
    select pg_catalog.format('drop schema %I cascade', nspname) from pg_catalog.pg_namespace
      where nspname !~ '^pg_' and nspname not in ('information_schema', 'public') union all
    select pg_catalog.format('select pg_catalog.lo_unlink(%s)', oid) from pg_catalog.pg_largeobject_metadata)
  loop execute statement; end loop;
  foreach statement in array array(
    select pg_catalog.format('drop %s if exists %s cascade', case a.type when 'composite type' then 'type' else a.type end, a.identity)
    from (
      select 'pg_catalog.pg_class'::pg_catalog.regclass as class, oid from pg_catalog.pg_class
        where relnamespace = 'public'::pg_catalog.regnamespace and relkind in ('r', 'p', 'v', 'm', 'S', 'f', 'c') union all
      ${[
        ['proc', 'pro'],
        ['operator', 'opr'],
        ['opclass', 'opc'],
        ['opfamily', 'opf'],
        ['collation', 'coll'],
        ['conversion', 'con'],
        ['ts_config', 'cfg'],
        ['ts_dict', 'dict'],
        ['ts_parser', 'prs'],
        ['ts_template', 'tmpl'],
      ]
        .map(
          ([catalog, prefix]) =>
            `select 'pg_catalog.pg_${catalog}'::pg_catalog.regclass, oid from pg_catalog.pg_${catalog} where ${prefix}namespace = 'public'::pg_catalog.regnamespace union all`,
        )
        .join('\n      ')}
      select 'pg_catalog.pg_type'::pg_catalog.regclass, oid from pg_catalog.pg_type
        where typnamespace = 'public'::pg_catalog.regnamespace and typtype in ('e', 'd', 'r', 'b') and typcategory <> 'A'
    ) o, lateral pg_catalog.pg_identify_object(o.class, o.oid, 0) a)
  loop execute statement; end loop;
end $$`

/** A database that has one cannot be dropped. */
async function dropSubscriptions(session: Session): Promise<void> {
  const rows = await session.query<{ name: string }>(
    `select pg_catalog.quote_ident(s.subname) as name from pg_catalog.pg_subscription s join pg_catalog.pg_database d on d.oid = s.subdbid
     where d.datname = pg_catalog.current_database()`,
  )
  for (const { name } of rows) {
    await session.execute(`alter subscription ${name} disable`)
    await session.execute(`alter subscription ${name} set (slot_name = none)`)
    await session.execute(`drop subscription ${name}`)
  }
}
