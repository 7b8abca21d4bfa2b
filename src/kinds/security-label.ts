import type { CatalogObject } from '../catalog/catalog.js'
import { quoteIdentifier, quoteLiteral } from '../sql/quote.js'
import { targetOf } from './comment.js'
import { type Context, kind } from './kind.js'

type SecurityLabel = { readonly label: string }

/** Path: the provider first. Setting a label needs its provider loaded (shared_preload_libraries), also in the shadow. */
export const securityLabel = kind<SecurityLabel>({
  name: 'security label',
  global: true,
  query: `
    select array[l.provider] as path,
           l.classoid as parentclassid, l.objoid as parentoid, l.objsubid as parentsubid,
           l.label
    from pg_catalog.pg_seclabel l
    where l.objoid >= 16384 or l.classoid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
    union all
    select array[l.provider], l.classoid, l.objoid, 0, l.label
    from pg_catalog.pg_shseclabel l
    where l.objoid >= 16384`,
  target: (id) => id.path.join(' '),
  create: set,
  drop: (object, context) => `${on(object, context)} is null`,
  alter: { label: (after, _before, context) => set(after, [], context) },
  impact: () => ({}),
})

function on(object: CatalogObject, context: Context): string {
  return `security label for ${quoteIdentifier(object.id.path[0] ?? '')} on ${targetOf(object, context)}`
}

function set(object: CatalogObject<SecurityLabel>, _parts: readonly string[], context: Context): string {
  return `${on(object, context)} is ${quoteLiteral(object.definition.label)}`
}
