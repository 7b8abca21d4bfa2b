import type { CatalogObject } from '../catalog/catalog.js'
import { idOf } from '../catalog/id.js'
import { quoteLiteral } from '../sql/quote.js'
import { type Context, kind } from './kind.js'

type Comment = { readonly text: string }

export const comment = kind<Comment>({
  name: 'comment',
  global: true,
  query: `
    select '{}'::text[] as path,
           d.classoid as parentclassid, d.objoid as parentoid, d.objsubid as parentsubid,
           d.description as text
    from pg_catalog.pg_description d
    where d.objoid >= 16384 or d.classoid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
    union all
    select '{}'::text[], d.classoid, d.objoid, 0, d.description
    from pg_catalog.pg_shdescription d
    where d.classoid = 'pg_catalog.pg_authid'::pg_catalog.regclass`,
  target: (id) => id.path.join(' '),
  create: (object, _parts, context) => `comment on ${targetOf(object, context)} is ${quoteLiteral(object.definition.text)}`,
  drop: (object, context) => `comment on ${targetOf(object, context)} is null`,
  alter: { text: (after, _before, context) => `comment on ${targetOf(after, context)} is ${quoteLiteral(after.definition.text)}` },
  impact: () => ({}),
})

/** What the object belongs to, as SQL names it: the parent of a global object is its target. */
export function targetOf(object: CatalogObject, context: Context): string {
  if (object.parent === undefined) throw new Error(`${object.key} belongs to nothing`)
  const id = idOf(object.parent)
  return context.kind(id.kind).target(id)
}
