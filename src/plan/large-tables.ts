import { idOf } from '../catalog/id.js'
import type { OnlineMode } from '../config/settings.js'
import type { Comparison } from '../diff/compare.js'
import { kindOf } from '../kinds/registry.js'
import type { Session } from '../postgres/session.js'
import type { Renamed } from './renames.js'

/** Below it, what locks the table holds its lock for milliseconds. */
const LARGE = 1024 * 1024

/** The tables on which something changes that has an online form, and for which the mode wants it. One query, whatever their number. */
export async function tablesToKeepOnline(
  session: Session,
  { live, formerly }: Renamed,
  { changes, after: target }: Pick<Comparison, 'changes' | 'after'>,
  mode: OnlineMode,
): Promise<ReadonlySet<string>> {
  const tables = new Set<string>()
  if (mode === 'never') return tables
  for (const { before, after } of changes.values()) {
    const parent = (after ?? before)?.parent
    if (parent !== undefined && kindOf((after ?? before)?.id.kind ?? '').online && live.objects.has(parent) && target.objects.has(parent))
      tables.add(parent)
  }
  return largeAmong(session, tables, formerly, mode)
}

/** Of these tables, those that the mode takes for large. */
export async function largeAmong(
  session: Session,
  tables: ReadonlySet<string>,
  formerly: Renamed['formerly'],
  mode: OnlineMode,
): Promise<ReadonlySet<string>> {
  if (mode === 'never') return new Set()
  if (mode === 'always' || tables.size === 0) return tables
  const keys = [...tables].sort()
  const paths = keys.map((key) => idOf(formerly.get(key) ?? key).path)
  const rows = await session.query<{ i: number }>(LARGER, [paths.map(([space]) => space), paths.map(([, name]) => name), LARGE])
  return new Set(rows.map(({ i }) => keys[i - 1] ?? ''))
}

/** By the size of their files, with those of their partitions and heirs: pg_class.relpages is nothing until somebody analyses. */
const LARGER = `
with recursive part as (
  select w.i, c.oid
  from unnest($1::text[], $2::text[]) with ordinality w(space, name, i)
  join pg_catalog.pg_namespace n on n.nspname = w.space
  join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.name
  union
  select part.i, h.inhrelid from part join pg_catalog.pg_inherits h on h.inhparent = part.oid
)
select i::int as i from part group by i having sum(pg_catalog.pg_relation_size(oid)) > $3 order by i`
