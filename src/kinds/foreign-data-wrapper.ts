import type { CatalogObject } from '../catalog/catalog.js'
import { quoteIdentifier } from '../sql/quote.js'
import { kind } from './kind.js'
import { alterForeignOptions, foreignOptions } from './options.js'
import { openOptions } from './secrets.js'

type ForeignDataWrapper = {
  readonly handler: string | null
  readonly validator: string | null
  readonly options: readonly string[]
}

export const foreignDataWrapper = kind<ForeignDataWrapper>({
  name: 'foreign data wrapper',
  schemaless: true,
  query: `
    select 'pg_catalog.pg_foreign_data_wrapper'::pg_catalog.regclass::oid as classid, w.oid, 0 as subid,
           array[w.fdwname::text] as path,
           (select pg_catalog.format('%I.%I', n.nspname, p.proname) from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace where p.oid = w.fdwhandler) as handler,
           (select pg_catalog.format('%I.%I', n.nspname, p.proname) from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace where p.oid = w.fdwvalidator) as validator,
           ${openOptions('w.fdwoptions')} as options
    from pg_catalog.pg_foreign_data_wrapper w`,
  target,
  create: (object) => {
    const { handler, validator, options } = object.definition
    return `create ${target(object.id)}${handler === null ? '' : ` handler ${handler}`}${validator === null ? '' : ` validator ${validator}`}${foreignOptions(options)}`
  },
  alter: {
    handler: (after) =>
      `alter ${target(after.id)} ${after.definition.handler === null ? 'no handler' : `handler ${after.definition.handler}`}`,
    validator: (after) =>
      `alter ${target(after.id)} ${after.definition.validator === null ? 'no validator' : `validator ${after.definition.validator}`}`,
    options: (after, before) => alterForeignOptions(`alter ${target(after.id)}`, after.definition.options, before.definition.options),
  },
  impact: () => ({}),
})

function target(id: CatalogObject['id']): string {
  return `foreign data wrapper ${quoteIdentifier(id.path[0] ?? '')}`
}
