import type { CatalogObject } from '../catalog/catalog.js'
import { quoteIdentifier, quoteName } from '../sql/quote.js'
import { type Context, kind, NOT_SYSTEM } from './kind.js'
import { isMoved } from './moved-type.js'
import { collationName } from './qualified.js'

type CompositeType = {
  /** name → type of its attributes, which are objects of their own; here to see when the type as a whole must be made anew. */
  readonly shape: { readonly [attribute: string]: string }
  /** True where tables are made OF it; null otherwise. */
  readonly ofTables: true | null
}

export const compositeType = kind<CompositeType>({
  name: 'composite type',
  query: `
    select 'pg_catalog.pg_type'::pg_catalog.regclass::oid as classid, t.oid, 0 as subid,
           array[n.nspname, t.typname]::text[] as path,
           coalesce(s.shape, '{}') as shape,
           case when exists (select from pg_catalog.pg_class o where o.reloftype = t.oid) then true end as "ofTables"
    from pg_catalog.pg_type t
    join pg_catalog.pg_class c on c.oid = t.typrelid
    join pg_catalog.pg_namespace n on n.oid = t.typnamespace,
    lateral (
      select pg_catalog.json_object_agg(a.attname, pg_catalog.concat_ws(' collate ', pg_catalog.format_type(a.atttypid, a.atttypmod),
               case when a.attcollation <> b.typcollation then ${collationName('a.attcollation')} end) order by a.attname) as shape
      from pg_catalog.pg_attribute a
      join pg_catalog.pg_type b on b.oid = a.atttypid
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    ) s
    where c.relkind = 'c' and ${NOT_SYSTEM}`,
  target: (id) => `type ${quoteName(...id.path)}`,
  create: (object, parts) => `create type ${quoteName(...object.id.path)} as (${parts.length === 0 ? '' : `\n  ${parts.join(',\n  ')}\n`})`,
  // ALTER ATTRIBUTE … TYPE is refused as soon as a column holds the type (14 to 18); ADD and DROP ATTRIBUTE are not.
  alter: {
    shape: (after, before, context) => (retyped(after, before, context) && before.definition.ofTables === null ? null : []),
    ofTables: () => [],
  },
  swappable: true,
  rename: (id, newName) => `alter type ${quoteName(...id.path)} rename to ${quoteIdentifier(newName)}`,
  occupies: (object) => [`type ${quoteName(...object.id.path)}`, `relation ${quoteName(...object.id.path)}`],
})

function retyped(after: CatalogObject<CompositeType>, before: CatalogObject<CompositeType>, context: Context): boolean {
  return Object.entries(after.definition.shape).some(([name, type]) => {
    const former = Object.hasOwn(before.definition.shape, name) ? before.definition.shape[name] : undefined
    return former !== undefined && former !== type && !isMoved(former, type, context)
  })
}
