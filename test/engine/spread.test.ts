import { afterAll, expect, test } from '@jest/globals'
import { runServers } from '../servers/index.js'
import { build, dumpOf, withDatabase } from './database.js'
import { goThereAndBack } from './round-trip.js'
import { closeParser, sourceOf } from './source.js'

const [server] = runServers()
if (server === undefined) throw new Error('no server')

afterAll(closeParser)

/** Titles of the steps from one state to the other, there and back again. */
async function steps(before: string, after: string): Promise<readonly string[]> {
  const lane = { server: server as NonNullable<typeof server>, shadow: 'server' } as const
  const [from, to] = [await sourceOf({ 'before.sql': before }), await sourceOf({ 'after.sql': after })]
  return withDatabase(lane.server, (url, session) =>
    withDatabase(lane.server, async (wantedUrl, fresh) => {
      await Promise.all([build(session, before, from), build(fresh, after, to)])
      const plan = await goThereAndBack(lane, { url, session, start: await dumpOf(url), source: to, wanted: await dumpOf(wantedUrl) })
      return plan?.segments.flatMap((segment) => segment.steps.map(({ title }) => title)) ?? []
    }),
  )
}

const TABLES = `create table t (id int not null, a text, b text) partition by range (id);
create table t_1 partition of t for values from (1) to (10);
create table t_2 partition of t for values from (10) to (20) partition by list (id);
create table t_2_x partition of t_2 for values in (11);
create table "T 3" partition of t for values from (20) to (30);`

test.each<[string, string, string, readonly string[]]>([
  [
    'an index',
    TABLES,
    `${TABLES} create index t_a on t (a, lower(b)) include (id) where id > 3;`,
    ['create index public.t_a, also on partitions'],
  ],
  [
    'an index of an odd name',
    TABLES,
    `${TABLES} create index "a ON ONLY b" on t (a);`,
    ['create index public.a ON ONLY b, also on partitions'],
  ],
  [
    'a key, and a unique constraint',
    TABLES,
    `${TABLES} alter table t add primary key (id); alter table t add constraint t_u unique nulls not distinct (id, b) deferrable;`.replace(
      server.major < 15 ? 'nulls not distinct ' : 'never',
      '',
    ),
    ['create constraint public.t.t_pkey, also on partitions', 'create constraint public.t.t_u, also on partitions'],
  ],
  [
    'an index that one of them has',
    `${TABLES} create index own on t_1 (a);`,
    `${TABLES} create index own on t_1 (a); create index t_a on t (a);`,
    ['create index public.t_a, also on partitions'],
  ],
  [
    'another index of that name',
    `${TABLES} create index t_a on t (a);`,
    `${TABLES} create index t_a on t (a desc);`,
    ['drop (to recreate) index public.t_a', 'recreate index public.t_a, also on partitions'],
  ],
  [
    'a comment on what comes along',
    TABLES,
    `${TABLES} create index t_a on t (a); comment on index t_1_a_idx is 'told';`,
    ['create index public.t_a, also on partitions', 'create comment on index public.t_1_a_idx'],
  ],
  [
    'a name that something else has until then',
    `${TABLES} create table t_1_a_idx ();`,
    `${TABLES} create index t_a on t (a);`,
    ['drop table public.t_1_a_idx', 'create index public.t_a, also on partitions'],
  ],
  [
    'a partition that comes, with what fits',
    `${TABLES} create index t_a on t (a); alter table t add primary key (id);`,
    `${TABLES} create index t_a on t (a); alter table t add primary key (id); create table t_4 partition of t for values from (30) to (40);`,
    ['create table public.t_4 with 3 columns, 2 constraints', 'create index public.t_4_a_idx', 'create partition public.t_4'],
  ],
])('%s is one step for all partitions', async (_, before, after, titles) => {
  const found = (await steps(before, after)).filter((title) => !/^alter column/.test(title))
  expect(found.map((title) => title.replace(/, \d constraints?$/, ''))).toEqual(
    titles.map((title) => title.replace(/, \d constraints?$/, '')),
  )
})

test('what PostgreSQL would name otherwise is made by itself', async () => {
  const after = `${TABLES} create index t_a on t (a); alter index t_1_a_idx rename to ours;`
  expect(await steps(TABLES, after)).toEqual(
    expect.arrayContaining(['create index public.t_a', 'create index public.ours', 'create index attachment public.ours']),
  )
})
