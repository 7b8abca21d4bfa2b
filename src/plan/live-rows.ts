import type { Catalog, CatalogObject } from '../catalog/catalog.js'
import { idOf } from '../catalog/id.js'
import { type Comparison, comes, contextOf, unsettledObjects } from '../diff/compare.js'
import { kindOf } from '../kinds/registry.js'
import type { Session } from '../postgres/session.js'
import { quoteName } from '../sql/quote.js'
import { findRefusals } from './preflight.js'
import type { Renamed } from './renames.js'
import { reading } from './unreadable.js'

/**
 * Which of the tables that get something new, and stay, have a row in the live database, `now`. Two queries, whatever their number. Tables
 * that a pending plan will make have none yet.
 */
export async function tablesWithRows(
  session: Session,
  { live, formerly }: Renamed,
  comparison: Pick<Comparison, 'changes' | 'before' | 'after'>,
  now: Catalog,
): Promise<ReadonlySet<string>> {
  const { changes } = comparison
  const parents = new Set<string>()
  for (const change of changes.values()) {
    const parent = change.after?.parent
    if (parent === undefined || !comes(change) || !kindOf(change.after?.id.kind ?? '').fill || !holdsRows(live.objects.get(parent)))
      continue
    parents.add(parent)
  }
  const unsettled = await unsettledBy(session, comparison, formerly, now)
  if (parents.size === 0) return unsettled
  return new Set([...unsettled, ...(await holdingRows(session, formerly, now, [...parents]))])
}

/** What stays as it is and must be made anew for the sake of rows that are there now; also where these take too long to be looked at. */
async function unsettledBy(
  session: Session,
  { before, after }: Pick<Comparison, 'before' | 'after'>,
  formerly: Renamed['formerly'],
  now: Catalog,
): Promise<ReadonlySet<string>> {
  const asked = formerly.size > 0 ? [] : unsettledObjects(contextOf(after, before))
  const questions = asked.flatMap(({ object: { key, parent = '' }, condition }) => {
    const table = now.objects.get(parent)
    const query =
      table &&
      `select count(*)::int as count, null::text[] as sample from (select from ${quoteName(...table.id.path)} where ${condition} limit 1) x`
    return query === undefined ? [] : [{ title: key, preflight: [{ what: key, query }] }]
  })
  const found = await findRefusals(session, questions)
  return new Set(found.map(({ step }) => step))
}

/** Which of these tables have a row in the live database, `now`. */
export async function holdingRows(
  session: Session,
  formerly: Renamed['formerly'],
  now: Catalog,
  tables: readonly string[],
): Promise<ReadonlySet<string>> {
  const keys = tables.filter((key) => now.objects.has(formerly.get(key) ?? key)).sort()
  if (keys.length === 0) return new Set()
  const pathOf = (key: string) => idOf(formerly.get(key) ?? key).path
  const nameOf = (key: string) => quoteName(...pathOf(key))
  const elsewhere = await withForeignHeirs(session, keys, pathOf)
  const probes = keys.flatMap((key, i) => (elsewhere.has(key) ? [] : [`select ${i} as i where exists (select from ${nameOf(key)})`]))
  const paths = keys.filter((key) => !elsewhere.has(key)).map(pathOf)
  const rows = probes.length === 0 ? [] : await reading(session, paths, () => session.query<{ i: number }>(probes.join('\nunion all ')))
  return new Set([...elsewhere, ...rows.map(({ i }) => keys[i] ?? '')])
}

/** Tables some of whose rows are on another server, in a foreign partition or heir: they may have some. */
async function withForeignHeirs(
  session: Session,
  keys: readonly string[],
  pathOf: (key: string) => readonly string[],
): Promise<ReadonlySet<string>> {
  const paths = keys.map(pathOf)
  const rows = await session.query<{ i: number }>(
    `with recursive heir as (
       select i - 1 as i, c.oid
       from rows from (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])) with ordinality k(schema, name, i)
       join pg_catalog.pg_namespace n on n.nspname = k.schema
       join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = k.name
       union
       select heir.i, h.inhrelid from heir join pg_catalog.pg_inherits h on h.inhparent = heir.oid
     )
     select distinct heir.i::int as i from heir join pg_catalog.pg_class c on c.oid = heir.oid where c.relkind = 'f'`,
    [paths.map(([schema]) => schema), paths.map(([, name]) => name)],
  )
  return new Set(rows.map(({ i }) => keys[i] ?? ''))
}

/** Asked of tables of this database only: a foreign table would make us call its server. */
function holdsRows(parent: CatalogObject | undefined): boolean {
  return parent !== undefined && kindOf(parent.id.kind).holdsData === true
}
