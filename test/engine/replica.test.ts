import { afterAll, expect, test } from '@jest/globals'
import { runServers } from '../servers/index.js'
import { build, withDatabase } from './database.js'
import { planFor } from './round-trip.js'
import { closeParser, sourceOf } from './source.js'

const [server] = runServers()
if (server === undefined) throw new Error('no server')

afterAll(closeParser)

/** Tables of which each refers to the next, and one of them to itself. */
const CHAIN = `
create table a (id int primary key);
create table b (id int primary key, a int references a);
create table c (id int primary key, b int references b, up int references c);
create table d (id int primary key, c int references c);
create table e (id int primary key, d int references d);
comment on constraint d_c_fkey on d is 'told';`

test.each([
  ['a column more', CHAIN.replace('c (id int primary key,', 'c (id int primary key, n int,'), ['public.c']],
  ['a key of another type', CHAIN.replace('c (id int', 'c (id bigint').replace('c int ref', 'c bigint ref'), ['public.c', 'public.d']],
  ['a key that goes', CHAIN.replace(', a int references a', ', a int'), ['public.a', 'public.b']],
])('%s is rehearsed with the tables that it concerns', async (_, files, tables) => {
  const plan = await withDatabase(server, async (_url, live) => {
    await build(live, CHAIN, await sourceOf({ 'before.sql': CHAIN }))
    return planFor({ server, shadow: 'server' }, live, { source: await sourceOf({ 'after.sql': files }) })
  })
  expect(Object.keys(plan?.rehearsal.rows ?? {})).toEqual(tables)
})
