import { quoteIdentifier } from '../sql/quote.js'
import { kind } from './kind.js'
import { functionName } from './qualified.js'

type AccessMethod = {
  /** `index` or `table`. */
  readonly type: string
  readonly handler: string
}

export const accessMethod = kind<AccessMethod>({
  name: 'access method',
  schemaless: true,
  query: `
    select 'pg_catalog.pg_am'::pg_catalog.regclass::oid as classid, m.oid, 0 as subid,
           array[m.amname::text] as path,
           case m.amtype when 't' then 'table' else 'index' end as type,
           ${functionName('m.amhandler')} as handler
    from pg_catalog.pg_am m
    where m.oid >= 16384`,
  target: (id) => `access method ${quoteIdentifier(id.path[0] ?? '')}`,
  create: (object) =>
    `create access method ${quoteIdentifier(object.id.path[0] ?? '')} type ${object.definition.type} handler ${object.definition.handler}`,
  alter: { type: 'recreate', handler: 'recreate' },
})
