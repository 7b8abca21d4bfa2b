import { quoteName } from '../sql/quote.js'
import { kind, NOT_SYSTEM } from './kind.js'

type Attachment = {
  readonly parent: string
  /** Of a constraint that excludes: the partition was given it when it was attached, or its parent when that was made. */
  readonly cloned: true | null
}

/**
 * An index of a partition is part of the partitioned table's index. An object of its own, since both indexes must exist first
 * and the partition be attached. It cannot be taken back but with the index or the partition.
 */
export const indexAttachment = kind<Attachment>({
  name: 'index attachment',
  query: `
    select null::oid as classid, null::oid as oid, 0 as subid,
           array[n.nspname, c.relname]::text[] as path,
           'pg_catalog.pg_class'::pg_catalog.regclass::oid as parentclassid, c.oid as parentoid, 0 as parentsubid,
           pg_catalog.format('%I.%I', pn.nspname, p.relname) as parent,
           case when x.indisexclusion then true end as cloned,
           -- The index, and the key that it stands behind.
           (select pg_catalog.json_agg(whole.address) from (
              select pg_catalog.json_build_array('pg_catalog.pg_class'::pg_catalog.regclass::oid::int8, p.oid::int8, 0) as address
              union all
              select pg_catalog.json_build_array('pg_catalog.pg_constraint'::pg_catalog.regclass::oid::int8, k.oid::int8, 0)
              from pg_catalog.pg_constraint k where k.conindid = p.oid and k.contype in ('p', 'u', 'x')) whole) as needs,
           pg_catalog.json_build_array(pg_catalog.json_build_array('partition', tn.nspname, t.relname)) as afterids
    from pg_catalog.pg_inherits i
    join pg_catalog.pg_class c on c.oid = i.inhrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_class p on p.oid = i.inhparent
    join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
    join pg_catalog.pg_index x on x.indexrelid = c.oid
    join pg_catalog.pg_class t on t.oid = x.indrelid
    join pg_catalog.pg_namespace tn on tn.oid = t.relnamespace
    where c.relkind in ('i', 'I') and ${NOT_SYSTEM}`,
  target: (id) => `index ${quoteName(...id.path)}`,
  create: (object) =>
    object.definition.cloned ? [] : `alter index ${object.definition.parent} attach partition ${quoteName(...object.id.path)}`,
  drop: () => [],
  alter: { parent: 'recreate', cloned: 'recreate' },
  lasting: true,
  impact: () => ({ lock: 'SHARE UPDATE EXCLUSIVE' }),
})
