import type { CatalogObject } from '../catalog/catalog.js'
import { quoteIdentifier, quoteLiteral } from '../sql/quote.js'
import { about } from './comment.js'
import { type Context, kind, type Sql } from './kind.js'

type SecurityLabel = { readonly label: string }

/** Path: the provider first. Setting a label needs its provider loaded (shared_preload_libraries), also in the shadow. */
export const securityLabel = kind<SecurityLabel>({
  name: 'security label',
  global: true,
  byUsers: true,
  query: `
    select array[l.provider] as path,
           l.classoid as parentclassid, l.objoid as parentoid, l.objsubid as parentsubid,
           l.label
    from pg_catalog.pg_seclabel l
    union all
    select array[l.provider], l.classoid, l.objoid, 0, l.label
    from pg_catalog.pg_shseclabel l
    left join pg_catalog.pg_database b on b.oid = l.objoid and l.classoid = 'pg_catalog.pg_database'::pg_catalog.regclass
    where b.oid is null or b.datname = pg_catalog.current_database()`,
  target: (id) => id.path.join(' '),
  create: (object, _parts, context) => set(object, quoteLiteral(object.definition.label), context),
  drop: (object, context) => set(object, 'null', context),
  alter: { label: (after, _before, context) => set(after, quoteLiteral(after.definition.label), context) },
  impact: () => ({}),
})

function set(object: CatalogObject<SecurityLabel>, label: string, context: Context): Sql {
  const provider = quoteIdentifier(object.id.path[0] ?? '')
  return about(object, context, (target) => `security label for ${provider} on ${target} is ${label}`)
}
