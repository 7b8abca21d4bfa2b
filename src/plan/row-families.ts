import type { Session } from '../postgres/session.js'
import { quoteName } from '../sql/quote.js'
import { type ColumnRow, type Condition, conditionOf } from './row-values.js'

/** What a table inherits from or is a partition of. */
export interface Above {
  /** Quoted. */
  readonly names: readonly string[]
  /** The partitioned table that all its rows are of; null for a table that only inherits. */
  readonly root: string | null
}

/** Of the tables that have something above them, by their quoted names. */
export async function ancestors(session: Session): Promise<ReadonlyMap<string, Above>> {
  const rows = await session.query<{ path: string[]; above: string[][]; root: string[] | null }>(
    `with recursive up as (
       select inhrelid as rel, inhparent as above from pg_catalog.pg_inherits
       union
       select up.rel, i.inhparent from up join pg_catalog.pg_inherits i on i.inhrelid = up.above
     ), named as (select c.oid, array[n.nspname, c.relname]::text[] as path
                  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace)
     select t.path, pg_catalog.json_agg(a.path) as above,
            case when c.relispartition then (select r.path from named r where r.oid = pg_catalog.pg_partition_root(c.oid)) end as root
     from up join pg_catalog.pg_class c on c.oid = up.rel join named t on t.oid = c.oid join named a on a.oid = up.above
     where c.relkind = 'r'
     group by c.oid, c.relispartition, t.path`,
  )
  return new Map(
    rows.map(({ path, above, root }) => [
      quoteName(...path),
      { names: above.map((one) => quoteName(...one)), root: root && quoteName(...root) },
    ]),
  )
}

/** What a row must be like to be of this partition, and of those that it is in; nothing where it takes all. */
export async function partitionConditions(session: Session, path: readonly string[], columns: readonly ColumnRow[]): Promise<Condition[]> {
  const rows = await session.query<{ text: string | null }>(
    'select pg_catalog.pg_get_partition_constraintdef($1::pg_catalog.regclass) as text',
    [quoteName(...path)],
  )
  return rows.flatMap(({ text }) => (text === null ? [] : [conditionOf('', text, columns)]))
}
