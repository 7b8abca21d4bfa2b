import type { CatalogObject } from '../catalog/catalog.js'
import { quoteIdentifier, quoteLiteral } from '../sql/quote.js'
import { kind } from './kind.js'
import { alterForeignOptions, foreignOptions } from './options.js'
import { openOptions } from './secrets.js'

type Server = {
  readonly wrapper: string
  readonly type: string | null
  readonly version: string | null
  readonly options: readonly string[]
}

export const server = kind<Server>({
  name: 'server',
  schemaless: true,
  query: `
    select 'pg_catalog.pg_foreign_server'::pg_catalog.regclass::oid as classid, s.oid, 0 as subid,
           array[s.srvname::text] as path,
           w.fdwname::text as wrapper,
           s.srvtype as type,
           s.srvversion as version,
           ${openOptions('s.srvoptions')} as options
    from pg_catalog.pg_foreign_server s
    join pg_catalog.pg_foreign_data_wrapper w on w.oid = s.srvfdw`,
  target,
  create: (object) => {
    const { wrapper, type, version, options } = object.definition
    return [
      `create ${target(object.id)}`,
      type === null ? '' : ` type ${quoteLiteral(type)}`,
      version === null ? '' : ` version ${quoteLiteral(version)}`,
      ` foreign data wrapper ${quoteIdentifier(wrapper)}`,
      foreignOptions(options),
    ].join('')
  },
  alter: {
    wrapper: 'recreate',
    type: 'recreate',
    version: (after) =>
      `alter ${target(after.id)} version ${after.definition.version === null ? 'null' : quoteLiteral(after.definition.version)}`,
    options: (after, before) => alterForeignOptions(`alter ${target(after.id)}`, after.definition.options, before.definition.options),
  },
  impact: () => ({}),
})

function target(id: CatalogObject['id']): string {
  return `server ${quoteIdentifier(id.path[0] ?? '')}`
}
