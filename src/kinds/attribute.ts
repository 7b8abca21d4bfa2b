import type { CatalogObject } from '../catalog/catalog.js'
import { quoteIdentifier, quoteName } from '../sql/quote.js'
import { type Context, kind, NOT_SYSTEM, type Sql } from './kind.js'
import { isMoved } from './moved-type.js'
import { collationName } from './qualified.js'
import { widens } from './type-change.js'

type Attribute = {
  readonly type: string
  readonly collation: string | null
}

/** An attribute of a composite type. */
export const attribute = kind<Attribute>({
  name: 'attribute',
  query: `
    select 'pg_catalog.pg_class'::pg_catalog.regclass::oid as classid, c.oid, a.attnum as subid,
           array[n.nspname, c.relname, a.attname]::text[] as path,
           'pg_catalog.pg_type'::pg_catalog.regclass::oid as parentclassid, c.reltype as parentoid, 0 as parentsubid,
           a.attnum as position,
           pg_catalog.format_type(a.atttypid, a.atttypmod) as type,
           case when a.attcollation <> t.typcollation then ${collationName('a.attcollation')} end as collation
    from pg_catalog.pg_attribute a
    join pg_catalog.pg_class c on c.oid = a.attrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_type t on t.oid = a.atttypid
    where c.relkind = 'c' and a.attnum > 0 and not a.attisdropped and ${NOT_SYSTEM}`,
  target: (id) => `column ${quoteName(...id.path)}`,
  create: (object, _parts, context) => `${alter(object)} add attribute ${fragment(object)}${cascade(object, context)}`,
  inline: (object) => fragment(object),
  drop: (object, context) => `${alter(object)} drop attribute ${quoteIdentifier(object.id.path[2] ?? '')}${cascade(object, context)}`,
  // With another type of its attribute the composite type is made anew, unless tables are made of it: see there.
  alter: {
    type: (after, before, context) => retype(after, before, context),
    collation: (after, before, context) => (after.definition.type === before.definition.type ? retype(after, before, context) : []),
  },
  shapesRows: true,
  hazard: (before, after) =>
    after === undefined
      ? 'drop-column'
      : before.definition.type === after.definition.type || widens(before.definition.type, after.definition.type)
        ? null
        : 'narrow-type',
})

function retype(after: CatalogObject<Attribute>, before: CatalogObject<Attribute>, context: Context): Sql | null {
  const { type, collation } = after.definition
  if (isMoved(before.definition.type, type, context)) return []
  return isOfTables(before, context.former)
    ? `${alter(after)} alter attribute ${quoteIdentifier(after.id.path[2] ?? '')} type ${type}${collation === null ? '' : ` collate ${collation}`} cascade`
    : null
}

/** Of typed tables the word takes nothing but the same attribute: without it the statement is refused. */
function cascade(object: CatalogObject, { find }: Context): string {
  return isOfTables(object, find) ? ' cascade' : ''
}

function isOfTables({ id }: CatalogObject, find: Context['find']): boolean {
  return find({ kind: 'composite type', path: id.path.slice(0, 2) })?.definition.ofTables === true
}

function alter(object: CatalogObject): string {
  return `alter type ${quoteName(...object.id.path.slice(0, 2))}`
}

function fragment(object: CatalogObject<Attribute>): string {
  const { type, collation } = object.definition
  return `${quoteIdentifier(object.id.path[2] ?? '')} ${type}${collation === null ? '' : ` collate ${collation}`}`
}
