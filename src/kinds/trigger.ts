import type { CatalogObject } from '../catalog/catalog.js'
import { quoteIdentifier, quoteName } from '../sql/quote.js'
import { kind, NOT_SYSTEM } from './kind.js'

type Trigger = {
  readonly constraint: boolean
  /** pg_get_triggerdef() from the name on: it follows CREATE TRIGGER and CREATE OR REPLACE TRIGGER alike. */
  readonly body: string
  /** `origin`, `disabled`, `replica` or `always`, after pg_trigger.tgenabled. */
  readonly enabled: string
}

export const trigger = kind<Trigger>({
  name: 'trigger',
  query: `
    select 'pg_catalog.pg_trigger'::pg_catalog.regclass::oid as classid, g.oid, 0 as subid,
           array[n.nspname, c.relname, g.tgname]::text[] as path,
           'pg_catalog.pg_class'::pg_catalog.regclass::oid as parentclassid, c.oid as parentoid, 0 as parentsubid,
           g.tgconstraint <> 0 as constraint,
           pg_catalog.substr(pg_catalog.pg_get_triggerdef(g.oid),
             pg_catalog.length(case when g.tgconstraint <> 0 then 'CREATE CONSTRAINT TRIGGER ' else 'CREATE TRIGGER ' end) + 1) as body,
           case g.tgenabled when 'O' then 'origin' when 'D' then 'disabled' when 'R' then 'replica' when 'A' then 'always' end as enabled
    from pg_catalog.pg_trigger g
    join pg_catalog.pg_class c on c.oid = g.tgrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where not g.tgisinternal and g.tgparentid = 0 and c.relpersistence <> 't' and ${NOT_SYSTEM}`,
  target: (id) => `trigger ${quoteIdentifier(id.path[2] ?? '')} on ${quoteName(...id.path.slice(0, 2))}`,
  rename: (id, newName) =>
    `alter trigger ${quoteIdentifier(id.path[2] ?? '')} on ${quoteName(...id.path.slice(0, 2))} rename to ${quoteIdentifier(newName)}`,
  create: (object) => [
    `create ${object.definition.constraint ? 'constraint ' : ''}trigger ${object.definition.body}`,
    ...(object.definition.enabled === 'origin' ? [] : [setEnabled(object)]),
  ],
  alter: {
    constraint: 'recreate',
    // Constraint triggers cannot be replaced (14 to 18); what is replaced is enabled again.
    body: (after) =>
      after.definition.constraint
        ? null
        : [`create or replace trigger ${after.definition.body}`, ...(after.definition.enabled === 'origin' ? [] : [setEnabled(after)])],
    enabled: (after, before) => (after.definition.body === before.definition.body ? setEnabled(after) : []),
  },
  impact: (operation) => ({ lock: operation === 'drop' ? 'ACCESS EXCLUSIVE' : 'SHARE ROW EXCLUSIVE' }),
})

/** On a partitioned table this reaches the triggers of its partitions too, which PostgreSQL made of this one. */
function setEnabled(object: CatalogObject<Trigger>): string {
  return `alter table ${quoteName(...object.id.path.slice(0, 2))} ${enabling(object.definition.enabled)} trigger ${quoteIdentifier(object.id.path[2] ?? '')}`
}

/** `enable`, `disable`, `enable replica` or `enable always`: what ALTER TABLE says of triggers and rules. */
export function enabling(state: string): string {
  return state === 'origin' ? 'enable' : state === 'disabled' ? 'disable' : `enable ${state}`
}
