import type { CatalogObject } from '../catalog/catalog.js'
import { idOf } from '../catalog/id.js'
import { quoteIdentifier, quoteLiteral, quoteName } from '../sql/quote.js'
import { kind } from './kind.js'

type NotNullComment = { readonly constraint: string; readonly text: string }

/** A comment on a NOT NULL, which has a name in domains (17) and tables (18), and is an attribute of domain or column here. */
export const notNullComment = kind<NotNullComment>({
  name: 'comment on not null',
  global: true,
  query: (major) => `
    select '{}'::text[] as path,
           case when k.contypid <> 0 then 'pg_catalog.pg_type'::pg_catalog.regclass else 'pg_catalog.pg_class'::pg_catalog.regclass end::oid as parentclassid,
           case when k.contypid <> 0 then k.contypid else k.conrelid end as parentoid,
           case when k.contypid <> 0 then 0 else k.conkey[1] end as parentsubid,
           k.conname::text as constraint, d.description as text
    from pg_catalog.pg_description d
    join pg_catalog.pg_constraint k on k.oid = d.objoid
    where d.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass and k.contype = 'n'${major >= 17 ? '' : ' and false'}`,
  target: (id) => id.path.join(' '),
  create: (object) => say(object, quoteLiteral(object.definition.text)),
  drop: (object) => say(object, 'null'),
  alter: { constraint: () => [], text: (after) => say(after, quoteLiteral(after.definition.text)) },
  impact: () => ({}),
})

function say(object: CatalogObject<NotNullComment>, text: string): string {
  const { kind: of, path } = idOf(object.parent ?? '[""]')
  const target = of === 'column' ? quoteName(...path.slice(0, 2)) : `domain ${quoteName(...path)}`
  return `comment on constraint ${quoteIdentifier(object.definition.constraint)} on ${target} is ${text}`
}
