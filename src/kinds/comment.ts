import type { CatalogObject } from '../catalog/catalog.js'
import { idOf } from '../catalog/id.js'
import { quoteLiteral, quoteName } from '../sql/quote.js'
import { type Context, kind } from './kind.js'

const KEY = 'key'

type Comment = { readonly text: string }

export const comment = kind<Comment>({
  name: 'comment',
  global: true,
  query: `
    select case when k.oid is null then '{}'::text[] else array['${KEY}'] end as path,
           case when k.oid is null then d.classoid else 'pg_catalog.pg_constraint'::pg_catalog.regclass::oid end as parentclassid,
           coalesce(k.oid, d.objoid) as parentoid, d.objsubid as parentsubid,
           d.description as text
    from pg_catalog.pg_description d
    left join pg_catalog.pg_constraint k
      on d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass and k.conindid = d.objoid and k.contype in ('p', 'u', 'x')
    where d.objoid >= 16384 or d.classoid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
    union all
    select '{}'::text[], d.classoid, d.objoid, 0, d.description
    from pg_catalog.pg_shdescription d
    where d.classoid = 'pg_catalog.pg_authid'::pg_catalog.regclass`,
  target: (id) => id.path.join(' '),
  create: (object, _parts, context) => `comment on ${subjectOf(object, context)} is ${quoteLiteral(object.definition.text)}`,
  drop: (object, context) => `comment on ${subjectOf(object, context)} is null`,
  alter: { text: (after, _before, context) => `comment on ${subjectOf(after, context)} is ${quoteLiteral(after.definition.text)}` },
  impact: () => ({}),
})

/** The index behind a key is no object of its own: a comment on it hangs on the key, whose name it has. */
function subjectOf(object: CatalogObject, context: Context): string {
  const [mark, , schema = '', , name = ''] = object.id.path
  return mark === KEY ? `index ${quoteName(schema, name)}` : targetOf(object, context)
}

/** What the object belongs to, as SQL names it: the parent of a global object is its target. */
export function targetOf(object: CatalogObject, context: Context): string {
  if (object.parent === undefined) throw new Error(`${object.key} belongs to nothing`)
  const id = idOf(object.parent)
  return context.kind(id.kind).target(id)
}
