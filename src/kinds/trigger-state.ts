import type { CatalogObject } from '../catalog/catalog.js'
import { quoteIdentifier, quoteName } from '../sql/quote.js'
import { kind, NOT_SYSTEM } from './kind.js'
import { enabling } from './trigger.js'

type TriggerState = {
  readonly enabled: string
  /** State and text of the partitioned table's trigger: setting either of them sets this one too. */
  readonly root: { readonly enabled: string; readonly body: string }
}

/** A partition's copy of its partitioned table's trigger, enabled otherwise than that. Path: schema, partition, trigger. */
export const triggerState = kind<TriggerState>({
  name: 'trigger state',
  query: `
    with recursive copies as (
      select g.oid, g.tgrelid, g.tgname, g.tgenabled, r.oid as root, r.tgenabled as rootstate
      from pg_catalog.pg_trigger r join pg_catalog.pg_trigger g on g.tgparentid = r.oid
      where r.tgparentid = 0 and not r.tgisinternal
      union all
      select g.oid, g.tgrelid, g.tgname, g.tgenabled, p.root, p.rootstate
      from copies p join pg_catalog.pg_trigger g on g.tgparentid = p.oid
    )
    -- Without the copy's address: by that, pg_depend has it go with the trigger, before which it is set back.
    select null::oid as classid, null::oid as oid, 0 as subid,
           array[n.nspname, c.relname, g.tgname]::text[] as path,
           'pg_catalog.pg_class'::pg_catalog.regclass::oid as parentclassid, c.oid as parentoid, 0 as parentsubid,
           case g.tgenabled when 'O' then 'origin' when 'D' then 'disabled' when 'R' then 'replica' when 'A' then 'always' end as enabled,
           pg_catalog.json_build_object(
             'enabled', case g.rootstate when 'O' then 'origin' when 'D' then 'disabled' when 'R' then 'replica' when 'A' then 'always' end,
             'body', pg_catalog.pg_get_triggerdef(g.root)) as root,
           -- The copy is there once the trigger is, and every partition up to its table is attached.
           (select pg_catalog.json_agg(pg_catalog.json_build_array(a.classid::oid::int8, a.oid::int8, 0))
            from (select 'pg_catalog.pg_trigger'::pg_catalog.regclass as classid, g.root as oid
                  union all
                  select 'pg_catalog.pg_inherits', t.relid from pg_catalog.pg_partition_ancestors(c.oid) t) a) as needs
    from copies g
    join pg_catalog.pg_class c on c.oid = g.tgrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where g.tgenabled <> g.rootstate and c.relpersistence <> 't' and ${NOT_SYSTEM}`,
  target: (id) => `trigger ${quoteIdentifier(id.path[2] ?? '')} on ${quoteName(...id.path.slice(0, 2))}`,
  create: (object) => set(object, object.definition.enabled),
  drop: (object) => set(object, object.definition.root.enabled),
  alter: {
    enabled: (after) => set(after, after.definition.enabled),
    root: (after, before) => (after.definition.enabled === before.definition.enabled ? set(after, after.definition.enabled) : []),
  },
  impact: () => ({ lock: 'SHARE ROW EXCLUSIVE' }),
})

/** ONLY: a partition's own partitions have states of their own. */
function set(object: CatalogObject<TriggerState>, state: string): string {
  return `alter table only ${quoteName(...object.id.path.slice(0, 2))} ${enabling(state)} trigger ${quoteIdentifier(object.id.path[2] ?? '')}`
}
