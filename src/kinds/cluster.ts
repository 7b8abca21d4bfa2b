import type { CatalogObject } from '../catalog/catalog.js'
import { quoteIdentifier, quoteName } from '../sql/quote.js'
import { kind, NOT_SYSTEM } from './kind.js'

type Cluster = { readonly index: string }

/** The index that CLUSTER without one takes. It moves no row by itself. Path: schema, table. */
export const cluster = kind<Cluster>({
  name: 'cluster',
  query: `
    select null::oid as classid, null::oid as oid, 0 as subid,
           array[n.nspname, c.relname]::text[] as path,
           'pg_catalog.pg_class'::pg_catalog.regclass::oid as parentclassid, c.oid as parentoid, 0 as parentsubid,
           i.relname::text as index,
           pg_catalog.json_build_array(pg_catalog.json_build_array('pg_catalog.pg_class'::pg_catalog.regclass::oid::int8, i.oid::int8, 0)) as needs
    from pg_catalog.pg_index x
    join pg_catalog.pg_class c on c.oid = x.indrelid
    join pg_catalog.pg_class i on i.oid = x.indexrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where x.indisclustered and c.relpersistence <> 't' and ${NOT_SYSTEM}`,
  target: (id) => `cluster of ${quoteName(...id.path)}`,
  create: (object) => set(object),
  drop: (object) => `alter table ${quoteName(...object.id.path)} set without cluster`,
  alter: { index: (after) => set(after) },
  impact: () => ({ lock: 'SHARE UPDATE EXCLUSIVE' }),
})

function set(object: CatalogObject<Cluster>): string {
  return `alter table ${quoteName(...object.id.path)} cluster on ${quoteIdentifier(object.definition.index)}`
}
