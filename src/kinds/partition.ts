import { quoteName } from '../sql/quote.js'
import { kind, NOT_SYSTEM } from './kind.js'

type Partition = { readonly parent: string; readonly bound: string }

/**
 * A table's place in a partitioned table. An object of its own: the table is made with its columns, keys and indexes first, and then
 * attached, so that PostgreSQL takes those for the parent's instead of making others with names of its choice.
 */
export const partition = kind<Partition>({
  name: 'partition',
  query: `
    select null::oid as classid, null::oid as oid, 0 as subid,
           array[n.nspname, c.relname]::text[] as path,
           'pg_catalog.pg_class'::pg_catalog.regclass::oid as parentclassid, c.oid as parentoid, 0 as parentsubid,
           pg_catalog.format('%I.%I', pn.nspname, p.relname) as parent,
           pg_catalog.pg_get_expr(c.relpartbound, c.oid) as bound,
           (select pg_catalog.json_agg(pg_catalog.json_build_array(a.classid::int8, a.oid::int8, 0))
            from (select 'pg_catalog.pg_class'::pg_catalog.regclass as classid, p.oid
                  union all
                  select 'pg_catalog.pg_class'::pg_catalog.regclass, x.indexrelid from pg_catalog.pg_index x where x.indrelid = c.oid
                  union all
                  select 'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid from pg_catalog.pg_constraint k where k.conrelid = c.oid and k.contype = 'c') a) as needs
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_inherits i on i.inhrelid = c.oid
    join pg_catalog.pg_class p on p.oid = i.inhparent
    join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
    where c.relispartition and c.relkind in ('r', 'p', 'f') and ${NOT_SYSTEM}`,
  target: (id) => `table ${quoteName(...id.path)}`,
  create: (object) => `alter table ${object.definition.parent} attach partition ${quoteName(...object.id.path)} ${object.definition.bound}`,
  drop: (object) => `alter table ${object.definition.parent} detach partition ${quoteName(...object.id.path)}`,
  alter: { parent: 'recreate', bound: 'recreate' },
  followsRetype: true,
  impact: (operation) => (operation === 'create' ? { lock: 'SHARE UPDATE EXCLUSIVE', work: 'scan' } : { lock: 'ACCESS EXCLUSIVE' }),
})
