import { equal } from '../catalog/canonical.js'
import type { Catalog, CatalogObject } from '../catalog/catalog.js'
import { idOf, type ObjectId } from '../catalog/id.js'
import { BLOCKING_MODES, type Impact, LOCK_MODES, type LockMode } from '../kinds/kind.js'
import { kindOf } from '../kinds/registry.js'
import type { Session } from '../postgres/session.js'

/** What the rehearsal saw of one step. */
export interface Seen {
  /** The strongest lock on each relation that was there before, by its key, once the step had run: those of the steps before it as well. */
  readonly held: ReadonlyMap<string, LockMode>
  /** Keys of those that this step locked, or locked more strongly. */
  readonly gained: ReadonlySet<string>
  /** Keys of those whose rows it wrote anew. */
  readonly rewritten: ReadonlySet<string>
}

export interface LockWatch {
  /** To be called within the transaction, once each step has run. */
  readonly after: (step: object) => Promise<void>
  readonly seen: ReadonlyMap<object, Seen>
}

interface Relation {
  readonly oid: number
  readonly key: string
  readonly file: number
}

/** Looks what each step locks of what is there before a transaction; null where nothing is. */
export async function watchLocks(session: Session, before: Catalog): Promise<LockWatch | null> {
  const relations = await relationsOf(session, before)
  if (relations.size === 0) return null
  const seen = new Map<object, Seen>()
  let held: ReadonlyMap<string, LockMode> = new Map()
  const files = new Map([...relations.values()].map(({ oid, file }) => [oid, file]))
  const after = async (step: object) => {
    const rows = await locksOf(session, [...files.keys()], [...files.values()])
    const now = new Map(rows.flatMap(({ oid, modes }) => strongest(relations.get(oid), modes)))
    const written = rows.filter(({ oid, file }) => file !== null && file !== files.get(oid))
    for (const { oid, file } of written) if (file !== null) files.set(oid, file)
    seen.set(step, {
      held: now,
      gained: new Set([...now].flatMap(([key, mode]) => (held.get(key) === mode ? [] : key))),
      rewritten: new Set(written.flatMap(({ oid }) => relations.get(oid)?.key ?? [])),
    })
    held = now
  }
  return { after, seen }
}

/** By their OIDs. */
async function relationsOf(session: Session, { objects }: Catalog): Promise<Map<number, Relation>> {
  const held = [...objects.values()].filter((object) => object.parent === undefined && object.id.path.length === 2 && isRelation(object))
  if (held.length === 0) return new Map()
  const rows = await session.query<{ oid: number; key: string; file: number }>(
    `select c.oid::int8::float8 as oid, w.key, c.relfilenode::int8::float8 as file
     from unnest($1::text[], $2::text[], $3::text[]) as w(key, schema, name)
     join pg_catalog.pg_namespace n on n.nspname = w.schema
     join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.name and c.relkind in ('r', 'p', 'f', 'm')`,
    [held.map(({ key }) => key), held.map(({ id }) => id.path[0]), held.map(({ id }) => id.path[1])],
  )
  return new Map(rows.map((row) => [row.oid, row]))
}

function isRelation(object: CatalogObject): boolean {
  return (
    kindOf(object.id.kind)
      .occupies?.(object)
      .some((name) => name.startsWith('relation ')) === true
  )
}

/** Those of these relations that our session has locked against writers, or whose file is another one now; one that is dropped has none. */
function locksOf(
  session: Session,
  oids: readonly number[],
  files: readonly number[],
): Promise<{ oid: number; file: number | null; modes: readonly string[] | null }[]> {
  return session.query(
    `select w.oid::int8::float8 as oid, c.relfilenode::int8::float8 as file, l.modes
     from unnest($1::oid[], $2::oid[]) as w(oid, file)
     left join pg_catalog.pg_class c on c.oid = w.oid
     left join (select l.relation, pg_catalog.array_agg(l.mode) as modes from pg_catalog.pg_locks l
                where l.pid = pg_catalog.pg_backend_pid() and l.locktype = 'relation' and l.mode = any($3) group by 1) l on l.relation = w.oid
     where l.modes is not null or (c.relfilenode <> w.file and c.relkind = 'r')`,
    [oids, files, BLOCKING_MODES.map(inLocks)],
  )
}

/** `SHARE ROW EXCLUSIVE` as pg_locks has it: `ShareRowExclusiveLock`. */
function inLocks(mode: LockMode): string {
  return `${mode.toLowerCase().replace(/(?:^| )(\w)/g, (_, letter: string) => letter.toUpperCase())}Lock`
}

function strongest(relation: Relation | undefined, modes: readonly string[] | null): [string, LockMode][] {
  const mode = BLOCKING_MODES.findLast((one) => modes?.includes(inLocks(one)))
  return relation === undefined || mode === undefined ? [] : [[relation.key, mode]]
}

/** What a step was said to do to the table that it is about, with what was seen of that, and of others. */
export function asSeen(impact: Impact, about: ObjectId | null, objects: readonly string[], seen: Seen | undefined): Impact {
  if (seen === undefined) return impact
  const isOwn = (key: string) => about !== null && equal(idOf(key).path, about.path)
  const mine = [...seen.gained].find(isOwn)
  // What an earlier step of the transaction took already is said there.
  const own = mine === undefined ? undefined : seen.held.get(mine)
  const lock = impact.lock !== undefined && own !== undefined && isStronger(own, impact.lock) ? own : impact.lock
  const others = [...seen.gained].filter((key) => !isOwn(key) && !objects.includes(key)).sort()
  const also = others.map((key) => ({ lock: seen.held.get(key) ?? 'SHARE', on: idOf(key) }))
  return {
    ...impact,
    ...(lock === undefined ? {} : { lock }),
    ...([...seen.rewritten].some(isOwn) ? { work: 'rewrite' as const } : {}),
    ...(also.length === 0 ? {} : { also }),
  }
}

function isStronger(one: LockMode, other: LockMode): boolean {
  return LOCK_MODES.indexOf(one) > LOCK_MODES.indexOf(other)
}
