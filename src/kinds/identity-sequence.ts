import { quoteName } from '../sql/quote.js'
import { kind, NOT_SYSTEM } from './kind.js'

/**
 * The sequence behind an identity column, which comes, changes and goes with that. An object of its own for what stands on it:
 * comments, grants, and defaults of other columns that count with it.
 */
export const identitySequence = kind<Record<never, never>>({
  name: 'identity sequence',
  query: `
    select 'pg_catalog.pg_class'::pg_catalog.regclass::oid as classid, c.oid, 0 as subid,
           array[n.nspname, c.relname]::text[] as path,
           'pg_catalog.pg_class'::pg_catalog.regclass::oid as parentclassid, d.refobjid as parentoid, d.refobjsubid as parentsubid
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_depend d on d.objid = c.oid
    where c.relkind = 'S' and c.relpersistence <> 't' and ${NOT_SYSTEM}
      and d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refclassid = d.classid and d.deptype = 'i'`,
  target: (id) => `sequence ${quoteName(...id.path)}`,
  create: () => [],
  inline: () => '',
  drop: () => [],
  alter: {},
  impact: () => ({}),
})
