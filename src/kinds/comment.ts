import type { CatalogObject } from '../catalog/catalog.js'
import { idOf, type ObjectId } from '../catalog/id.js'
import { quoteLiteral } from '../sql/quote.js'
import { here } from './here.js'
import { type Context, kind, type Sql } from './kind.js'

/** Of an extension it is one only where it differs from the one that the extension comes with; null: that one was taken away. */
type Comment = { readonly text: string | null }

export const comment = kind<Comment>({
  name: 'comment',
  global: true,
  query: `
    select '{}'::text[] as path,
           d.classoid as parentclassid, d.objoid as parentoid, d.objsubid as parentsubid,
           d.description as text
    from pg_catalog.pg_description d
    where (d.objoid >= 16384 or d.classoid = 'pg_catalog.pg_namespace'::pg_catalog.regclass)
      and d.classoid <> 'pg_catalog.pg_extension'::pg_catalog.regclass
    union all
    select '{}'::text[], 'pg_catalog.pg_extension'::pg_catalog.regclass, e.oid, 0, d.description
    from pg_catalog.pg_extension e
    left join pg_catalog.pg_available_extensions a on a.name = e.extname
    left join pg_catalog.pg_description d on d.classoid = 'pg_catalog.pg_extension'::pg_catalog.regclass and d.objoid = e.oid
    where d.description is distinct from a.comment
    union all
    select '{}'::text[], d.classoid, d.objoid, 0, d.description
    from pg_catalog.pg_shdescription d
    left join pg_catalog.pg_database b on b.oid = d.objoid and d.classoid = 'pg_catalog.pg_database'::pg_catalog.regclass
    where d.classoid = 'pg_catalog.pg_authid'::pg_catalog.regclass
      or (b.datname = pg_catalog.current_database()
          -- As initdb says it.
          and not (b.datname = 'postgres' and d.description = 'default administrative connection database'))`,
  target: (id) => id.path.join(' '),
  create: (object, _parts, context) => say(object, context),
  drop: (object, context) =>
    parentOf(object).kind === 'extension' ? sayAgain(object, context) : about(object, context, (target) => `comment on ${target} is null`),
  alter: { text: (after, _before, context) => say(after, context) },
  impact: () => ({}),
})

function say(object: CatalogObject<Comment>, context: Context): Sql {
  const { text } = object.definition
  return about(object, context, (target) => `comment on ${target} is ${text === null ? 'null' : quoteLiteral(text)}`)
}

/** What the extension itself says, which is its version's and this server's. */
function sayAgain(object: CatalogObject<Comment>, context: Context): string {
  const [name = ''] = parentOf(object).path
  return `do $$
begin
  execute (
    select pg_catalog.format(${quoteLiteral(`comment on ${targetOf(object, context)} is %L`)}, comment)
    from pg_catalog.pg_available_extensions where name = ${quoteLiteral(name)}
  );
end $$`
}

/** A statement about what the object belongs to, which may be the database itself. */
export function about(object: CatalogObject, context: Context, statement: (target: string) => string): Sql {
  return parentOf(object).kind === 'database'
    ? here((database) => [statement(`database ${database}`)], context)
    : statement(targetOf(object, context))
}

/** What the object belongs to, as SQL names it: the parent of a global object is its target. */
export function targetOf(object: CatalogObject, context: Context): string {
  const id = parentOf(object)
  return context.kind(id.kind).target(id)
}

function parentOf(object: CatalogObject): ObjectId {
  if (object.parent === undefined) throw new Error(`${object.key} belongs to nothing`)
  return idOf(object.parent)
}
