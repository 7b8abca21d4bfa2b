import { quoteIdentifier, quoteName } from '../sql/quote.js'
import { kind, NOT_SYSTEM, OWN } from './kind.js'

export const schema = kind<Record<string, never>>({
  name: 'schema',
  schemaless: true,
  query: `
    select 'pg_catalog.pg_namespace'::pg_catalog.regclass::oid as classid, n.oid, 0 as subid,
           array[n.nspname::text] as path
    from pg_catalog.pg_namespace n
    where ${NOT_SYSTEM} and n.nspname not in (${OWN})`,
  target: (id) => `schema ${quoteName(...id.path)}`,
  rename: (id, newName) => `alter schema ${quoteName(...id.path)} rename to ${quoteIdentifier(newName)}`,
  create: (object) => `create schema ${quoteName(...object.id.path)}`,
  alter: {},
})
