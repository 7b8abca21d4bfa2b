import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createDatabase, dropDatabase, query, runServers } from '../servers/index.js'
import { folderWith, removeFolders, schemactl } from './schemactl.js'

const [server] = runServers()
if (!server) throw new Error('a test run has a server')

let url: string
beforeAll(async () => {
  url = await createDatabase(server)
  await query(url, BEFORE)
  await query(url, 'insert into visit select i % 20, i from generate_series(0, 99) i; insert into note default values; analyze visit')
})
afterAll(async () => {
  removeFolders()
  await dropDatabase(url)
})

const BEFORE = `
  create table author (id int primary key); create table shelf (id int primary key);
  create table book (id int primary key, author int references author, shelf int);
  create table visit (at int, n int) partition by range (at);
  create table visit_1 partition of visit for values from (0) to (10); create table visit_2 partition of visit for values from (10) to (20);
  create table visit_3 partition of visit for values from (20) to (30); create table visit_4 partition of visit for values from (30) to (40);
  create table note (id int generated always as identity)`

test('a plan says all that a step locks against writers, as the rehearsal saw it, and how large it is', async () => {
  const after = BEFORE.replace('author int references author, shelf int', 'author int, shelf int references shelf')
    .replace('at int, n int', 'at int, n bigint')
    .replace('(id int generated', '(id bigint generated')
  const folder = folderWith({ 'schema/a.sql': after, 'schemactl.yaml': '' })
  const { stdout } = await schemactl(folder, ['plan', '--url', url, '--out', 'p.yaml'])
  const said = (title: string) =>
    new RegExp(`^ {2}. ${title}\\n((?: {6}.*\\n)+)`, 'm').exec(stdout)?.[1]?.replace(/^ {6}/gm, '').split('\n')
  expect(said('drop constraint public.book.book_author_fkey')).toEqual([
    'locks table public.book (ACCESS EXCLUSIVE)',
    'also locks table public.author (ACCESS EXCLUSIVE)',
    '',
  ])
  expect(said('create constraint public.book.book_shelf_fkey')).toContain('also locks table public.shelf (SHARE ROW EXCLUSIVE)')
  const visit = said('alter column public.visit.n: type integer → bigint')
  expect(visit?.[0]).toMatch(/locks table public\.visit \(ACCESS EXCLUSIVE\) · rewrites about 100 rows \(16\.0 kB\), under 1 s$/)
  expect(visit?.[1]).toBe('also locks table public.visit_1, table public.visit_2, table public.visit_3 and 1 more (ACCESS EXCLUSIVE)')
  expect((await schemactl(folder, ['show', 'p.yaml'])).stdout).toContain('also locks table public.author (ACCESS EXCLUSIVE)')
  expect(await schemactl(folder, ['apply', 'p.yaml', '--url', url])).toMatchObject({ code: 0 })
})

test('so does a plan of steps written by hand', async () => {
  const draft = `title: by hand\nsteps:\n  - title: by hand\n    up: alter table note alter id type int; truncate author, shelf, book\n    irreversible: why not\n`
  const folder = folderWith({ 'schema/a.sql': '', 'schemactl.yaml': '', 'plans/by-hand.draft.yaml': draft })
  const { stdout } = await schemactl(folder, ['plan', '--url', url, '--from', 'plans/by-hand.draft.yaml', '--allow', 'all'])
  expect(stdout).toContain(
    '      by hand · locks table public.author (ACCESS EXCLUSIVE)\n      also locks table public.book, table public.note, table public.shelf (ACCESS EXCLUSIVE)\n',
  )
})

test('an HNSW index is not promised in the time that reading its table takes', async () => {
  if (server.withoutVector !== null) return
  const own = await createDatabase(server)
  const before =
    'create extension vector; create table chunk (id int primary key, embedding vector(3)); create table part (id int, embedding vector(3)) partition by range (id); create table part_1 partition of part for values from (1) to (100000);'
  await query(own, `${before} insert into chunk select i, array[i, 1, 2] from generate_series(1, 40000) i; analyze chunk`)
  await query(own, `insert into part select i, array[i, 1, 2] from generate_series(1, 10000) i; analyze part`)
  const folder = folderWith({ 'schemactl.yaml': `url: ${own}\n`, 'schema/a.sql': `${before} ${INDEXES}` })
  const { stdout } = await schemactl(folder, ['plan', '--no-out'])
  expect(stdout).toMatch(/create index public\.near\n.* · puts about 40,000 rows \(.*\) into a graph, about 40 s or more$/m)
  expect(stdout).toMatch(/create index public\.by_id\n.* · reads about 40,000 rows \(.*\), under 1 s$/m)
  expect(stdout).toMatch(
    /create index public\.near_each, also on partitions\n.* · puts about 10,000 rows \(.*\) into a graph, about 10 s or more$/m,
  )
  await dropDatabase(own)
})

const INDEXES =
  'create index near on chunk using hnsw (embedding vector_l2_ops); create index by_id on chunk (id); create index near_each on part using hnsw (embedding vector_l2_ops);'
