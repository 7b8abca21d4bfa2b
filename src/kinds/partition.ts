import type { CatalogObject } from '../catalog/catalog.js'
import { quoteName } from '../sql/quote.js'
import { keySpreading } from './constraint.js'
import { type Context, kind, NOT_SYSTEM } from './kind.js'
import { isInherited, isRerouted, isWhollyInherited, keepForOthers, letGo, route, unsettled } from './partition-rows.js'
import { partitionRefusals } from './refusals.js'
import { attachedAlong } from './spread.js'
import { indexSpreading } from './table-index.js'

type Partition = { readonly parent: string; readonly bound: string }

/**
 * A table's place in a partitioned table. An object of its own: the table is made with its columns, keys and indexes first, and then
 * attached, so that PostgreSQL takes those for the parent's instead of making others with names of its choice.
 */
export const partition = kind<Partition>({
  name: 'partition',
  query: `
    select 'pg_catalog.pg_inherits'::pg_catalog.regclass::oid as classid, c.oid, 0 as subid,
           array[n.nspname, c.relname]::text[] as path,
           'pg_catalog.pg_class'::pg_catalog.regclass::oid as parentclassid, c.oid as parentoid, 0 as parentsubid,
           pg_catalog.format('%I.%I', pn.nspname, p.relname) as parent,
           pg_catalog.pg_get_expr(c.relpartbound, c.oid) as bound,
           pg_catalog.json_build_array(pg_catalog.json_build_array('pg_catalog.pg_class'::pg_catalog.regclass::oid::int8, p.oid::int8, 0)) as needs,
           -- Attached with all that it has, but for foreign keys of its own: those to partitions wait for these. What changes on it later
           -- does not detach it.
           (select pg_catalog.json_agg(a.id) from (
              select pg_catalog.json_build_array('column', n.nspname, c.relname, a.attname) as id
              from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
              union all
              select pg_catalog.json_build_array('constraint', n.nspname, c.relname, k.conname)
              from pg_catalog.pg_constraint k where k.conrelid = c.oid and k.contype <> 'f'
              union all
              select pg_catalog.json_build_array('index', n.nspname, i.relname)
              from pg_catalog.pg_index x join pg_catalog.pg_class i on i.oid = x.indexrelid where x.indrelid = c.oid
              union all
              -- An index of a partitioned partition is complete only with those of its own partitions; another is not taken.
              select pg_catalog.json_build_array('index attachment', xn.nspname, i.relname)
              from pg_catalog.pg_index x join pg_catalog.pg_inherits h on h.inhparent = x.indexrelid join pg_catalog.pg_class i on i.oid = h.inhrelid
              join pg_catalog.pg_namespace xn on xn.oid = i.relnamespace
              where x.indrelid = c.oid) a) as afterids
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_inherits i on i.inhrelid = c.oid
    join pg_catalog.pg_class p on p.oid = i.inhparent
    join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
    where c.relispartition and c.relkind in ('r', 'p', 'f') and ${NOT_SYSTEM}`,
  target: (id) => `table ${quoteName(...id.path)}`,
  create: (object, _parts, context) => {
    const before = context.former(object.id) as CatalogObject<Partition> | undefined
    const attach = `alter table ${object.definition.parent} attach partition ${quoteName(...object.id.path)} ${object.definition.bound}`
    const rows = before && isRerouted(before, object, context) ? letGo(object, context) : []
    return [...rows, ...(before ? leftBehind(object, context) : []), attach]
  },
  drop: (object) => `alter table ${object.definition.parent} detach partition ${quoteName(...object.id.path)}`,
  alter: { parent: 'recreate', bound: 'recreate' },
  followsRetype: true,
  letsGoFirst: true,
  ties: true,
  refusals: partitionRefusals,
  spread: {
    over: ({ id }, context, stays) =>
      attachedAlong({ kind: 'table', path: id.path }, { index: indexSpreading, constraint: keySpreading }, context, stays),
  },
  unsettled: (object, context) => unsettled(object, context),
  rebuild: {
    needed: (before, after, context) => (after ? isRerouted(before, after, context) : isInherited(before, context)),
    // One that stays is looked at when it stands alone, with the columns that it is to have.
    keep: (before, _context, after) => (after.find(before.id) ? [] : keepForOthers(before, after)),
    refill: (object, context) => route(object, context),
    losesNone: (before, context) => isWhollyInherited(before, context),
  },
  // With other bounds than before, rows are looked for that these do not take.
  impact: (operation, before) =>
    operation === 'create' ? { lock: before ? 'ACCESS EXCLUSIVE' : 'SHARE UPDATE EXCLUSIVE', work: 'scan' } : { lock: 'ACCESS EXCLUSIVE' },
})

/** What excludes and stayed when it was detached, unless its model went before: attached again, it is given another. */
function leftBehind({ id }: CatalogObject<Partition>, { children, former }: Context): readonly string[] {
  return children({ kind: 'table', path: id.path })
    .filter((part) => part.definition.cloned === true && former(part.id)?.definition.cloned === true)
    .map((part) => `alter table ${quoteName(...id.path)} drop constraint if exists ${quoteName(part.id.path.at(-1) ?? '')}`)
}
