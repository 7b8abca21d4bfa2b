import type { CatalogObject } from '../catalog/catalog.js'
import { quoteIdentifier } from '../sql/quote.js'
import { kind } from './kind.js'
import { functionSignature } from './qualified.js'

type Transform = {
  readonly fromSql: string | null
  readonly toSql: string | null
}

/** Path: type and language. */
export const transform = kind<Transform>({
  name: 'transform',
  schemaless: true,
  query: `
    select 'pg_catalog.pg_transform'::pg_catalog.regclass::oid as classid, t.oid, 0 as subid,
           array[pg_catalog.format_type(t.trftype, null), l.lanname::text] as path,
           ${functionSignature('t.trffromsql')} as "fromSql",
           ${functionSignature('t.trftosql')} as "toSql"
    from pg_catalog.pg_transform t
    join pg_catalog.pg_language l on l.oid = t.trflang
    where t.oid >= 16384`,
  target: (id) => `transform for ${id.path[0] ?? ''} language ${quoteIdentifier(id.path[1] ?? '')}`,
  create: (object) => `create ${statement(object)}`,
  alter: {
    fromSql: (after) => `create or replace ${statement(after)}`,
    toSql: (after, before) => (after.definition.fromSql === before.definition.fromSql ? `create or replace ${statement(after)}` : []),
  },
})

function statement(object: CatalogObject<Transform>): string {
  const { fromSql, toSql } = object.definition
  const functions = [
    ...(fromSql === null ? [] : [`from sql with function ${fromSql}`]),
    ...(toSql === null ? [] : [`to sql with function ${toSql}`]),
  ]
  return `transform for ${object.id.path[0] ?? ''} language ${quoteIdentifier(object.id.path[1] ?? '')} (${functions.join(', ')})`
}
