import type { CatalogObject } from '../catalog/catalog.js'
import { quoteIdentifier, quoteName } from '../sql/quote.js'
import { kind, NOT_SYSTEM } from './kind.js'

type ReplicaIdentity = {
  /** `nothing`, `full` or `index`; the default, the primary key, is no object. */
  readonly identity: string
  readonly index: string | null
}

/** How UPDATE and DELETE name a row to logical replication, where that is not the primary key. Path: schema, table. */
export const replicaIdentity = kind<ReplicaIdentity>({
  name: 'replica identity',
  query: `
    select null::oid as classid, null::oid as oid, 0 as subid,
           array[n.nspname, c.relname]::text[] as path,
           'pg_catalog.pg_class'::pg_catalog.regclass::oid as parentclassid, c.oid as parentoid, 0 as parentsubid,
           case c.relreplident when 'n' then 'nothing' when 'f' then 'full' else 'index' end as identity,
           i.relname::text as index,
           case when i.oid is not null then
             pg_catalog.json_build_array(pg_catalog.json_build_array('pg_catalog.pg_class'::pg_catalog.regclass::oid::int8, i.oid::int8, 0)) end as needs
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    left join pg_catalog.pg_index x on x.indrelid = c.oid and x.indisreplident and c.relreplident = 'i'
    left join pg_catalog.pg_class i on i.oid = x.indexrelid
    -- 'i' without an index remains when the index was dropped: nothing that a statement could say.
    where c.relkind in ('r', 'p', 'm') and (c.relreplident in ('n', 'f') or i.oid is not null) and c.relpersistence <> 't' and ${NOT_SYSTEM}`,
  target: (id) => `replica identity of ${quoteName(...id.path)}`,
  create: (object) => set(object),
  drop: (object) => `alter table ${quoteName(...object.id.path)} replica identity default`,
  alter: {
    identity: (after) => set(after),
    index: (after, before) => (after.definition.identity === before.definition.identity ? set(after) : []),
  },
  impact: () => ({ lock: 'ACCESS EXCLUSIVE' }),
})

function set(object: CatalogObject<ReplicaIdentity>): string {
  const { identity, index } = object.definition
  return `alter table ${quoteName(...object.id.path)} replica identity ${index === null ? identity : `using index ${quoteIdentifier(index)}`}`
}
