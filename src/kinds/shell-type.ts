import { quoteName } from '../sql/quote.js'
import { kind, NOT_SYSTEM } from './kind.js'

/** A base type of which only the name is there yet: functions may take it, and no column can have it. */
export const shellType = kind<Record<string, never>>({
  name: 'shell type',
  query: `
    select 'pg_catalog.pg_type'::pg_catalog.regclass::oid as classid, t.oid, 0 as subid,
           array[n.nspname, t.typname]::text[] as path
    from pg_catalog.pg_type t
    join pg_catalog.pg_namespace n on n.oid = t.typnamespace
    where not t.typisdefined and t.oid >= 16384 and ${NOT_SYSTEM}`,
  target: (id) => `type ${quoteName(...id.path)}`,
  create: (object) => `create type ${quoteName(...object.id.path)}`,
  alter: {},
  occupies: (object) => [`type ${quoteName(...object.id.path)}`],
})
