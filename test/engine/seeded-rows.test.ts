import { afterAll, expect, test } from '@jest/globals'
import { runServers } from '../servers/index.js'
import { build, withDatabase } from './database.js'
import { planFor } from './round-trip.js'
import { closeParser, sourceOf } from './source.js'

const [server] = runServers()
if (server === undefined) throw new Error('no server')

afterAll(closeParser)

const PARTITIONS = `
create table event (at date not null, kind text not null, primary key (at, kind)) partition by range (at);
create table event_24 partition of event for values from ('2024-01-01') to ('2025-01-01');
create table event_25 partition of event for values from ('2025-01-01') to ('2026-01-01') partition by list (kind);
create table event_25_ab partition of event_25 for values in ('a', 'b');
create table event_25_rest partition of event_25 default;
create table event_rest partition of event default;
create table item (id int not null, v text) partition by hash (id);
create table item_0 partition of item for values with (modulus 4, remainder 0);
create table item_1 partition of item for values with (modulus 4, remainder 1);
create table item_2 partition of item for values with (modulus 4, remainder 2);
create table item_3 partition of item for values with (modulus 4, remainder 3);
create table note (id int primary key, at date not null, kind text not null, foreign key (at, kind) references event);`

const LEAVES = ['event_24', 'event_25_ab', 'event_25_rest', 'event_rest', 'item_0', 'item_1', 'item_2', 'item_3']

async function rehearsed(before: string, after: string, rows = '') {
  const plan = await withDatabase(server as NonNullable<typeof server>, async (_url, live) => {
    await build(live, before, await sourceOf({ 'before.sql': before }))
    await live.execute(rows)
    return planFor({ server: server as NonNullable<typeof server>, shadow: 'server' }, live, {
      source: await sourceOf({ 'after.sql': after }),
    })
  })
  return { tables: Object.keys(plan?.rehearsal.rows ?? {}), caveats: plan?.rehearsal.caveats, irreversible: plan?.irreversible }
}

test('partitions are rehearsed with a row in each, and what refers to them with one that is there', async () => {
  const after = PARTITIONS.replaceAll(' not null, v text)', ' not null, v text, n int)').replace(
    'kind text not null, primary',
    'kind text not null, n int, primary',
  )
  const { tables, caveats } = await rehearsed(PARTITIONS, after.replace('note (id int', 'note (n int, id int'))
  expect(tables).toEqual([...LEAVES, 'note'].map((name) => `public.${name}`))
  expect(caveats).toEqual([])
})

test('of many partitions, some are rehearsed with rows, and the plan says so', async () => {
  const partitions = Array.from({ length: 20 }, (_, i) => `create table t_${i} partition of t for values in (${i});`).join('\n')
  const before = `create table t (id int) partition by list (id);\n${partitions}`
  const { tables, caveats } = await rehearsed(before, before.replace('(id int)', '(id int, n int)'))
  expect(tables.length).toBe(16)
  expect(caveats).toEqual(['rehearsed with rows in 16 of 20 partitions of public.t'])
})

test.each([
  ['a new check', 'create table t (id int, v text)', `create table t (id int, v text check (v in ('north', 'south')))`],
  ['a check that nothing but an odd shape meets', 'create table t (v text)', `create table t (v text check (v like '%@%.%'))`],
  ['a type that few texts are of', 'create table t (v text)', 'create table t (v date)'],
  [
    'a foreign key',
    'create table p (id int primary key); create table t (p int)',
    'create table p (id int primary key); create table t (p int references p)',
  ],
  [
    'bounds of a table that becomes a partition',
    'create table r (at date) partition by range (at); create table t (at date)',
    `create table r (at date) partition by range (at); create table t partition of r for values from ('2031-01-01') to ('2032-01-01')`,
  ],
  ['a domain', 'create table t (v int)', 'create domain percent as int check (value between 40 and 60); create table t (v percent)'],
])('%s is rehearsed with rows that meet it', async (_, before, after) => {
  const { tables, caveats, irreversible } = await rehearsed(before, after)
  expect({ caveats, irreversible }).toEqual({ caveats: [], irreversible: null })
  expect(tables).toContain('public.t')
})

test('a table whose row a step refuses is rehearsed without one, and the others with theirs', async () => {
  const before = `create function odd(int) returns bool language sql immutable as 'select $1 % 2 = 0 and $1 > 70000';
    create table t (id int not null); create table u (id int)`
  const after = before.replace('t (id int not null)', 't (id int not null check (odd(id)))').replace('u (id int)', 'u (id bigint)')
  const { tables, caveats } = await rehearsed(before, after)
  expect(tables).toEqual(['public.u'])
  expect(caveats).toEqual(['rehearsed without rows in public.t: no simple value is as the plan asks rows to be'])
})

test('a way back that a row of a partition refuses is told, where there are such rows', async () => {
  const before = `create table t (at date not null, kind text not null) partition by list (kind);
    create table t_a partition of t for values in ('a');`
  const after = `create table t (at date not null) partition by range (at);
    create table t_a partition of t for values from (minvalue) to (maxvalue)`
  expect((await rehearsed(before, after)).irreversible).toBeNull()
  const { irreversible } = await rehearsed(before, after, "insert into t values ('2024-05-05', 'a')")
  expect(irreversible).toMatch(/partition constraint .* is violated/)
})
