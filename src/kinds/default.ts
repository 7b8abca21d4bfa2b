import type { CatalogObject } from '../catalog/catalog.js'
import { quoteIdentifier, quoteName } from '../sql/quote.js'
import { kind, NOT_SYSTEM } from './kind.js'

type Default = { readonly expression: string }

/** A column's DEFAULT: an object of its own, since it can be dropped and set again while its column changes its type. */
export const columnDefault = kind<Default>({
  name: 'default',
  query: `
    select 'pg_catalog.pg_attrdef'::pg_catalog.regclass::oid as classid, d.oid, 0 as subid,
           array[n.nspname, c.relname, a.attname]::text[] as path,
           'pg_catalog.pg_class'::pg_catalog.regclass::oid as parentclassid, c.oid as parentoid, a.attnum as parentsubid,
           pg_catalog.pg_get_expr(d.adbin, d.adrelid) as expression
    from pg_catalog.pg_attrdef d
    join pg_catalog.pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
    join pg_catalog.pg_class c on c.oid = d.adrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where a.attgenerated = '' and not a.attisdropped and c.relpersistence <> 't' and ${NOT_SYSTEM}`,
  target: (id) => `column ${quoteName(...id.path)}`,
  create: (object) => `${alter(object)} set default ${object.definition.expression}`,
  inline: (object) => `default ${object.definition.expression}`,
  drop: (object) => `${alter(object)} drop default`,
  alter: { expression: (after) => `${alter(after)} set default ${after.definition.expression}` },
  impact: () => ({ lock: 'ACCESS EXCLUSIVE' }),
})

/** ONLY: partitions and children have defaults of their own. */
function alter(object: CatalogObject): string {
  return `alter table only ${quoteName(...object.id.path.slice(0, 2))} alter column ${quoteIdentifier(object.id.path[2] ?? '')}`
}
