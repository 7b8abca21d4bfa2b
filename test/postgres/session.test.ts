import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { connect, onDatabase } from '../../src/postgres/connect.js'
import { openEmbedded } from '../../src/postgres/embedded.js'
import type { Session } from '../../src/postgres/session.js'
import { createDatabase, dropDatabase, runServers } from '../servers/index.js'

const [server] = runServers()
if (server === undefined) throw new Error('no server')
let url = ''

beforeAll(async () => {
  url = await createDatabase(server)
})
afterAll(() => dropDatabase(url))

describe.each([
  ['on a server', () => connect({ kind: 'url', url })],
  ['on the embedded database', () => openEmbedded()],
])('a session %s', (_, open: () => Promise<Session>) => {
  let session: Session
  beforeAll(async () => {
    session = await open()
  })
  afterAll(() => session.close())

  test('keeps what JavaScript cannot hold as text', async () => {
    const [row] = await session.query(
      `select 9007199254740993::int8 as int8, 1.10::numeric as numeric, timestamptz '2020-01-01 00:00:00.123456+00' as time,
              true as bool, 7::int2 as int2, array['a', 'b "c"', null]::name[] as names, '{"a": [1]}'::jsonb as json,
              '1 2'::int2vector as vector, 2::oid as oid, '{}'::text[] as none`,
    )
    expect(row).toEqual({
      int8: '9007199254740993',
      numeric: '1.10',
      time: '2020-01-01 00:00:00.123456+00',
      bool: true,
      int2: 7,
      names: ['a', 'b "c"', null],
      json: { a: [1] },
      vector: [1, 2],
      oid: 2,
      none: [],
    })
  })

  test('takes values', async () => {
    expect(await session.query('select $1::int + 1 as sum, $2::text[] as list', [1, ['x', "'; --"]])).toEqual([
      { sum: 2, list: ['x', "'; --"] },
    ])
  })

  test('sends text verbatim, semicolons in bodies included', async () => {
    await session.execute(`
      create function twice(n int) returns int language sql begin atomic; select n; select n * 2; end;
      create function "; --" () returns text language sql as $f$ select E'\\';' /* ; /* ; */ */ $f$;`)
    expect(await session.query('select twice(2), "; --"() as text')).toEqual([{ twice: 4, text: "';" }])
  })

  test('reports PostgreSQL’s own error, and goes on in the same transaction state', async () => {
    await session.execute('begin')
    const failure = session.execute(`\n\n  select '😀', nope`)
    await expect(failure).rejects.toMatchObject({
      name: 'DatabaseError',
      code: '42703',
      message: 'column "nope" does not exist',
      position: 17,
    })
    await expect(session.execute('select 1')).rejects.toMatchObject({ code: '25P02' })
    await session.execute('rollback')
    expect(await session.query('select 1 as one')).toEqual([{ one: 1 }])
  })

  test('keeps settings after an error', async () => {
    await session.execute(`set search_path = pg_catalog`)
    await expect(session.query('select 1 / $1::int', [0])).rejects.toMatchObject({ code: '22012' })
    expect(await session.query('show search_path')).toEqual([{ search_path: 'pg_catalog' }])
    await session.execute('reset search_path')
  })

  test('names the constraint, the detail and the inner query', async () => {
    await session.execute('create table twice_told (id int constraint once unique); insert into twice_told values (1)')
    await expect(session.execute('insert into twice_told values (1)')).rejects.toMatchObject({
      code: '23505',
      constraint: 'once',
      table: 'twice_told',
      detail: 'Key (id)=(1) already exists.',
    })
    await expect(session.execute(`do $$ begin execute 'select nope'; end $$`)).rejects.toMatchObject({
      code: '42703',
      internalQuery: 'select nope',
      internalPosition: 8,
    })
  })

  test('passes notices on', async () => {
    const notices: unknown[] = []
    session.onNotice((notice) => notices.push(notice))
    await session.execute(`do $$ begin raise warning 'careful' using hint = 'slowly'; end $$`)
    expect(notices).toEqual([expect.objectContaining({ severity: 'WARNING', message: 'careful', hint: 'slowly' })])
  })

  test('refuses a NUL, which would end the message early', async () => {
    await expect(session.execute(`select 1\0; drop table twice_told`)).rejects.toMatchObject({ code: '22021' })
    expect(await session.query('select count(*)::int from twice_told')).toEqual([{ count: 1 }])
  })
})

test('a lost connection is an error with an SQLSTATE', async () => {
  const session = await connect({ kind: 'url', url })
  await expect(session.execute('select pg_terminate_backend(pg_backend_pid())')).rejects.toMatchObject({ code: '57P01' })
  await expect(session.execute('select 1')).rejects.toMatchObject({ code: '08006' })
  await session.close()
})

test('readOnly holds for every transaction', async () => {
  const session = await connect({ kind: 'url', url }, { readOnly: true })
  await expect(session.execute('create table forbidden ()')).rejects.toMatchObject({ code: '25006' })
  await session.close()
})

test('onDatabase reaches another database of the same server', async () => {
  const session = await connect(onDatabase({ kind: 'url', url }, 'template1'))
  expect(session.label.endsWith('/template1')).toBe(true)
  expect(await session.query('select current_database() as name')).toEqual([{ name: 'template1' }])
  await session.close()
})
