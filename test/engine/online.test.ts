import { afterAll, expect, test } from '@jest/globals'
import type { Plan } from '../../src/plan/plan.js'
import { runServers } from '../servers/index.js'
import { build, dumpOf, withDatabase } from './database.js'
import { goThereAndBack, planFor } from './round-trip.js'
import { closeParser, sourceOf } from './source.js'

const [server] = runServers()
if (server === undefined) throw new Error('no server')
const lane = { server, shadow: 'server' } as const

afterAll(closeParser)

const BEFORE = `
create table account (id int primary key);
create table entry (id int, account int, amount int not null, note text, state text not null, constraint state check (state <> ''));
create unique index entry_old on entry (id, account);
comment on index entry_old is 'old';
create index entry_note on entry (note);
create index entry_gone on entry (state);
create table small (id int);
create table part (id int not null, at int not null, kind text) partition by range (at);
create table part_1 partition of part for values from (0) to (100000);
create table part_2 partition of part for values from (100000) to (200000);`

/** 1.5 MiB in `entry` and in `part_1`; nothing in the others. */
const ROWS = `
insert into account select generate_series(1, 100);
insert into entry select i, i % 100 + 1, i, repeat('x', 50), 'open' from generate_series(1, 15000) i;
insert into part select i, i, repeat('x', 80) from generate_series(1, 15000) i;`

const AFTER = `
create table account (id int primary key);
create table entry (id int not null, account int not null, amount int not null, note text, state text not null, added int default 1,
  constraint state check (state in ('open', 'closed')),
  constraint positive check (amount > 0),
  primary key (id),
  constraint entry_account foreign key (account) references account,
  constraint entry_unique unique (account, id) deferrable);
create unique index entry_old on entry (account, id);
comment on index entry_old is 'old';
create index entry_note on entry (lower(note)) where note is not null;
create index entry_added on entry (added);
comment on index entry_added is 'added';
create table small (id int not null);
create index small_id on small (id);
create table part (id int not null, at int not null, kind text, primary key (id, at)) partition by range (at);
create table part_1 partition of part for values from (0) to (100000);
create table part_2 partition of part for values from (100000) to (200000);
create index part_kind on part (kind);`

/** Runs `work` on a database as BEFORE and ROWS made it, with what pg_dump sees in it and in one that AFTER made. */
async function travel(
  work: (trip: Parameters<typeof goThereAndBack>[1]) => Promise<void>,
  before = BEFORE,
  after = AFTER,
  rows = ROWS,
): Promise<void> {
  const [source, old] = await Promise.all([sourceOf({ 'after.sql': after }), sourceOf({ 'before.sql': before })])
  await withDatabase(lane.server, (url, session) =>
    withDatabase(lane.server, async (otherUrl, other) => {
      await Promise.all([build(session, before, old), build(other, after, source)])
      const [start, wanted] = await Promise.all([dumpOf(url), dumpOf(otherUrl)])
      if (rows !== '') await session.execute(rows)
      await work({ url, session, start, source, wanted })
    }),
  )
}

const outside = (plan: Plan | null) =>
  (plan?.segments ?? []).flatMap(({ transactional, steps }) => (transactional ? [] : [steps.map(({ title }) => title.split(':')[0])]))

test(
  'what is large is changed online, each object by itself and after all else; there and back',
  () =>
    travel(async (trip) => {
      const plan = await goThereAndBack(lane, trip)
      expect(outside(plan).flat().sort()).toEqual([
        'alter column public.entry.account',
        'alter column public.entry.id',
        'create constraint public.entry.entry_account',
        'create constraint public.entry.entry_pkey',
        'create constraint public.entry.entry_unique',
        'create constraint public.entry.positive',
        'create constraint public.part_1.part_1_pkey',
        'create index public.entry_added',
        'create index public.part_1_kind_idx',
        'drop index public.entry_gone',
        'replace constraint public.entry.state',
        'replace index public.entry_note',
        'replace index public.entry_old',
      ])
      expect(outside(plan).every(({ length }) => length === 1)).toBe(true)
      expect(plan?.segments.filter(({ transactional }) => transactional)).toHaveLength(2)
      expect(plan?.segments[0]?.transactional).toBe(true)
    }),
  120_000,
)

test('never: one transaction; small tables: one transaction', async () => {
  await travel(async (trip) => {
    const never = await planFor(lane, trip.session, { ...trip, online: 'never' })
    expect(never?.segments.map(({ transactional }) => transactional)).toEqual([true])
  })
  await travel(
    async (trip) => {
      expect((await planFor(lane, trip.session, trip))?.segments).toHaveLength(1)
    },
    BEFORE,
    AFTER,
    '',
  )
}, 120_000)

test('nothing commits while rows wait in a temporary table', async () => {
  const parts = (end: number) => `create table part (id int not null, at int not null, kind text) partition by range (at);
create table part_1 partition of part for values from (0) to (${end});
create table part_2 partition of part for values from (${end}) to (200000);`
  await travel(
    async (trip) => {
      const plan = await goThereAndBack(lane, { ...trip, online: 'always' })
      expect(plan?.segments.map(({ transactional }) => transactional)).toEqual([true])
      expect(await trip.session.query('select min(at), max(at), count(*)::int from only part_1')).toEqual([
        { min: 1, max: 15000, count: 15000 },
      ])
    },
    parts(100_000),
    `${parts(5000)}\ncreate index part_1_kind on part_1 (kind);\ncreate index part_kind on part (kind);`,
    ROWS.slice(ROWS.indexOf('insert into part')),
  )
}, 120_000)
