import { expect, test } from '@jest/globals'
import { stepsBetween } from '../../src/diff/steps.js'
import { introspect } from '../../src/postgres/introspect.js'
import { runServers } from '../servers/index.js'
import { withDatabase } from './database.js'

const [server] = runServers()
if (server === undefined) throw new Error('no server')

// Only a provider (sepgsql, the test module dummy_seclabel) sets labels, and no server of ours has one: the row is put there by hand.
test('security labels are read, and stated as the provider takes them', async () => {
  await withDatabase(server, async (_, session) => {
    await session.execute('create table t (id int); create function f(i int) returns int language sql as $$ select 1 $$')
    const without = await introspect(session)
    await session.execute(
      `insert into pg_seclabel (objoid, classoid, objsubid, provider, label)
       values ('t'::regclass, 'pg_class'::regclass, 0, 'my provider', 'it''s secret'), ('t'::regclass, 'pg_class'::regclass, 1, 'dummy', 'top'),
              ('f(int)'::regprocedure, 'pg_proc'::regclass, 0, 'dummy', 'low')`,
    )
    const labelled = await introspect(session)
    const sql = (from: typeof without, to: typeof without) =>
      stepsBetween(from, to)
        .flatMap((step) => step.sql)
        .sort()
    expect(sql(without, labelled)).toEqual([
      `security label for "my provider" on table public.t is 'it''s secret'`,
      "security label for dummy on column public.t.id is 'top'",
      "security label for dummy on function public.f(i integer) is 'low'",
    ])
    expect(sql(labelled, without)[0]).toBe('security label for "my provider" on table public.t is null')
    await session.execute('delete from pg_seclabel')
  })
})
