import { quoteIdentifier } from '../sql/quote.js'
import type { Session } from './session.js'

/** A foreign key between two tables, in the state that the files ask for. */
export interface ForeignKey {
  readonly constraint: string
  readonly child: readonly [schema: string, name: string]
  readonly columns: readonly string[]
  readonly parent: readonly [schema: string, name: string]
  readonly parentColumns: readonly string[]
  /** Of the columns of the child, qualified. */
  readonly types: readonly string[]
  /** `operator(pg_catalog.=)` of each pair, the parent's column first. */
  readonly operators: readonly string[]
  readonly deferrable: boolean
}

/** A declared row that refers to no declared row of the parent: the live table may have that one. */
export interface Orphan {
  /** `schema/data/ciudad.csv:3`. */
  readonly place: string
  /** `id 3, pais XX`. */
  readonly row: string
  readonly values: readonly string[]
  /** Which of the declared rows of its table it is. */
  readonly declared: number
}

/** A table's declared rows, read by PostgreSQL and still there, in the order in which they are declared. */
export interface Copied {
  readonly table: readonly [schema: string, name: string]
  /** Its quoted name; null: no row is declared. */
  readonly copy: string | null
}

/** For each declared row, by its index, what it refers to in vain among the declared rows of the parent. */
export async function orphansIn(
  session: Session,
  child: Copied,
  key: ForeignKey,
  parent: Copied | undefined,
): Promise<{ readonly i: number; readonly values: string[] }[]> {
  if (child.copy === null) return []
  const mine = key.columns.map((name) => `t.${quoteIdentifier(name)}`)
  const same = mine.map((column, i) => `p.${quoteIdentifier(key.parentColumns[i] ?? '')} ${key.operators[i]} ${column}`)
  const found = parent?.copy ? ` and not exists (select from ${parent.copy} p where ${same.join(' and ')})` : ''
  return session.query(
    `select i, refers as values from (
       select (row_number() over (order by t.ctid))::int - 1 as i, array[${mine.map((column) => `${column}::text`).join(', ')}] as refers,
              ${mine.map((column) => `${column} is not null`).join(' and ')}${found} as orphan
       from ${child.copy} t) refering
     where orphan order by i`,
  )
}

/** Foreign keys of these tables. */
export async function foreignKeysOf(session: Session, tables: readonly Copied['table'][]): Promise<ForeignKey[]> {
  if (tables.length === 0) return []
  const rows = await session.query<{ key: string }>(FOREIGN_KEYS, [tables.map(([schema]) => schema), tables.map(([, name]) => name)])
  return rows.map(({ key }) => JSON.parse(key) as ForeignKey)
}

// conenforced is new in 18. Keys of partitions are clones of the whole table's (conparentid).
const FOREIGN_KEYS = `
with declared as (
  select c.oid
  from rows from (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])) k(schema, name)
  join pg_catalog.pg_namespace n on n.nspname = k.schema
  join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = k.name
)
select pg_catalog.json_build_object(
  'constraint', f.conname,
  'deferrable', f.condeferrable,
  'child', pg_catalog.json_build_array(cn.nspname, c.relname),
  'parent', pg_catalog.json_build_array(pn.nspname, p.relname),
  'columns', (select pg_catalog.json_agg(a.attname order by k.i)
              from pg_catalog.unnest(f.conkey) with ordinality k(attnum, i)
              join pg_catalog.pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.attnum),
  'types', (select pg_catalog.json_agg(pg_catalog.format_type(a.atttypid, a.atttypmod) order by k.i)
            from pg_catalog.unnest(f.conkey) with ordinality k(attnum, i)
            join pg_catalog.pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.attnum),
  'parentColumns', (select pg_catalog.json_agg(a.attname order by k.i)
                    from pg_catalog.unnest(f.confkey) with ordinality k(attnum, i)
                    join pg_catalog.pg_attribute a on a.attrelid = f.confrelid and a.attnum = k.attnum),
  'operators', (select pg_catalog.json_agg(pg_catalog.format('operator(%I.%s)', n.nspname, o.oprname) order by k.i)
                from pg_catalog.unnest(f.conpfeqop) with ordinality k(oid, i)
                join pg_catalog.pg_operator o on o.oid = k.oid
                join pg_catalog.pg_namespace n on n.oid = o.oprnamespace)
)::text as key
from pg_catalog.pg_constraint f
join pg_catalog.pg_class c on c.oid = f.conrelid join pg_catalog.pg_namespace cn on cn.oid = c.relnamespace
join pg_catalog.pg_class p on p.oid = f.confrelid join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
where f.contype = 'f' and f.conparentid = 0
  and f.conrelid in (select oid from declared)
  and pg_catalog.to_jsonb(f) ->> 'conenforced' is distinct from 'false'
order by cn.nspname, c.relname, f.conname`
