import type { CatalogObject } from '../catalog/catalog.js'
import { quoteIdentifier, quoteName } from '../sql/quote.js'
import { kind, NOT_SYSTEM, type Sql } from './kind.js'
import { isMoved } from './moved-type.js'
import { collationName } from './qualified.js'
import { domainRefusals } from './refusals.js'
import { widens } from './type-change.js'

type Domain = {
  readonly type: string
  readonly collation: string | null
  readonly default: string | null
  readonly notNull: boolean
  /** PostgreSQL 17: the name of the not-null constraint where it is not the one that PostgreSQL would pick. */
  readonly notNullName: string | null
}

export const domain = kind<Domain>({
  name: 'domain',
  query: (major) => `
    select 'pg_catalog.pg_type'::pg_catalog.regclass::oid as classid, t.oid, 0 as subid,
           array[n.nspname, t.typname]::text[] as path,
           pg_catalog.format_type(t.typbasetype, t.typtypmod) as type,
           case when t.typcollation <> b.typcollation then ${collationName('t.typcollation')} end as collation,
           pg_catalog.pg_get_expr(t.typdefaultbin, 0) as "default",
           t.typnotnull as "notNull",
           ${major >= 17 ? `case when nn.conname <> pg_catalog.left(t.typname, 54) || '_not_null' then nn.conname::text end` : 'null::text'} as "notNullName"
    from pg_catalog.pg_type t
    join pg_catalog.pg_namespace n on n.oid = t.typnamespace
    join pg_catalog.pg_type b on b.oid = t.typbasetype
    ${major >= 17 ? `left join pg_catalog.pg_constraint nn on nn.contypid = t.oid and nn.contype = 'n'` : ''}
    where t.typtype = 'd' and ${NOT_SYSTEM}`,
  target: (id) => `domain ${quoteName(...id.path)}`,
  create: (object, parts) => {
    const clauses = [...attributes(object), ...parts]
    return `create domain ${quoteName(...object.id.path)} as ${object.definition.type}${clauses.length > 1 ? '\n  ' : clauses.length > 0 ? ' ' : ''}${clauses.join('\n  ')}`
  },
  alter: {
    type: (after, before, context) => (isMoved(before.definition.type, after.definition.type, context) ? [] : null),
    collation: 'recreate',
    default: (after) => `${alter(after)} ${after.definition.default === null ? 'drop default' : `set default ${after.definition.default}`}`,
    notNull: (after) => alterNotNull(after),
    notNullName: (after, before) =>
      before.definition.notNull && after.definition.notNull
        ? `${alter(after)} rename constraint ${notNullName(before)} to ${notNullName(after)}`
        : [],
  },
  whenStated: ['notNullName'],
  fromCreation: ['notNullName'],
  swappable: true,
  lighten: (object, { id }) => (object.definition.default !== null && id.kind === 'function' ? `${alter(object)} drop default` : null),
  rename: (id, newName) => `alter domain ${quoteName(...id.path)} rename to ${quoteIdentifier(newName)}`,
  occupies: (object) => [`type ${quoteName(...object.id.path)}`],
  hazard: (before, after) =>
    after === undefined || before.definition.type === after.definition.type || widens(before.definition.type, after.definition.type)
      ? null
      : 'narrow-type',
  refusals: (before, after, live) =>
    before && after.definition.notNull && !before.definition.notNull
      ? domainRefusals({ domain: after.key, text: 'NOT NULL', what: (column) => `with no ${column}` }, live)
      : [],
  halfway: (before, after) => {
    if (!before || !after) return (after ?? before)?.definition ?? null
    const kept = before.definition.type === after.definition.type || widens(before.definition.type, after.definition.type) ? after : before
    return before.definition.notNull && after.definition.notNull
      ? kept.definition
      : { ...kept.definition, notNull: false, notNullName: null }
  },
  // Every table with a column of the domain is locked and read.
  impact: (operation, before, after) =>
    operation === 'alter' && !before?.definition.notNull && after?.definition.notNull ? { lock: 'SHARE', work: 'scan' } : {},
})

function alter(object: CatalogObject): string {
  return `alter domain ${quoteName(...object.id.path)}`
}

function attributes(object: CatalogObject<Domain>): string[] {
  const d = object.definition
  return [
    ...(d.collation === null ? [] : [`collate ${d.collation}`]),
    ...(d.default === null ? [] : [`default ${d.default}`]),
    // Named, since while the old domain of a swap holds that name PostgreSQL 17 would pick another; before 17 the name is read and forgotten.
    ...(d.notNull ? [`constraint ${notNullName(object)} not null`] : []),
  ]
}

function alterNotNull(after: CatalogObject<Domain>): Sql {
  if (!after.definition.notNull) return `${alter(after)} drop not null`
  return after.definition.notNullName === null
    ? `${alter(after)} set not null`
    : `${alter(after)} add constraint ${notNullName(after)} not null`
}

function notNullName(object: CatalogObject<Domain>): string {
  return quoteIdentifier(object.definition.notNullName ?? `${(object.id.path[1] ?? '').slice(0, 54)}_not_null`)
}
