import { expect, test } from '@jest/globals'
import { stepsBetween } from '../../src/diff/steps.js'
import { introspect } from '../../src/postgres/introspect.js'
import { runServers } from '../servers/index.js'
import { withDatabase } from './database.js'

const [server] = runServers()
if (server === undefined) throw new Error('no server')

/** A NOT NULL column, and what its two rows get. */
const COLUMNS: readonly (readonly [column: string, values: string])[] = [
  ['text', '{"",""}'],
  [`text check (x in ('new', 'done'))`, '{new,new}'],
  [`varchar(10) check (x in ('a''b', 'c'))`, `{a'b,a'b}`],
  [`char(1) check (x = 'M' or x = 'F')`, '{M,M}'],
  [`text check (x <> '')`, '{-,-}'],
  [`varchar(40) check (btrim(x) <> '' and char_length(x) <= 40)`, '{-,-}'],
  ['text check (length(x) = 3)', '{---,---}'],
  [`text check (lower(x) = 'on' or lower(x) = 'off')`, '{on,on}'],
  ['int check (x > 0)', '{1,1}'],
  ['smallint check (x between 5 and 9)', '{5,5}'],
  ['int check (x < -3)', '{-4,-4}'],
  ['numeric(8, 2) check (x >= 0.5 and x < 100)', '{0.50,0.50}'],
  ['numeric check (x > 0::numeric and 1 = 1)', '{1,1}'],
  ['boolean check (x)', '{t,t}'],
  [`date check (x >= date '2020-01-01')`, '{2020-01-01,2020-01-01}'],
  [`state check (x <> 'new')`, '{done,done}'],
  ['positive', '{1,1}'],
  ['point', '{"(0,0)","(0,0)"}'],
  ['bit(3)', '{000,000}'],
  ['bit varying(3)', '{"",""}'],
  ['macaddr', '{00:00:00:00:00:00,00:00:00:00:00:00}'],
  ['int4multirange', '{"{}","{}"}'],
  ['span', '{empty,empty}'],
  ['pair', '{"(,)","(,)"}'],
  ['polygon', '{"((0,0))","((0,0))"}'],
  ['line', '{"{1,0,0}","{1,0,0}"}'],
  ['jsonpath', '{$,$}'],
  ['tsquery', '{"",""}'],
  ['timetz', '{00:00:00+00,00:00:00+00}'],
  ['int unique', '{1,2}'],
  ['int unique check (x >= 100)', '{100,101}'],
  ['text unique', '{1,2}'],
  ['varchar(20), unique (id, x)', '{1,2}'],
  ['uuid unique', '{00000000-0000-0000-0000-000000000001,00000000-0000-0000-0000-000000000002}'],
  ['timestamptz unique', `{"1970-01-01 00:00:01+00","1970-01-01 00:00:02+00"}`],
  ['positive unique', '{1,2}'],
]

const TYPES = `create type state as enum ('new', 'done'); create domain positive as int check (value > 0);
  create type pair as (a int, b text); create type span as range (subtype = date)`

const tableOf = (i: number) => `t${i}`

/** The table's new column as CREATE TABLE takes it. */
function columnOf(definition: string): string {
  const [type = '', ...rest] = definition.split(/ (?=check|unique)|(?=, unique)/)
  return `x ${type} not null ${rest.join(' ')}`
}

test('rows get what suits the checks and keys of a new column', async () => {
  await withDatabase(server, async (_, session) => {
    const tables = COLUMNS.map(([definition], i) => ({ name: tableOf(i), definition }))
    await session.execute(`set time zone 'UTC'; ${TYPES}`)
    for (const { name } of tables) await session.execute(`create table ${name} (id int primary key); insert into ${name} values (1), (2)`)
    const before = await introspect(session)
    await session.execute('begin')
    for (const { name, definition } of tables)
      await session.execute(`drop table ${name}; create table ${name} (id int primary key, ${columnOf(definition)})`)
    const after = await introspect(session, { inTransaction: true })
    await session.execute('rollback')

    const steps = stepsBetween(before, after, { hasRows: () => true })
    expect(steps.flatMap(({ hazards }) => hazards.map(({ hazard }) => hazard))).toEqual(COLUMNS.map(() => 'fill'))
    const rewritten = steps.filter(({ impact }) => impact.work === 'rewrite').flatMap(({ objects: [key = ''] }) => JSON.parse(key)[2])
    expect(rewritten.toSorted()).toEqual(tables.flatMap(({ name, definition }) => (definition.includes('unique') ? name : [])).toSorted())
    for (const sql of steps.flatMap((step) => step.sql)) await session.execute(sql)
    const found: unknown[] = []
    for (const { name, definition } of tables) {
      const [row] = await session.query<{ values: string }>(`select array_agg(x order by id)::text as values from ${name}`)
      found.push([definition, row?.values])
    }
    expect(found).toEqual(COLUMNS)
    expect(stepsBetween(await introspect(session), after)).toEqual([])
  })
})

test('a type without a neutral value is told as such', async () => {
  await withDatabase(server, async (_, session) => {
    await session.execute('create table t (id int primary key)')
    const before = await introspect(session)
    await session.execute('alter table t add x pg_snapshot not null')
    const [step] = stepsBetween(before, await introspect(session), { hasRows: () => true })
    expect(step).toMatchObject({
      unfilled: true,
      hazards: [{ hazard: 'fill' }],
      sql: ['alter table public.t add column x pg_snapshot not null'],
    })
  })
})

test('what refers to a row elsewhere gets no number that may be that of a row', async () => {
  await withDatabase(server, async (_, session) => {
    await session.execute('create table t (id int primary key)')
    const before = await introspect(session)
    await session.execute('alter table t add x int not null unique references t')
    const [step] = stepsBetween(before, await introspect(session), { hasRows: () => true })
    expect(step?.sql[0]).toBe('alter table public.t add column x integer not null default 0')
  })
})
