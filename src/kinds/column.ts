import { beside } from '../catalog/beside.js'
import { equal } from '../catalog/canonical.js'
import type { CatalogObject } from '../catalog/catalog.js'
import { idOf } from '../catalog/id.js'
import { quoteIdentifier, quoteLiteral, quoteName } from '../sql/quote.js'
import { bringRows, keepRows, kept, restored } from './archive.js'
import { alter, name, table } from './column-names.js'
import { filled, fillOf } from './fill.js'
import { alterIdentity, type Identity, identityClause, retypedIdentity, retypedSequence, sequenceOf } from './identity.js'
import { keyColumns } from './key-columns.js'
import { ARCHIVE, type Context, kind, list, NOT_SYSTEM, type Online, type Sql, type TableAction } from './kind.js'
import { isMoved } from './moved-type.js'
import { alterForeignOptions, alterOptions, foreignOptions, optionColumns, optionsOf, storageWord } from './options.js'
import { columnRefusals } from './refusals.js'
import { fromAbove, sharingHeirs } from './shared-heirs.js'
import { areNumbers, binaryCompatible, castVia, isText, widens } from './type-change.js'

type Column = {
  readonly type: string
  readonly collation: string | null
  readonly generated: { readonly expression: string; readonly stored: boolean } | null
  readonly identity: Identity | null
  readonly notNull: boolean
  /** PostgreSQL 18: the name of the not-null constraint where it is not the one that PostgreSQL would pick. */
  readonly notNullName: string | null
  readonly notNullNoInherit: boolean
  /** False: NOT VALID, which holds for new rows alone (18). */
  readonly notNullValid: boolean
  /** Its own column, but NOT NULL only since a parent has it so (18); null: not so. */
  readonly notNullInherited: true | null
  readonly storage: string | null
  readonly compression: string | null
  readonly statistics: number | null
  readonly options: readonly string[]
  readonly foreignOptions: readonly string[]
  /** Declared on the table itself, and not only inherited. */
  readonly local: boolean
  /** Of a typed table: name and type come from the composite type. */
  readonly typed: boolean
}

export const column = kind<Column>({
  name: 'column',
  query: (major) => `
    select 'pg_catalog.pg_class'::pg_catalog.regclass::oid as classid, c.oid, a.attnum as subid,
           array[n.nspname, c.relname, a.attname]::text[] as path,
           'pg_catalog.pg_class'::pg_catalog.regclass::oid as parentclassid, c.oid as parentoid, 0 as parentsubid,
           a.attnum as position,
           pg_catalog.format_type(a.atttypid, a.atttypmod) as type,
           case when a.attcollation <> t.typcollation then
             (select pg_catalog.format('%I.%I', cn.nspname, co.collname) from pg_catalog.pg_collation co
              join pg_catalog.pg_namespace cn on cn.oid = co.collnamespace where co.oid = a.attcollation) end as collation,
           case when a.attgenerated <> '' then pg_catalog.json_build_object(
             'expression', pg_catalog.pg_get_expr(d.adbin, d.adrelid), 'stored', a.attgenerated = 's') end as generated,
           case when a.attidentity <> '' and s.refobjid is not null then pg_catalog.jsonb_build_object(
             'sequence', s.relname,
             'persistence', ${major >= 15 ? `case when s.relpersistence <> c.relpersistence then case s.relpersistence when 'u' then 'unlogged' else 'logged' end end` : 'null'},
             'always', a.attidentity = 'a', 'start', s.seqstart::text, 'increment', s.seqincrement::text, 'min', s.seqmin::text,
             'max', s.seqmax::text, 'cache', s.seqcache::text, 'cycle', s.seqcycle)
             || case when s.seqtypid <> a.atttypid then pg_catalog.jsonb_build_object('type', pg_catalog.format_type(s.seqtypid, null)) else '{}' end end as identity,
           a.attnotnull as "notNull",
           ${major >= 18 ? `case when nn.conname <> pg_catalog.left(c.relname || '_' || a.attname, 54) || '_not_null' then nn.conname::text end` : 'null::text'} as "notNullName",
           ${major >= 18 ? 'coalesce(nn.connoinherit, false)' : 'false'} as "notNullNoInherit",
           ${major >= 18 ? 'coalesce(nn.convalidated, true)' : 'true'} as "notNullValid",
           ${major >= 18 ? 'case when nn.coninhcount > 0 and not nn.conislocal and not c.relispartition then true end' : 'null::boolean'} as "notNullInherited",
           case when a.attstorage <> t.typstorage then ${storageWord('a.attstorage')} end as storage,
           case a.attcompression when 'p' then 'pglz' when 'l' then 'lz4' end as compression,
           nullif(a.attstattarget, -1) as statistics,
           ${optionColumns('a.attoptions')},
           coalesce(a.attfdwoptions, '{}') as "foreignOptions",
           a.attislocal or c.relispartition as local,
           c.reloftype <> 0 as typed,
           case when a.attinhcount > 0 then (
             select pg_catalog.json_agg(pg_catalog.json_build_array('pg_catalog.pg_class'::pg_catalog.regclass::oid::int8, pa.attrelid::int8, pa.attnum))
             from pg_catalog.pg_inherits i join pg_catalog.pg_attribute pa on pa.attrelid = i.inhparent
             where i.inhrelid = c.oid and pa.attname = a.attname and not pa.attisdropped)
           when c.reloftype <> 0 then (
             select pg_catalog.json_build_array(pg_catalog.json_build_array('pg_catalog.pg_class'::pg_catalog.regclass::oid::int8, ta.attrelid::int8, ta.attnum))
             from pg_catalog.pg_type ot join pg_catalog.pg_attribute ta on ta.attrelid = ot.typrelid
             where ot.oid = c.reloftype and ta.attname = a.attname and not ta.attisdropped) end as echoes,
           a.attislocal and a.attinhcount > 0 and not c.relispartition as own
    from pg_catalog.pg_attribute a
    join pg_catalog.pg_class c on c.oid = a.attrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_type t on t.oid = a.atttypid
    left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    left join (
      select dep.refobjid, dep.refobjsubid, qc.relname, qc.relpersistence, q.*
      from pg_catalog.pg_depend dep join pg_catalog.pg_sequence q on q.seqrelid = dep.objid join pg_catalog.pg_class qc on qc.oid = q.seqrelid
      where dep.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and dep.refclassid = dep.classid and dep.deptype = 'i') s
      on s.refobjid = a.attrelid and s.refobjsubid = a.attnum
    ${major >= 18 ? `left join pg_catalog.pg_constraint nn on nn.conrelid = a.attrelid and nn.contype = 'n' and nn.conkey[1] = a.attnum` : ''}
    where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'f') and c.relpersistence <> 't' and ${NOT_SYSTEM}`,
  target: (id) => `column ${quoteName(...id.path)}`,
  rename: (id, newName) =>
    `alter table ${quoteName(...id.path.slice(0, -1))} rename column ${quoteIdentifier(id.path.at(-1) ?? '')} to ${quoteIdentifier(newName)}`,
  create: (object, parts, context) =>
    inheritedOnly(object) ? [] : `alter table ${table(object)} add column ${[fragment(object, context), ...parts].join(' ')}`,
  fill: (object, parts, context) => {
    const d = object.definition
    if (parts.length > 0 || !d.notNull || d.identity !== null || d.generated !== null || inheritedOnly(object)) return null
    const fill = fillOf(object, context.children(idOf(object.parent ?? '[""]')), context)
    return filled(fill, `alter table ${table(object)} add column ${fragment(object, context)}`, alter(object))
  },
  inline: (object, parts, context) =>
    inheritedOnly(object) ? null : object.definition.typed ? typedFragment(object, parts) : [fragment(object, context), ...parts].join(' '),
  // What the type of a table has comes with that, unless the table is given the type later on.
  precedes: ({ parent, definition: { typed } }, context) => {
    const id = idOf(parent ?? '[""]')
    return typed && context.former(id)?.definition.ofType !== context.find(id)?.definition.ofType
  },
  constraintNames: ({ id, definition: { notNullName } }) => (notNullName === null ? [] : [quoteName(id.path[0] ?? '', notNullName)]),
  finish: (object, context) => {
    const d = object.definition
    return [
      ...(inheritedOnly(object) ? unlikeModels(object, context) : []),
      ...retypedSequence(object),
      ...(d.notNull && !d.notNullValid && !d.notNullInherited && !inheritedOnly(object) ? [addNotNull(object)] : []),
      ...(d.storage === null ? [] : [`${alter(object)} set storage ${d.storage}`]),
      ...(d.statistics === null ? [] : [`${alter(object)} set statistics ${d.statistics}`]),
      ...alterOptions(alter(object), optionsOf(object), []),
      ...(inheritedOnly(object) && d.compression !== null ? [`${alter(object)} set compression ${d.compression}`] : []),
    ]
  },
  drop: (object) => `alter table ${table(object)} drop column ${name(object)}`,
  alter: {
    local: () => [],
    typed: () => [],
    generated: alterGenerated,
    identity: (after, before) => alterIdentity(after, before),
    type: (after, before, context) =>
      isMoved(before.definition.type, after.definition.type, context) ? [] : retype(after, before, context),
    // The collation is set with the type: ALTER TYPE is its only statement.
    collation: (after, before, context) => (after.definition.type === before.definition.type ? retype(after, before, context) : []),
    notNull: alterNotNull,
    // One that is inherited is renamed with that of the parent, and refused by itself.
    notNullName: (after, before) =>
      before.definition.notNull && !before.definition.notNullInherited && !after.definition.notNullInherited
        ? renameNotNull(after, before)
        : [],
    notNullNoInherit: (after, before) =>
      before.definition.notNull && after.definition.notNull
        ? `alter table ${table(after)} alter constraint ${notNullName(after)} ${after.definition.notNullNoInherit ? 'no inherit' : 'inherit'}`
        : [],
    notNullValid: (after, before) =>
      // An heir whose own is only inherited leaves its validity as the parent's way takes it.
      !before.definition.notNull || !after.definition.notNull || (after.definition.notNullInherited && !after.definition.notNullValid)
        ? []
        : after.definition.notNullValid
          ? // One that is only inherited is not renamed.
            `alter table ${table(after)} validate constraint ${notNullName(after.definition.notNullInherited ? before : after)}`
          : [`${alter(after)} drop not null`, addNotNull(after)],
    notNullInherited: (after, before) =>
      before.definition.notNull && after.definition.notNull && !after.definition.notNullInherited && !inheritedOnly(after)
        ? after.definition.notNullName === null || after.definition.notNullName === before.definition.notNullName
          ? `${alter(after)} set not null`
          : addNotNull(after)
        : [],
    // ALTER TYPE forgets storage and compression: `retype` states them again.
    storage: (after, _before, context) =>
      `${alter(after)} set storage ${after.definition.storage ?? defaultStorage(after.definition.type, context.major)}`,
    compression: (after) => `${alter(after)} set compression ${after.definition.compression ?? 'default'}`,
    statistics: (after) => `${alter(after)} set statistics ${after.definition.statistics ?? -1}`,
    options: (after, before) => alterOptions(alter(after), optionsOf(after), optionsOf(before)),
    foreignOptions: (after, before) =>
      alterForeignOptions(alter(after, 'foreign table'), after.definition.foreignOptions, before.definition.foreignOptions),
  },
  retype: (object) => {
    const { type, collation } = object.definition
    const bridge = type.endsWith('[]') ? 'text[]' : 'text'
    // Of another server's values none is converted, and PostgreSQL refuses to be told how.
    const using = isForeign(object) ? '' : ` using ${name(object)}::${bridge}::${type}`
    const text = collation === null ? using : ` collate ${collation}`
    return { alter: `alter table ${table(object)}`, action: `alter column ${name(object)} type ${type}${text}` }
  },
  disturbsDependents: ['type', 'collation'],
  joins: true,
  alteredWith: (object, context) => {
    const [first, second] = sharingHeirs(object, context)
    return first && second ? first.key : null
  },
  shapesRows: true,
  holdsData: (object) => object.definition.generated === null,
  whenStated: ['notNullName'],
  fromCreation: ['notNullName'],
  likeness: ({ definition: { identity, notNullName: _name, ...rest } }) => ({
    ...rest,
    identity: identity && { ...identity, sequence: null },
  }),
  occupies: (object) => (object.definition.identity === null ? [] : [`relation ${sequenceOf(object, object.definition.identity)}`]),
  hazard: (before, after) => {
    if (before.definition.generated !== null) return null
    if (after === undefined) return 'drop-column'
    if (before.definition.type !== after.definition.type && !widens(before.definition.type, after.definition.type)) return 'narrow-type'
    if (after.definition.generated !== null) return 'drop-column'
    return null
  },
  halfway: (before, after, context) => {
    const one = after ?? before
    if (!before || !after) return one ? (hasOwnValue(one, context) ? one.definition : { ...one.definition, ...NULLABLE }) : null
    if (!sameSource(before, after)) return before.definition
    const [from, to] = [before.definition, after.definition]
    const kept = from.type === to.type || widens(from.type, to.type) ? to : from
    return from.notNull && to.notNull ? kept : { ...kept, ...NULLABLE }
  },
  refusals: (before, after, live) => columnRefusals(before, after, live, widens),
  impact: (operation, before, after) => {
    if (operation === 'create')
      return {
        lock: 'ACCESS EXCLUSIVE',
        ...(after?.definition.generated?.stored || after?.definition.identity ? { work: 'rewrite' as const } : {}),
      }
    // Another collation under the same name leaves the rows as they are.
    if (operation === 'retype')
      return { lock: 'ACCESS EXCLUSIVE', ...(after?.definition.collation === null ? { work: 'rewrite' as const } : {}) }
    if (operation === 'alter' && before && after) {
      if (before.definition.type !== after.definition.type)
        return {
          lock: 'ACCESS EXCLUSIVE',
          ...(binaryCompatible(before.definition.type, after.definition.type) ? {} : { work: 'rewrite' as const }),
        }
      if (after.definition.generated !== null && !equal(before.definition.generated, after.definition.generated))
        return { lock: 'ACCESS EXCLUSIVE', work: 'rewrite' }
      if (!before.definition.notNull && after.definition.notNull) return { lock: 'ACCESS EXCLUSIVE', work: 'scan' }
      if (before.definition.statistics !== after.definition.statistics) return { lock: 'SHARE UPDATE EXCLUSIVE' }
    }
    return { lock: 'ACCESS EXCLUSIVE' }
  },
  archive: {
    keep: (object, place, before, after) => {
      const key = lastingKey(object, before, after)
      return key === null ? null : keepRows(table(object), place, [...key, object].map(kept))
    },
    bringBack: (object, place, before, after) => {
      const key = lastingKey(object, before, after) ?? []
      const [all, from] = [table(object), `${quoteName(ARCHIVE, place)} as kept`]
      const same = key.map((column) => `t.${name(column)} = ${restored(column, 'kept')}`).join(' and ')
      const without = `from only ${all} as t where not exists (select from ${from} where ${same})`
      const shown = `pg_catalog.concat_ws(', ', ${key.map((column) => `t.${name(column)}`).join(', ')})`
      return [
        bringRows(
          object.id.path.join('.'),
          place,
          [
            `update only ${all} as t set ${name(object)} = ${restored(object, 'kept')} from ${from} where ${same}`,
            `select count(*), (select pg_catalog.string_agg(x.k, '; ') from (select ${shown} as k ${without} limit 3) x) into missing, sample ${without}`,
            `if missing > 0 then raise warning '%: no value of their own for rows newer than what was archived: % (%)', ${quoteLiteral(object.id.path.join('.'))}, missing, sample; end if`,
          ],
          'missing bigint; sample text;',
        ),
      ]
    },
  },
  online: (change, context) => {
    if (change.verb !== 'alter' || !change.attributes.every((attribute) => attribute.startsWith('notNull'))) return null
    const { before, after } = change
    if (!after.definition.notNull || !after.definition.notNullValid) return null
    if (before.definition.notNull)
      return change.attributes.join() === 'notNullValid'
        ? {
            sql: [`alter table ${table(after)} validate constraint ${notNullName(after)}`],
            impact: { lock: 'SHARE UPDATE EXCLUSIVE', work: 'scan' },
            between: [],
          }
        : null
    return after.definition.notNullNoInherit ? null : notNullOnline(after, before, context)
  },
})

const NULLABLE = { notNull: false, notNullName: null, notNullNoInherit: false, notNullValid: true }

/** Do rows, a sequence or an expression give its values, in both states? */
function sameSource({ definition: a }: CatalogObject<Column>, { definition: b }: CatalogObject<Column>): boolean {
  return (a.identity === null) === (b.identity === null) && equal(a.generated, b.generated)
}

/** SET EXPRESSION is of 17, and of virtual ones refused under a check (18); it does not go together with another type. */
function alterGenerated(after: CatalogObject<Column>, before: CatalogObject<Column>, { major }: Context): Sql | null {
  const [to, from] = [after.definition.generated, before.definition.generated]
  if (!from?.stored) return null
  if (to === null) return `${alter(after)} drop expression`
  if (!to.stored || major < 17 || before.definition.type !== after.definition.type) return null
  return { alter: `alter table ${table(after)}`, action: `alter column ${name(after)} set expression as (${to.expression})` }
}

/** Rows get one by themselves: no one has to fill it. */
function hasOwnValue({ id, definition }: CatalogObject<Column>, context: Context): boolean {
  return definition.identity !== null || context.children(id).some(({ id: { kind } }) => kind === 'default')
}

/** The columns of the primary key, where they are there in both states: by them a value finds its row again. */
function lastingKey(object: CatalogObject, before: Context, after: Context): CatalogObject[] | null {
  const parent = idOf(object.parent ?? '[""]')
  const key = before.children(parent).find(({ definition }) => definition.type === 'primary key')
  const names = keyColumns(String(key?.definition.text ?? ''))
  if (names === null) return null
  const columns = names.map((own) => {
    const id = { kind: object.id.kind, path: [...parent.path, own] }
    const [old, now] = [before.find(id), after.find(id)]
    return old !== undefined && now !== undefined && old.definition.type === now.definition.type ? old : null
  })
  const lasting = columns.filter((column) => column !== null)
  return lasting.length === columns.length ? lasting : null
}

/** SET NOT NULL reads no row where a valid check says the same (12 and later). */
function notNullOnline(after: CatalogObject<Column>, before: CatalogObject<Column>, context: Context): Online {
  const [space = '', table = '', column = ''] = after.id.path
  const check = context.beside({ kind: 'constraint', path: [space, table, column] }, '__not_null')
  const on = `alter table ${quoteName(space, table)}`
  const proof = quoteIdentifier(check.path.at(-1) ?? '')
  return {
    sql: [
      `${on} add constraint ${proof} check (${name(after)} is not null) not valid`,
      `${on} validate constraint ${proof}`,
      ...list(alterNotNull(after, before, context)),
      `${on} drop constraint ${proof}`,
    ],
    impact: { lock: 'SHARE UPDATE EXCLUSIVE', work: 'scan', briefly: 'ACCESS EXCLUSIVE' },
    between: [check],
  }
}

/** Comes with its table's INHERITS clause; a partition is created with columns of its own and attached. */
function inheritedOnly(object: CatalogObject<Column>): boolean {
  return !object.definition.local && object.echoes !== undefined && object.definition.foreignOptions.length === 0
}

/** What it has otherwise than the columns that it is inherited from, whose ways it comes with. */
function unlikeModels(object: CatalogObject<Column>, { find, major }: Context): string[] {
  const d = object.definition
  const models = (object.echoes ?? []).flatMap((key) => find(idOf(key)) ?? [])
  const has = (attribute: keyof Column) => models.some(({ definition }) => (definition[attribute] ?? false) !== false)
  return [
    ...(d.notNull && d.notNullValid && !d.notNullInherited && !has('notNull') ? [addNotNullPlainly(object)] : []),
    ...(d.storage === null && has('storage') ? [`${alter(object)} set storage ${defaultStorage(d.type, major)}`] : []),
    ...(d.compression === null && has('compression') ? [`${alter(object)} set compression default`] : []),
  ]
}

function fragment(object: CatalogObject<Column>, context?: Context): string {
  const d = object.definition
  const givenName = notNullNameToGive(object, context)
  return [
    name(object),
    d.type,
    foreignOptions(d.foreignOptions).trim(),
    d.compression === null ? '' : `compression ${d.compression}`,
    d.collation === null ? '' : `collate ${d.collation}`,
    d.generated === null || isGeneratedByParent(object, context)
      ? ''
      : `generated always as (${d.generated.expression}) ${d.generated.stored ? 'stored' : 'virtual'}`,
    d.identity === null ? '' : identityClause(object, d.identity),
    d.notNull && d.notNullValid && !d.notNullInherited
      ? `${givenName === null ? '' : `constraint ${givenName} `}not null${d.notNullNoInherit ? ' no inherit' : ''}`
      : '',
  ]
    .filter((word) => word !== '')
    .join(' ')
}

/** Before 16, an heir that declares the column too may not say how it is generated: it has that from its parent. */
function isGeneratedByParent(object: CatalogObject<Column>, context: Context | undefined): boolean {
  if (context === undefined || context.major >= 16 || !object.own) return false
  return (object.echoes ?? []).some((key) => context.find(idOf(key))?.definition.generated != null)
}

/** Its own, or the usual one where an heir or a partition that stays has that already, and PostgreSQL would choose another. */
function notNullNameToGive(object: CatalogObject<Column>, context: Context | undefined): string | null {
  const isTaken = context?.hasConstraintName([object.id.path[0] ?? '', plainNotNullName(object)]) ?? false
  return object.definition.notNullName !== null || isTaken ? notNullName(object) : null
}

/** `name with options …`; empty where the column is as the type has it. */
function typedFragment(object: CatalogObject<Column>, parts: readonly string[]): string {
  const options = [...(object.definition.notNull && object.definition.notNullValid ? ['not null'] : []), ...parts]
  return options.length === 0 ? '' : [name(object), 'with options', ...options].join(' ')
}

/** SET STORAGE DEFAULT is of 16; before, only types that have a choice need a word. */
function defaultStorage(type: string, major: number): string {
  if (major >= 16) return 'default'
  if (/^(numeric|inet|cidr)\b/.test(type)) return 'main'
  return /^(vector|halfvec|sparsevec)\b/.test(type) ? 'external' : 'extended'
}

function alterNotNull(after: CatalogObject<Column>, before: CatalogObject<Column>, context: Context): Sql {
  if (after.definition.notNullInherited && isGivenNotNull(after, before, context)) return []
  if (!after.definition.notNull) return `${alter(after)} drop not null`
  // An identity that was just added has set it already.
  if (before.definition.identity === null && after.definition.identity !== null) return []
  const { notNullName: named, notNullValid, notNullNoInherit } = after.definition
  if (named !== null || !notNullValid || notNullNoInherit) return addNotNull(after)
  return { alter: `alter table ${table(after)}`, action: `alter column ${name(after)} set not null` }
}

function addNotNullPlainly(object: CatalogObject<Column>): string {
  const { notNullName, notNullNoInherit } = object.definition
  return notNullName !== null || notNullNoInherit ? addNotNull(object) : `${alter(object)} set not null`
}

/** By a parent that it had before, too: one that turns to INHERIT, say. */
function isGivenNotNull({ echoes = [] }: CatalogObject<Column>, before: CatalogObject<Column>, context: Context): boolean {
  return echoes.some((key) => before.echoes?.includes(key) && context.find(idOf(key))?.definition.notNull === true)
}

function addNotNull(object: CatalogObject<Column>): string {
  const { notNullNoInherit, notNullValid } = object.definition
  return `alter table ${table(object)} add constraint ${notNullName(object)} not null ${name(object)}${notNullNoInherit ? ' no inherit' : ''}${notNullValid ? '' : ' not valid'}`
}

function notNullName(object: CatalogObject<Column>): string {
  return quoteIdentifier(plainNotNullName(object))
}

function plainNotNullName({ id, definition }: CatalogObject<Column>): string {
  const [, table = '', column = ''] = id.path
  return definition.notNullName ?? beside({ kind: 'constraint', path: [`${table}_${column}`] }, '_not_null').path[0] ?? ''
}

function renameNotNull(after: CatalogObject<Column>, before: CatalogObject<Column>): Sql {
  return after.definition.notNull ? `alter table ${table(after)} rename constraint ${notNullName(before)} to ${notNullName(after)}` : []
}

/** Its values are another server's: there is nothing to convert. */
function isForeign({ parent }: CatalogObject<Column>): boolean {
  return idOf(parent ?? '[""]').kind === 'foreign table'
}

function retype(after: CatalogObject<Column>, before: CatalogObject<Column>, context: Context): Sql {
  const all = sharingHeirs(after, context) as readonly CatalogObject<Column>[]
  if (all.length === 1) return [retypeAction(after, before), ...afterRetype(after, before)]
  if (all[0]?.key !== after.key) return []
  const { type, collation } = before.definition
  const fragment = [name(after), type, ...(collation === null ? [] : [`collate ${collation}`])].join(' ')
  const formerly = ({ id }: CatalogObject) => (context.former(id) as CatalogObject<Column> | undefined) ?? before
  return [
    ...fromAbove(all, { fragment, action: retypeAction(after, before).action }, context),
    ...all.flatMap((one) => afterRetype(one, formerly(one))),
  ]
}

function retypeAction(after: CatalogObject<Column>, before: CatalogObject<Column>): TableAction {
  const { type, collation } = after.definition
  const using =
    isForeign(after) ||
    type === before.definition.type ||
    widens(before.definition.type, type) ||
    isText(type) ||
    areNumbers(before.definition.type, type)
      ? ''
      : ` using ${name(after)}::${isText(before.definition.type) ? '' : castVia(before.definition.type, type)}${type}`
  return {
    alter: `alter table ${table(after)}`,
    action: `alter column ${name(after)} type ${type}${collation === null ? '' : ` collate ${collation}`}${using}`,
  }
}

function afterRetype(after: CatalogObject<Column>, before: CatalogObject<Column>): readonly string[] {
  const { storage, compression } = after.definition
  return [
    ...retypedIdentity(after, before),
    ...retypedSequence(after, before),
    // ALTER TYPE resets both to the new type's own (14 to 18).
    ...(storage !== null && storage === before.definition.storage ? [`${alter(after)} set storage ${storage}`] : []),
    ...(compression !== null && compression === before.definition.compression ? [`${alter(after)} set compression ${compression}`] : []),
  ]
}
