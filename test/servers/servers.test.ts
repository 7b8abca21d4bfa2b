import { describe, expect, test } from '@jest/globals'
import { createDatabase, dropDatabase, normalizeDump, pgDump, query, runServers } from './index.js'

describe.each(runServers().map((server) => ({ ...server })))('PostgreSQL $major', (server) => {
  test('gives databases of their own and takes them back', async () => {
    const url = await createDatabase(server)
    expect(await query(url, 'select current_setting($1) as wal', ['wal_level'])).toEqual([{ wal: 'logical' }])
    await dropDatabase(url)
    await expect(query(url, 'select 1')).rejects.toMatchObject({ code: '3D000' })
  })

  const withDump = server.withoutPgDump === null ? test : test.skip
  withDump('is seen by pg_dump, object by object', async () => {
    const [a, b] = [await createDatabase(server), await createDatabase(server)]
    await query(a, 'create table t (x int, y text); create view v as select x from t')
    await query(b, 'create table t (y text, x int); create view v as select x from t')
    const [left, right] = [await pgDump(a), await pgDump(b)]
    expect(normalizeDump(left)).not.toEqual(normalizeDump(right))
    expect(normalizeDump(left, { columnOrder: false })).toEqual(normalizeDump(right, { columnOrder: false }))
    expect(normalizeDump(left).some((entry) => entry.startsWith('CREATE VIEW public.v AS'))).toBe(true)
    await Promise.all([dropDatabase(a), dropDatabase(b)])
  })

  const withVector = server.withoutVector === null ? test : test.skip
  withVector('indexes vectors', async () => {
    const url = await createDatabase(server)
    await query(url, 'create extension vector; create table d (v vector(3)); create index on d using hnsw (v vector_l2_ops)')
    expect(await query(url, `insert into d values ('[1,2,3]') returning v::text`)).toEqual([{ v: '[1,2,3]' }])
    await dropDatabase(url)
  })
})
