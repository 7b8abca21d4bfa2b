import type { CatalogObject, Value } from '../catalog/catalog.js'
import { idOf } from '../catalog/id.js'
import { quoteIdentifier, quoteName } from '../sql/quote.js'
import { referenceOf } from './foreign-key.js'
import { keyColumns, namesIn } from './key-columns.js'
import { type Context, kind, NOT_SYSTEM, type Online } from './kind.js'
import { alterOptions, optionColumns, optionsOf, withOptions } from './options.js'
import { constraintRefusals } from './refusals.js'
import { chosenIndexName, type Spreading, spreadOver } from './spread.js'

type Constraint = {
  readonly type: 'primary key' | 'unique' | 'foreign key' | 'check' | 'exclude'
  /** pg_get_constraintdef() without what the attributes below tell. */
  readonly text: string
  /** Excludes only the rows that this holds for: ` WHERE (…)`, which follows storage parameters and tablespace. */
  readonly predicate: string | null
  readonly deferrable: boolean
  readonly deferred: boolean
  readonly validated: boolean
  readonly enforced: boolean
  /** Storage parameters of the index behind it. */
  readonly options: readonly string[]
  readonly tablespace: string | null
  readonly local: boolean
  /** Of a partition or of a plain table; the first must have it before it is attached. */
  readonly onPartition: boolean
  readonly onPartitioned: boolean
  /** Excludes, and came with that of the partitioned table: of such, ATTACH takes none that is there, but makes its own (17 and 18). */
  readonly cloned: true | null
  /** Excludes: on a partitioned table it is made on all partitions at once. */
  readonly excludes: true | null
  /** Its columns are those of another key: CREATE TABLE would make one key of both (14 to 18), so that it needs a statement of its own. */
  readonly repeats: boolean
  /** A foreign key between two unlogged tables; null: not so. While they change, one is what the other may not refer to. */
  readonly unlogged: true | null
}

export const constraint = kind<Constraint>({
  name: 'constraint',
  query: (major) => `
    select 'pg_catalog.pg_constraint'::pg_catalog.regclass::oid as classid, k.oid, 0 as subid,
           array[n.nspname, c.relname, k.conname]::text[] as path,
           'pg_catalog.pg_class'::pg_catalog.regclass::oid as parentclassid, c.oid as parentoid, 0 as parentsubid,
           100000 + pg_catalog.strpos('puxfc', k.contype::text) as position,
           case k.contype when 'p' then 'primary key' when 'u' then 'unique' when 'f' then 'foreign key' when 'c' then 'check' else 'exclude' end as type,
           pg_catalog.left(x.def, pg_catalog.length(x.def) - pg_catalog.length(x.options || coalesce(x.predicate, '') || x.tail)) as text,
           x.predicate,
           k.condeferrable as deferrable, k.condeferred as deferred, k.convalidated as validated,
           ${major >= 18 ? 'k.conenforced' : 'true'} as enforced,
           ${optionColumns(`(case when k.contype in ('p', 'u', 'x') then i.reloptions end)`)},
           case when k.contype in ('p', 'u', 'x') then s.spcname::text end as tablespace,
           k.conislocal and not c.relispartition as local,
           c.relispartition as "onPartition",
           c.relkind = 'p' as "onPartitioned",
           case when k.conparentid <> 0 and ${excluding(major)} then true end as cloned,
           case when ${excluding(major)} then true end as excludes,
           k.contype in ('u', 'x') and exists (
             select from pg_catalog.pg_constraint other
             where other.conrelid = k.conrelid and other.conkey = k.conkey
               and (other.contype = 'p' or (other.contype = k.contype and other.conname < k.conname))) as repeats,
           case when k.contype = 'f' and k.confrelid <> k.conrelid and c.relpersistence = 'u'
             and (select f.relpersistence = 'u' from pg_catalog.pg_class f where f.oid = k.confrelid) then true end as unlogged,
           case when k.conparentid <> 0 and ${excluding(major)} then
             pg_catalog.json_build_array(pg_catalog.json_build_array('pg_catalog.pg_constraint'::pg_catalog.regclass::oid::int8, k.conparentid::int8, 0))
           when k.contype = 'c' and k.coninhcount > 0 then (
             select pg_catalog.json_agg(pg_catalog.json_build_array('pg_catalog.pg_constraint'::pg_catalog.regclass::oid::int8, pk.oid::int8, 0))
             from pg_catalog.pg_inherits h join pg_catalog.pg_constraint pk on pk.conrelid = h.inhparent
             where h.inhrelid = c.oid and pk.conname = k.conname and pk.contype = 'c') end as echoes,
           k.conislocal and not c.relispartition as own,
           -- A key of a partition whose index is part of one that is no key: it goes with that.
           case when k.contype in ('p', 'u') and c.relispartition then (
             select pg_catalog.json_agg(pg_catalog.json_build_array('pg_catalog.pg_class'::pg_catalog.regclass::oid::int8, h.inhparent::int8, 0))
             from pg_catalog.pg_inherits h
             where h.inhrelid = k.conindid and not exists (
               select from pg_catalog.pg_constraint pk where pk.conindid = h.inhparent and pk.contype in ('p', 'u', 'x'))) end as ownedby,
           -- pg_depend has the key that it refers to; what is altered of that key's table counts as well.
           -- What excludes has its expressions and its condition in its index: only that depends on what is in them.
           case when k.contype = 'f' and k.confrelid <> k.conrelid then
             pg_catalog.json_build_array(pg_catalog.json_build_array('pg_catalog.pg_class'::pg_catalog.regclass::oid::int8, k.confrelid::int8, 0))
           when ${excluding(major)} then (
             select pg_catalog.json_agg(pg_catalog.json_build_array(d.refclassid::int8, d.refobjid::int8, d.refobjsubid))
             from pg_catalog.pg_depend d
             where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = k.conindid and d.deptype in ('n', 'a')) end as needs,
           -- A check that is not valid is not so on the heirs that are there before it; one that is not enforced is so on all.
           case when k.contype = 'c' and not k.convalidated${major >= 18 ? ' and k.conenforced' : ''} then (
             select pg_catalog.json_agg(pg_catalog.json_build_array('table', hn.nspname, hc.relname))
             from pg_catalog.pg_inherits h
             join pg_catalog.pg_constraint heir on heir.conrelid = h.inhrelid and heir.conname = k.conname and heir.contype = 'c'
             join pg_catalog.pg_class hc on hc.oid = h.inhrelid
             join pg_catalog.pg_namespace hn on hn.oid = hc.relnamespace
             where h.inhparent = c.oid and not heir.convalidated and not hc.relispartition)
           -- A key that not all partitions have is made once they are there: what is attached to one that stands is given it.
           when k.contype in ('p', 'u') and c.relkind = 'p' and exists (
             select from pg_catalog.pg_index x where x.indexrelid = k.conindid and not x.indisvalid) then (
             select pg_catalog.json_agg(pg_catalog.json_build_array('partition', pn.nspname, p.relname))
             from pg_catalog.pg_inherits h
             join pg_catalog.pg_class p on p.oid = h.inhrelid
             join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
             where h.inhparent = c.oid)
           -- No partition to which a row refers is detached; nor is one attached under the eyes of a foreign key that is to come. A
           -- partition of the table itself would keep a foreign key of its own when it is detached. A partitioned table's key counts once
           -- the indexes of all partitions are attached.
           when k.contype = 'f' then (
             select pg_catalog.json_agg(pg_catalog.json_build_array(case when p.relkind in ('i', 'I') then 'index attachment' else 'partition' end,
                      pn.nspname, p.relname))
             from (select t.relid from pg_catalog.pg_partition_tree(k.confrelid) t
                   where not exists (select from pg_catalog.pg_partition_tree(k.confrelid) own where own.relid = k.conrelid)
                   union
                   select t.relid from pg_catalog.pg_partition_tree(k.conrelid) t where t.relid <> k.conrelid
                   union
                   select t.relid from pg_catalog.pg_partition_tree(k.conindid) t where t.relid <> k.conindid) t
             join pg_catalog.pg_class p on p.oid = t.relid
             join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
             where p.relispartition) end as afterids
    from pg_catalog.pg_constraint k
    join pg_catalog.pg_class c on c.oid = k.conrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    left join pg_catalog.pg_class i on i.oid = k.conindid
    left join pg_catalog.pg_tablespace s on s.oid = i.reltablespace,
    lateral (
      select pg_catalog.pg_get_constraintdef(k.oid) as def,
             -- Of what excludes, the text has them as well.
             case when k.contype = 'x' then coalesce(' WITH (' || (
               select pg_catalog.string_agg(pg_catalog.quote_ident(o.name) || '=' || case when pg_catalog.quote_ident(o.value) = o.value then o.value else pg_catalog.quote_literal(o.value) end, ', ' order by o.ord)
               from (select pg_catalog.split_part(w.o, '=', 1) as name, pg_catalog.substr(w.o, pg_catalog.strpos(w.o, '=') + 1) as value, w.ord
                     from pg_catalog.unnest(i.reloptions) with ordinality w (o, ord)) o) || ')', '') else '' end as options,
             case when k.contype = 'x' then (
               select ' WHERE (' || pg_catalog.pg_get_expr(ix.indpred, ix.indrelid) || ')' from pg_catalog.pg_index ix where ix.indexrelid = k.conindid) end as predicate,
             case when k.condeferrable then ' DEFERRABLE' else '' end
             || case when k.condeferred then ' INITIALLY DEFERRED' else '' end
             || ${major >= 18 ? `case when not k.conenforced then ' NOT ENFORCED' when not k.convalidated then ' NOT VALID' else '' end` : `case when not k.convalidated then ' NOT VALID' else '' end`} as tail
    ) x
    where k.contype in ('p', 'u', 'f', 'c', 'x') and (k.contype <> 'f' or k.conparentid = 0) and c.relpersistence <> 't' and ${NOT_SYSTEM}`,
  target: (id) => `constraint ${quoteIdentifier(id.path[2] ?? '')} on ${quoteName(...id.path.slice(0, 2))}`,
  rename: (id, newName) =>
    `alter table ${quoteName(...id.path.slice(0, 2))} rename constraint ${quoteIdentifier(id.path[2] ?? '')} to ${quoteIdentifier(newName)}`,
  nameless: (object) => JSON.stringify([object.parent, object.definition]),
  create: (object) =>
    inheritedOnly(object) || object.definition.cloned ? [] : `alter table ${only(object)}${table(object)} add ${fragment(object)}`,
  inline: (object) =>
    inheritedOnly(object) ||
    object.definition.cloned ||
    object.definition.repeats ||
    (!object.definition.validated && object.definition.enforced)
      ? null
      : fragment(object),
  // Valid on an heir that is younger than its parent's check.
  finish: (object, { find }) =>
    inheritedOnly(object) && object.definition.validated && object.echoes?.some((key) => find(idOf(key))?.definition.validated === false)
      ? `alter table ${table(object)} validate constraint ${name(object)}`
      : [],
  drop: (object) => `alter table ${table(object)} drop constraint ${name(object)}`,
  alter: {
    type: 'recreate',
    text: 'recreate',
    predicate: 'recreate',
    local: () => [],
    onPartition: () => [],
    onPartitioned: () => [],
    cloned: (after) => (after.definition.cloned ? null : []),
    excludes: () => [],
    repeats: () => [],
    unlogged: 'recreate',
    deferrable: (after) => deferrability(after),
    deferred: (after, before) =>
      after.definition.deferrable === before.definition.deferrable
        ? deferrability(after)
        : after.definition.type === 'foreign key'
          ? []
          : null,
    enforced: (after) =>
      after.definition.type === 'foreign key' ? `${alter(after)} ${after.definition.enforced ? 'enforced' : 'not enforced'}` : null,
    validated: (after, before) =>
      after.definition.enforced !== before.definition.enforced
        ? []
        : after.definition.validated
          ? `alter table ${table(after)} validate constraint ${name(after)}`
          : // What is only inherited cannot be dropped, and goes with its model: VALIDATE of it alone is left as it is.
            inheritedOnly(after)
            ? []
            : null,
    options: (after, before) => alterOptions(index(after), optionsOf(after), optionsOf(before)),
    tablespace: (after) => `${index(after)} set tablespace ${quoteIdentifier(after.definition.tablespace ?? 'pg_default')}`,
  },
  // The columns of a foreign key are retyped one after the other, and compared in between.
  followsRetype: (object, { before, after, anew }) =>
    object.definition.type !== 'foreign key' || (!anew && areComparable(before?.definition.type, after?.definition.type)),
  letsGoFirst: true,
  holdsOwner: true,
  whenStated: ['tablespace'],
  occupies: (object) => {
    const { type } = object.definition
    return [
      `constraint ${quoteName(...object.id.path)}`,
      ...(type === 'primary key' ? [`primary key of ${table(object)}`] : []),
      ...(['primary key', 'unique', 'exclude'].includes(type)
        ? [`relation ${quoteName(object.id.path[0] ?? '', object.id.path[2] ?? '')}`]
        : []),
    ]
  },
  tellsApart: ({ definition }) => keyColumns(definition.text),
  refers: ({ definition }) => (definition.enforced ? referenceOf(definition.text) : null),
  refusals: constraintRefusals,
  halfway: (before, after) =>
    before && before.definition.text === after?.definition.text && before.definition.predicate === after.definition.predicate
      ? before.definition
      : null,
  impact: (operation, _before, after) => {
    const type = after?.definition.type
    if (operation === 'drop') return { lock: 'ACCESS EXCLUSIVE' }
    if (operation === 'alter')
      return after?.definition.validated ? { lock: 'SHARE UPDATE EXCLUSIVE', work: 'scan' } : { lock: 'ACCESS EXCLUSIVE' }
    if (!after?.definition.validated || only(after) !== '')
      return { lock: type === 'foreign key' ? 'SHARE ROW EXCLUSIVE' : 'ACCESS EXCLUSIVE' }
    return { lock: type === 'foreign key' ? 'SHARE ROW EXCLUSIVE' : 'ACCESS EXCLUSIVE', work: 'scan' }
  },
  online: (change, context) => {
    if (change.verb === 'alter' && change.attributes.join() === 'validated') return validation(change.after)
    if (change.verb !== 'create' && change.verb !== 'replace') return null
    const before = change.verb === 'replace' ? change.before : null
    if (before && (before.definition.type !== change.after.definition.type || inheritedOnly(before))) return null
    if (before && before.definition.unlogged !== change.after.definition.unlogged) return null
    const { type } = change.after.definition
    if (inheritedOnly(change.after)) return null
    return type === 'primary key' || type === 'unique'
      ? keyOnline(change.after, before !== null, context)
      : type === 'exclude'
        ? null
        : validatedLater(change.after, before !== null, context)
  },
  spread: {
    over: (object, context, stays) => (only(object) === '' ? null : spreadOver(object, keySpreading, context, stays)),
    whole: (object) => ({ ...object, definition: { ...object.definition, onPartitioned: false } }),
  },
  unfinished: (object) => !object.definition.validated && object.definition.enforced,
})

/** Also by WITHOUT OVERLAPS. */
function excluding(major: number): string {
  return major >= 18 ? `(k.contype = 'x' or (k.contype in ('p', 'u') and k.conperiod))` : `k.contype = 'x'`
}

/** Types of which a foreign key joins any with any other. */
const COMPARABLE = [
  ['smallint', 'integer', 'bigint'],
  ['text', 'character varying'],
]

function areComparable(a: Value | undefined, b: Value | undefined): boolean {
  const [one, other] = [a, b].map((type) => String(type).replace(/\(.*\)/, ''))
  return one === other || COMPARABLE.some((types) => [one, other].every((type) => types.includes(type ?? '')))
}

function validation(after: CatalogObject<Constraint>): Online {
  return {
    sql: [`alter table ${table(after)} validate constraint ${name(after)}`],
    impact: { lock: 'SHARE UPDATE EXCLUSIVE', work: 'scan' },
    between: [],
  }
}

/** Added for new rows, which takes a moment; then the old ones are read beside the work of others. */
function validatedLater(after: CatalogObject<Constraint>, replaces: boolean, context: Context): Online | null {
  const { type, validated, enforced, onPartitioned } = after.definition
  // NOT VALID foreign keys of partitioned tables are of 18.
  if (!validated || !enforced || (type === 'foreign key' && onPartitioned)) return null
  const id = replaces ? context.beside(after.id, '__new') : after.id
  const added = { ...after, id, definition: { ...after.definition, validated: false } }
  return {
    sql: [
      `alter table ${table(after)} add ${fragment(added)}`,
      `alter table ${table(after)} validate constraint ${name(added)}`,
      ...(replaces
        ? [
            `alter table ${table(after)} drop constraint ${name(after)};\nalter table ${table(after)} rename constraint ${name(added)} to ${name(after)}`,
          ]
        : []),
    ],
    impact: {
      lock: 'SHARE UPDATE EXCLUSIVE',
      work: 'scan',
      briefly: type === 'foreign key' && !replaces ? 'SHARE ROW EXCLUSIVE' : 'ACCESS EXCLUSIVE',
    },
    between: replaces ? [id] : [],
  }
}

/** A key over an index that was built before it. */
function keyOnline(after: CatalogObject<Constraint>, replaces: boolean, context: Context): Online | null {
  const { text, tablespace, deferrable, deferred, onPartitioned } = after.definition
  const [, nulls = '', columns] = /^(?:PRIMARY KEY|UNIQUE)( NULLS NOT DISTINCT)? (\(.*\))$/s.exec(text) ?? []
  if (onPartitioned || tablespace !== null || columns === undefined || / WITHOUT OVERLAPS\)/.test(columns)) return null
  const [space = '', , own = ''] = after.id.path
  const built = replaces ? context.beside({ kind: 'index', path: [space, own] }, '__new') : { kind: 'index', path: [space, own] }
  const index = quoteIdentifier(built.path.at(-1) ?? '')
  const added = [
    `add constraint ${name(after)} ${after.definition.type} using index ${index}`,
    deferrable ? 'deferrable' : '',
    deferred ? 'initially deferred' : '',
  ].filter((word) => word !== '')
  return {
    sql: [
      `create unique index concurrently ${index} on ${table(after)} ${columns}${nulls.toLowerCase()}${withOptions(optionsOf(after))}`,
      `alter table ${table(after)} ${replaces ? `drop constraint ${name(after)}, ` : ''}${added.join(' ')}`,
    ],
    impact: { lock: 'SHARE UPDATE EXCLUSIVE', work: 'scan', briefly: 'ACCESS EXCLUSIVE' },
    between: [built],
  }
}

function table(object: CatalogObject): string {
  return quoteName(...object.id.path.slice(0, 2))
}

function name(object: CatalogObject): string {
  return quoteIdentifier(object.id.path[2] ?? '')
}

function alter(object: CatalogObject): string {
  return `alter table ${table(object)} alter constraint ${name(object)}`
}

/** The index behind a key has the key's name. */
function index(object: CatalogObject): string {
  return `alter index ${quoteName(object.id.path[0] ?? '', object.id.path[2] ?? '')}`
}

export const keySpreading: Spreading = {
  same: ({ definition: { type, text, deferrable, deferred, tablespace, options } }) =>
    (type === 'primary key' || type === 'unique') && tablespace === null && !String(text).includes('WITHOUT OVERLAPS')
      ? JSON.stringify([text, deferrable, deferred, options])
      : null,
  chosenName: ({ definition: { type, text } }, table) => {
    if (type === 'primary key') return chosenIndexName(table, [], 'pkey')
    const [, columns = '', included] = /^[^(]*\(([^()]*)\)(?: INCLUDE \(([^()]*)\))?$/.exec(String(text)) ?? []
    return chosenIndexName(table, namesIn(included === undefined ? columns : `${columns}, ${included}`), 'key')
  },
  besides: ({ path }) => [{ kind: 'key index', path: [path[0] ?? '', path[2] ?? ''] }],
}

/** ONLY on a partitioned table leaves the index to be attached: its partitions' keys are objects of their own, with names of their own. */
function only(object: CatalogObject<Constraint>): string {
  return object.definition.onPartitioned &&
    !object.definition.excludes &&
    ['primary key', 'unique', 'exclude'].includes(object.definition.type)
    ? 'only '
    : ''
}

function inheritedOnly(object: CatalogObject<Constraint>): boolean {
  return object.echoes !== undefined && !object.definition.local && !object.definition.onPartition
}

function deferrability(object: CatalogObject<Constraint>): string | null {
  const { deferrable, deferred, type } = object.definition
  if (type !== 'foreign key') return null
  return `${alter(object)} ${deferrable ? `deferrable initially ${deferred ? 'deferred' : 'immediate'}` : 'not deferrable'}`
}

function fragment(object: CatalogObject<Constraint>): string {
  const d = object.definition
  return [
    `constraint ${name(object)} ${d.text}`,
    // INCLUDE and key lists are part of the text; WITH follows it.
    withOptions(optionsOf(object)).trim(),
    d.tablespace === null ? '' : `using index tablespace ${quoteIdentifier(d.tablespace)}`,
    d.predicate?.trim() ?? '',
    d.deferrable ? 'deferrable' : '',
    d.deferred ? 'initially deferred' : '',
    d.enforced ? '' : 'not enforced',
    d.validated || !d.enforced ? '' : 'not valid',
  ]
    .filter((word) => word !== '')
    .join(' ')
}
