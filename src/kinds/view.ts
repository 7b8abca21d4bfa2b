import type { CatalogObject } from '../catalog/catalog.js'
import { quoteIdentifier, quoteName } from '../sql/quote.js'
import { kind, NOT_SYSTEM } from './kind.js'
import { alterOptions, optionColumns, optionsOf, withOptions } from './options.js'
import { collationName } from './qualified.js'

type View = {
  readonly query: string
  /** Names and types in order; CREATE OR REPLACE VIEW may only append to them. */
  readonly columns: readonly (readonly [name: string, type: string, collation: string | null])[]
  /** pg_class.reloptions: security_barrier, security_invoker, check_option. */
  readonly options: readonly string[]
}

export const view = kind<View>({
  name: 'view',
  query: `
    select 'pg_catalog.pg_class'::pg_catalog.regclass::oid as classid, c.oid, 0 as subid,
           array[n.nspname, c.relname]::text[] as path,
           pg_catalog.rtrim(pg_catalog.pg_get_viewdef(c.oid), ';') as query,
           (select pg_catalog.json_agg(pg_catalog.json_build_array(a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
                     case when a.attcollation <> 100 then ${collationName('a.attcollation')} end) order by a.attnum)
            from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
           ${optionColumns('c.reloptions')}
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'v' and c.relpersistence <> 't' and ${NOT_SYSTEM}`,
  target: (id) => `view ${quoteName(...id.path)}`,
  rename: (id, newName) => `alter view ${quoteName(...id.path)} rename to ${quoteIdentifier(newName)}`,
  create: (object) => create(object, 'create view'),
  alter: {
    // The text names the columns; a change of theirs shows in it.
    columns: (after, before) => (compatible(after, before) ? [] : null),
    query: (after, before) => (compatible(after, before) ? create(after, 'create or replace view') : null),
    options: (after, before) =>
      // CREATE OR REPLACE has stated the options already.
      after.definition.query === before.definition.query
        ? alterOptions(`alter view ${quoteName(...after.id.path)}`, optionsOf(after), optionsOf(before))
        : [],
  },
  occupies: (object) => [`relation ${quoteName(...object.id.path)}`, `type ${quoteName(...object.id.path)}`],
  impact: (operation) => (operation === 'create' ? {} : { lock: 'ACCESS EXCLUSIVE' }),
})

function create(object: CatalogObject<View>, verb: string): string {
  return `${verb} ${quoteName(...object.id.path)}${withOptions(optionsOf(object))} as\n${object.definition.query}`
}

function compatible(after: CatalogObject<View>, before: CatalogObject<View>): boolean {
  const a = after.definition.columns ?? []
  const b = before.definition.columns ?? []
  return b.length <= a.length && b.every((column, i) => JSON.stringify(column) === JSON.stringify(a[i]))
}
