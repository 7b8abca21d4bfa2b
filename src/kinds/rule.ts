import type { CatalogObject } from '../catalog/catalog.js'
import { quoteIdentifier, quoteName } from '../sql/quote.js'
import { kind, NOT_SYSTEM } from './kind.js'
import { enabling } from './trigger.js'

type Rule = {
  /** pg_get_ruledef() from the name on, without the semicolon. */
  readonly body: string
  /** `origin`, `disabled`, `replica` or `always`, after pg_rewrite.ev_enabled. */
  readonly enabled: string
}

export const rule = kind<Rule>({
  name: 'rule',
  query: `
    select 'pg_catalog.pg_rewrite'::pg_catalog.regclass::oid as classid, r.oid, 0 as subid,
           array[n.nspname, c.relname, r.rulename]::text[] as path,
           'pg_catalog.pg_class'::pg_catalog.regclass::oid as parentclassid, c.oid as parentoid, 0 as parentsubid,
           pg_catalog.rtrim(pg_catalog.substr(pg_catalog.pg_get_ruledef(r.oid), pg_catalog.length('CREATE RULE ') + 1), ';') as body,
           case r.ev_enabled when 'O' then 'origin' when 'D' then 'disabled' when 'R' then 'replica' when 'A' then 'always' end as enabled
    from pg_catalog.pg_rewrite r
    join pg_catalog.pg_class c on c.oid = r.ev_class
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where r.rulename <> '_RETURN' and c.relpersistence <> 't' and ${NOT_SYSTEM}`,
  target: (id) => `rule ${quoteIdentifier(id.path[2] ?? '')} on ${quoteName(...id.path.slice(0, 2))}`,
  create: (object) => [`create rule ${object.definition.body}`, ...(object.definition.enabled === 'origin' ? [] : [setEnabled(object)])],
  alter: {
    // Replacing keeps the enabled state (14 to 18), unlike that of a trigger.
    body: (after) => `create or replace rule ${after.definition.body}`,
    enabled: (after) => setEnabled(after),
  },
  impact: (operation, before, after) => ({
    lock: operation === 'alter' && before?.definition.body === after?.definition.body ? 'SHARE ROW EXCLUSIVE' : 'ACCESS EXCLUSIVE',
  }),
})

/** Rules of views are always enabled: ALTER TABLE knows the state for tables only. */
function setEnabled(object: CatalogObject<Rule>): string {
  return `alter table ${quoteName(...object.id.path.slice(0, 2))} ${enabling(object.definition.enabled)} rule ${quoteIdentifier(object.id.path[2] ?? '')}`
}
