import { besideOthers, suffixed } from '../catalog/beside.js'
import type { CatalogObject } from '../catalog/catalog.js'
import { namesOf, quoteIdentifier, quoteLiteral, quoteName } from '../sql/quote.js'
import { bringRows, keepRows, kept, restored } from './archive.js'
import { alterInherits, attachedTo, INHERITS, inheritsClause, type Parent } from './inherits.js'
import { ARCHIVE, type Context, kind, NOT_SYSTEM } from './kind.js'
import { isMoved } from './moved-type.js'
import { alterOptions, optionColumns, optionsOf, withOptions } from './options.js'

type Table = {
  /** `permanent` or `unlogged`. */
  readonly persistence: string
  readonly partitionKey: string | null
  /** Of the columns in the key, which ALTER TYPE refuses; null without a key. */
  readonly partitionKeyTypes: readonly string[] | null
  /** The composite type of a typed table. */
  readonly ofType: string | null
  /** Inheritance parents, in order; a partition's parent is the partition object's business. */
  readonly inherits: readonly Parent[]
  readonly isPartition: boolean
  readonly options: readonly string[]
  readonly accessMethod: string | null
  readonly tablespace: string | null
  readonly rowSecurity: boolean
  readonly forceRowSecurity: boolean
}

export const table = kind<Table>({
  name: 'table',
  query: `
    select 'pg_catalog.pg_class'::pg_catalog.regclass::oid as classid, c.oid, 0 as subid,
           array[n.nspname, c.relname]::text[] as path,
           case c.relpersistence when 'u' then 'unlogged' else 'permanent' end as persistence,
           pg_catalog.pg_get_partkeydef(c.oid) as "partitionKey",
           case when c.relkind = 'p' then array(
                 select pg_catalog.format_type(a.atttypid, a.atttypmod)
                 from pg_catalog.pg_partitioned_table k, pg_catalog.pg_attribute a
                 where k.partrelid = c.oid and a.attrelid = c.oid and a.attnum = any (k.partattrs::int2[]) and a.attnum > 0
                 order by a.attnum)::text[] end as "partitionKeyTypes",
           -- Of these, and of the columns' collations, it must let go, too, while they are made anew.
           (select pg_catalog.json_agg(x.address)
            from pg_catalog.pg_partitioned_table k join pg_catalog.pg_attribute a on a.attrelid = k.partrelid,
            lateral (values
              (pg_catalog.json_build_array('pg_catalog.pg_type'::pg_catalog.regclass::oid::int8, a.atttypid::int8, 0)),
              (pg_catalog.json_build_array('pg_catalog.pg_collation'::pg_catalog.regclass::oid::int8, a.attcollation::int8, 0))) x (address)
            where k.partrelid = c.oid and a.attnum = any (k.partattrs::int2[]) and a.attnum > 0) as needs,
           case when c.reloftype <> 0 then pg_catalog.format_type(c.reloftype, null) end as "ofType",
           ${INHERITS},
           c.relispartition as "isPartition",
           ${optionColumns(`(coalesce(c.reloptions, '{}') || array(select 'toast.' || x from pg_catalog.unnest(t.reloptions) with ordinality u(x, i) order by i))`)},
           a.amname::text as "accessMethod",
           s.spcname::text as tablespace,
           c.relrowsecurity as "rowSecurity",
           c.relforcerowsecurity as "forceRowSecurity"
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    left join pg_catalog.pg_class t on t.oid = c.reltoastrelid
    left join pg_catalog.pg_am a on a.oid = c.relam
    left join pg_catalog.pg_tablespace s on s.oid = c.reltablespace
    where c.relkind in ('r', 'p') and c.relpersistence <> 't' and ${NOT_SYSTEM}`,
  target: (id) => `table ${quoteName(...id.path)}`,
  rename: (id, newName) => `alter table ${quoteName(...id.path)} rename to ${quoteIdentifier(newName)}`,
  create: (object, parts) => [
    createTable(object, parts),
    ...(object.definition.rowSecurity ? [`${alter(object)} enable row level security`] : []),
    ...(object.definition.forceRowSecurity ? [`${alter(object)} force row level security`] : []),
  ],
  alter: {
    partitionKey: 'recreate',
    // It has no rows of its own: they are in partitions, which are detached meanwhile.
    partitionKeyTypes: (after, before, context) => (keyMoved(after, before, context) ? [] : null),
    isPartition: () => [],
    ofType: (after) => (after.definition.ofType === null ? `${alter(after)} not of` : `${alter(after)} of ${after.definition.ofType}`),
    inherits: (after, before, context) => alterInherits(alter(after), after, before, context),
    persistence: (after) => `${alter(after)} set ${after.definition.persistence === 'unlogged' ? 'unlogged' : 'logged'}`,
    accessMethod: (after) =>
      after.definition.accessMethod === null ? null : `${alter(after)} set access method ${quoteName(after.definition.accessMethod)}`,
    tablespace: (after) => `${alter(after)} set tablespace ${quoteName(after.definition.tablespace ?? 'pg_default')}`,
    options: (after, before) => alterOptions(alter(after), optionsOf(after), optionsOf(before)),
    rowSecurity: (after) => `${alter(after)} ${after.definition.rowSecurity ? 'enable' : 'disable'} row level security`,
    forceRowSecurity: (after) => `${alter(after)} ${after.definition.forceRowSecurity ? 'force' : 'no force'} row level security`,
  },
  attachedTo: (object) => [...attachedTo(object), ...typeOf(object)],
  holdsData: true,
  rowType: true,
  remadeWithTypes: ({ definition }) => definition.partitionKey !== null,
  whenStated: ['tablespace'],
  occupies: (object) => [`relation ${quoteName(...object.id.path)}`, `type ${quoteName(...object.id.path)}`],
  hazard: (before, after) =>
    after === undefined
      ? before.definition.partitionKey === null
        ? 'drop-table'
        : null
      : before.definition.partitionKey !== after.definition.partitionKey
        ? 'rebuild-table'
        : null,
  archive: {
    keep: (object, place, { children }) => {
      const columns = valuesOf(children(object.id))
      return keepRows(quoteName(...object.id.path), place, columns.map(kept))
    },
    bringBack: (object, place, { children }) => {
      const columns = valuesOf(children(object.id))
      const table = quoteName(...object.id.path)
      const names = columns.map(({ id }) => quoteIdentifier(id.path.at(-1) ?? ''))
      const values = columns.map((column) => restored(column, 'kept'))
      const from = `${quoteName(ARCHIVE, place)} as kept`
      const counted = columns.filter(({ definition }) => definition.identity !== null).map((column) => `perform ${goOn(column)}`)
      const insert =
        names.length === 0
          ? `insert into ${table} select from ${from}`
          : `insert into ${table} (${names.join(', ')}) overriding system value select ${values.join(', ')} from ${from}`
      return [bringRows(object.id.path.join('.'), place, [insert, ...counted])]
    },
  },
  rebuild: {
    // Rows of a partitioned table are in its partitions, which stay.
    needed: ({ definition: before }, after) =>
      after !== undefined && (before.partitionKey === null) !== (after.definition.partitionKey === null),
    keep: (object, { children }) => {
      const [table, columns] = [quoteName(...object.id.path), valuesOf(children(object.id))]
      const values = columns.map(kept)
      const from =
        object.definition.partitionKey === null
          ? // Those of its heirs stay with them.
            `select ${values.join(', ')} from only ${table}`
          : `select ${[...values, `${PLACE} as ${placeName(columns)}`].join(', ')} from ${table} as t`
      return [
        `lock table ${table} in access exclusive mode`,
        // A policy that would hide rows is an error then.
        'set local row_security = off',
        `create temporary table ${keptRows(object)} on commit drop as ${from}`,
      ]
    },
    refill: (object, { children, former }) => {
      const pairs = valuesOf(children(object.id)).flatMap((column) => {
        const before = former(column.id)
        return before === undefined ? [] : [{ column, before }]
      })
      const names = pairs.map(({ column }) => quoteIdentifier(column.id.path.at(-1) ?? ''))
      const values = pairs.map(({ column, before }) => brought(column, before))
      const place = `kept.${placeName(pairs.map(({ before }) => before))}`
      // A partition that outlives the partitioned table keeps its rows, as when it is detached.
      const stayed =
        object.definition.partitionKey === null
          ? ` where pg_catalog.to_regclass(${place}) is null or ${place} = ${quoteLiteral(quoteName(...object.id.path))}`
          : ''
      return [
        // Nothing that was there is wanted: what is lost stands with each column.
        ...(pairs.length === 0
          ? []
          : [
              `insert into ${quoteName(...object.id.path)} (${names.join(', ')}) overriding system value select ${values.join(', ')} from pg_temp.${keptRows(object)} as kept${stayed}`,
            ]),
        ...pairs.filter(({ column }) => column.definition.identity !== null).map(({ column }) => `select ${goOn(column)}`),
        `drop table pg_temp.${keptRows(object)}`,
      ]
    },
  },
  impact: (operation, before, after) =>
    operation === 'alter' &&
    before &&
    after &&
    (before.definition.persistence !== after.definition.persistence ||
      before.definition.accessMethod !== after.definition.accessMethod ||
      before.definition.tablespace !== after.definition.tablespace)
      ? { lock: 'ACCESS EXCLUSIVE', work: 'rewrite' }
      : operation === 'create'
        ? {}
        : { lock: 'ACCESS EXCLUSIVE' },
})

/** The composite type that a typed table follows, as a path. */
function typeOf({ definition: { ofType } }: CatalogObject<Table>): readonly (readonly string[])[] {
  const path = ofType === null ? null : namesOf(ofType)
  return path === null ? [] : [path]
}

/** Only with the extensions that have the types: where a table becomes partitioned, or no longer is, its key says so. */
function keyMoved({ definition: after }: CatalogObject<Table>, { definition: before }: CatalogObject<Table>, context: Context): boolean {
  const [to, from] = [after.partitionKeyTypes ?? [], before.partitionKeyTypes ?? []]
  return to.length === from.length && to.every((type, i) => type === from[i] || isMoved(from[i] ?? '', type, context))
}

/** Where rows wait while their table is made anew: in a temporary table of the transaction. */
function keptRows({ id }: CatalogObject): string {
  return quoteIdentifier(suffixed(id.path[1] ?? '', '__rows'))
}

/** The relation in which a row of `t` is. */
const PLACE = `(
  select pg_catalog.format('%I.%I', n.nspname, c.relname)
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.oid = t.tableoid)`

/** A name for it beside those of the columns. */
function placeName(columns: readonly CatalogObject[]): string {
  const names = new Set(columns.map(({ id }) => id.path.at(-1)))
  const free = besideOthers({ kind: 'column', path: ['relation'] }, '', ({ path }) => names.has(path.at(-1)))
  return quoteName(...free.path)
}

/** A kept value in the type that its column has now. */
function brought(column: CatalogObject, before: CatalogObject): string {
  const name = `kept.${quoteIdentifier(column.id.path.at(-1) ?? '')}`
  return before.definition.type === column.definition.type ? restored(column, 'kept') : `${name}::${column.definition.type}`
}

/** What follows SELECT or PERFORM: the sequence of an identity goes on after the highest value that came back. */
function goOn({ id }: CatalogObject): string {
  const [name, table] = [id.path.at(-1) ?? '', quoteName(...id.path.slice(0, 2))]
  return `pg_catalog.setval(pg_catalog.pg_get_serial_sequence(${quoteLiteral(table)}, ${quoteLiteral(name)}), last) from (select pg_catalog.max(${quoteIdentifier(name)}) as last from ${table}) x where last is not null`
}

/** Columns whose values are rows' own, in their order. */
function valuesOf(parts: readonly CatalogObject[]): CatalogObject[] {
  return parts
    .filter(({ id, definition }) => id.kind === 'column' && definition.generated === null)
    .sort((a, b) => (a.position ?? 0) - (b.position ?? 0))
}

function alter(object: CatalogObject<Table>): string {
  return `alter table ${quoteName(...object.id.path)}`
}

function createTable(object: CatalogObject<Table>, parts: readonly string[]): string {
  const { definition: d } = object
  const list = parts.length === 0 ? (d.ofType === null ? ' ()' : '') : ` (\n  ${parts.join(',\n  ')}\n)`
  return [
    `create ${d.persistence === 'unlogged' ? 'unlogged ' : ''}table ${quoteName(...object.id.path)}`,
    d.ofType === null ? '' : ` of ${d.ofType}`,
    list,
    inheritsClause(d.inherits),
    d.partitionKey === null ? '' : ` partition by ${d.partitionKey}`,
    d.accessMethod === null || d.accessMethod === 'heap' ? '' : ` using ${quoteName(d.accessMethod)}`,
    withOptions(optionsOf(object)),
    d.tablespace === null ? '' : ` tablespace ${quoteName(d.tablespace)}`,
  ].join('')
}
