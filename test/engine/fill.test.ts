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
  ['int unique', '{1,2}'],
  ['int unique check (x >= 100)', '{100,101}'],
  ['int unique check (x > -10 and x < 0)', '{-1,-1}'],
  ['text unique', '{1,2}'],
  ['varchar(20) not null, unique (id, x)', '{1,2}'],
  ['uuid unique', '{00000000-0000-0000-0000-000000000001,00000000-0000-0000-0000-000000000002}'],
  ['timestamptz unique', `{"1970-01-01 00:00:01+00","1970-01-01 00:00:02+00"}`],
  ['positive unique', '{1,2}'],
]

test.each(COLUMNS)('rows get what suits: %s', async (column, values) => {
  await withDatabase(server, async (_, session) => {
    await session.execute(`set time zone 'UTC'; create type state as enum ('new', 'done'); create domain positive as int check (value > 0)`)
    await session.execute('create table t (id int primary key); insert into t values (1), (2)')
    const before = await introspect(session)
    const [type = '', ...rest] = column.split(/ (?=check|unique)|(?=, unique)/)
    await session.execute(
      `begin; drop table t; create table t (id int primary key, x ${type} not null ${rest.join(' ').replace(/^ *not null/, '')})`,
    )
    const after = await introspect(session, { inTransaction: true })
    await session.execute('rollback')
    const steps = stepsBetween(before, after, { hasRows: () => true })
    expect(steps.flatMap(({ hazards }) => hazards.map(({ hazard }) => hazard))).toEqual(['fill'])
    const isNumbered = /unique(?! check \(x > -10)/.test(column)
    expect(steps.some(({ impact }) => impact.work === 'rewrite')).toBe(isNumbered)
    const run = async () => {
      for (const sql of steps.flatMap((step) => step.sql)) await session.execute(sql)
    }
    if (column.includes('> -10')) {
      // Not every number suits, and one value cannot be all rows': PostgreSQL says so.
      await expect(run()).rejects.toThrow('could not create unique index')
      return
    }
    await run()
    expect(await session.query('select array_agg(x order by id)::text as values from t')).toEqual([{ values }])
    expect(stepsBetween(await introspect(session), after)).toEqual([])
  })
})
