import { quoteName } from '../sql/quote.js'
import { kind, NOT_SYSTEM } from './kind.js'

/**
 * The index behind a primary key, a unique or an exclusion constraint: made and dropped with it, but a target of its own for
 * comments, and what foreign keys, replica identity and CLUSTER really hang on.
 */
export const keyIndex = kind<Record<string, never>>({
  name: 'key index',
  query: `
    select 'pg_catalog.pg_class'::pg_catalog.regclass::oid as classid, c.oid, 0 as subid,
           array[n.nspname, c.relname]::text[] as path,
           'pg_catalog.pg_constraint'::pg_catalog.regclass::oid as parentclassid, k.oid as parentoid, 0 as parentsubid
    from pg_catalog.pg_constraint k
    join pg_catalog.pg_class c on c.oid = k.conindid
    join pg_catalog.pg_class t on t.oid = k.conrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where k.contype in ('p', 'u', 'x') and t.relpersistence <> 't' and ${NOT_SYSTEM}`,
  target: (id) => `index ${quoteName(...id.path)}`,
  create: () => [],
  drop: () => [],
  alter: {},
  followsRetype: true,
  impact: () => ({}),
})
