import { kind } from './kind.js'

/** The database itself, whatever it is called: what GRANT … ON DATABASE is about. Its privileges, comment and security labels are managed. */
export const database = kind<Record<never, never>>({
  name: 'database',
  schemaless: true,
  query: `
    select 'pg_catalog.pg_database'::pg_catalog.regclass::oid as classid, d.oid, 0 as subid, array['current'] as path
    from pg_catalog.pg_database d
    where d.datname = pg_catalog.current_database()`,
  target: () => 'database',
  create: () => [],
  drop: () => [],
  alter: {},
  impact: () => ({}),
})
