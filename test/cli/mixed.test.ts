import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { createDatabase, dropDatabase, query, runServers } from '../servers/index.js'
import { errorFrom, folderWith, removeFolders, schemactlJson } from './schemactl.js'

// Hand-written and generated steps in one plan.
const [server] = runServers()
if (!server) throw new Error('a test run has a server')

jest.setTimeout(120_000)

let url: string
let folder: string
const START = 'create table person (id int primary key, full_name text not null unique);'
beforeEach(async () => {
  url = await createDatabase(server)
  folder = folderWith({ 'schemactl.yaml': `url: ${url}\n`, 'schema/a.sql': START })
  await query(url, START)
  await query(url, `insert into person values (1, 'Ada Lovelace'), (2, 'Alan Turing')`)
})
afterEach(() => dropDatabase(url))
afterAll(removeFolders)

const run = (...args: string[]) => schemactlJson(folder, args)
const errorOf = (...args: string[]) => errorFrom(folder, args)
const files = (sql: string) => writeFileSync(join(folder, 'schema/a.sql'), sql)
const draft = (steps: string) => {
  writeFileSync(join(folder, 'mixed.draft.yaml'), `title: mixed\nsteps:\n${steps}`)
  return 'mixed.draft.yaml'
}
const titles = (said: unknown) =>
  (said as { plan: { segments: { steps: { title: string }[] }[] } }).plan.segments.map(({ steps }) => steps.map(({ title }) => title))

const SLUG = 'create table person (id int primary key, full_name text not null unique, slug text not null unique);'
const FILL = `  - title: fill slugs
    up: update person set slug = lower(full_name) where slug is null;
    down: update person set slug = null;
`

test('a column is added, filled by hand, and then NOT NULL and unique, in one transaction', async () => {
  files(SLUG)
  expect(await errorOf('plan')).toEqual({ code: 1, error: 'no-value' })
  const { said } = await run('plan', '--from', draft(FILL))
  expect(titles(said)).toEqual([
    [
      'create column public.person.slug',
      'fill slugs',
      'alter column public.person.slug: notNull false → true',
      'create constraint public.person.person_slug_key',
    ],
  ])
  expect(said).toMatchObject({ preflight: { findings: [] }, schemaChanges: [] })
  expect(await run('verify', 'mixed')).toMatchObject({ code: 0 })
  expect(await run('check')).toMatchObject({ code: 0 })
  expect(await run('apply')).toMatchObject({ code: 0 })
  expect(await query(url, 'select slug from person order by id')).toEqual([{ slug: 'ada lovelace' }, { slug: 'alan turing' }])
  expect(await run('drift')).toMatchObject({ code: 0 })
  expect(await run('plan')).toMatchObject({ said: { changes: false } })
  expect(await run('revert', '--allow', 'drop-column')).toMatchObject({ code: 0 })
  expect(await query(url, 'select * from person order by id')).toEqual([
    { id: 1, full_name: 'Ada Lovelace' },
    { id: 2, full_name: 'Alan Turing' },
  ])
})

const SPLIT = 'create table person (id int primary key, first_name text not null, last_name text not null);'
const MOVE = `  - title: split names
    up: |
      update person set first_name = split_part(full_name, ' ', 1), last_name = split_part(full_name, ' ', 2);
    down: |
      update person set full_name = concat_ws(' ', first_name, last_name);
`

test('a column is split into two, and the way back joins them again', async () => {
  files(SPLIT)
  expect(await errorOf('plan', '--from', draft(MOVE))).toEqual({ code: 1, error: 'data-loss' })
  const { said } = await run('plan', '--from', draft(MOVE), '--allow', 'drop-column')
  expect(titles(said)).toMatchInlineSnapshot(`
[
  [
    "drop constraint public.person.person_full_name_key",
    "create column public.person.first_name",
    "alter column public.person.full_name: notNull true → false",
    "create column public.person.last_name",
    "split names",
    "drop column public.person.full_name",
    "alter column public.person.first_name: notNull false → true",
    "alter column public.person.last_name: notNull false → true",
  ],
]
`)
  expect(await run('apply')).toMatchObject({ code: 0 })
  expect(await query(url, 'select * from person order by id')).toEqual([
    { id: 1, first_name: 'Ada', last_name: 'Lovelace' },
    { id: 2, first_name: 'Alan', last_name: 'Turing' },
  ])
  expect(await run('revert', '--allow', 'drop-column')).toMatchObject({ code: 0 })
  expect(await query(url, 'select full_name, id from person order by id')).toEqual([
    { full_name: 'Ada Lovelace', id: 1 },
    { full_name: 'Alan Turing', id: 2 },
  ])
})
