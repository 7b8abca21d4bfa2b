import { expect, test } from '@jest/globals'
import { introspect } from '../../src/postgres/introspect.js'
import { runServers } from '../servers/index.js'
import { withDatabase } from './database.js'

test.each(runServers())('what is granted on objects of the system is listed by name, on PostgreSQL $major', async (server) => {
  await withDatabase(server, async (_, session) => {
    expect((await introspect(session)).unmodelled).toEqual([])
    // Objects of the system are of this database: the others on the server do not see it.
    await session.execute(`
      revoke execute on function pg_catalog.pg_sleep(double precision) from public;
      grant execute on function pg_catalog.pg_ls_logdir() to pg_monitor with grant option;
      grant select (subconninfo) on pg_catalog.pg_subscription to pg_monitor;
      grant create on schema pg_catalog to pg_monitor;
      grant usage on type pg_catalog.int4 to pg_monitor`)
    try {
      expect((await introspect(session)).unmodelled.map(({ description }) => description)).toEqual([
        'grant on column subconninfo of table pg_subscription',
        'grant on function pg_ls_logdir()',
        'grant on function pg_sleep(double precision)',
        'grant on schema pg_catalog',
        'grant on type integer',
      ])
    } finally {
      await session.execute(`
        grant execute on function pg_catalog.pg_sleep(double precision) to public;
        revoke execute on function pg_catalog.pg_ls_logdir() from pg_monitor;
        grant execute on function pg_catalog.pg_ls_logdir() to pg_monitor;
        revoke select (subconninfo) on pg_catalog.pg_subscription from pg_monitor;
        revoke create on schema pg_catalog from pg_monitor;
        revoke usage on type pg_catalog.int4 from pg_monitor`)
    }
    expect((await introspect(session)).unmodelled).toEqual([])
  })
})
