import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { createDatabase, dropDatabase, query, runServers } from '../servers/index.js'
import { errorFrom, folderWith, removeFolders, schemactl, schemactlJson } from './schemactl.js'

// Hand-written and generated steps in one plan, from the draft to the way back.
const [server] = runServers()
if (!server) throw new Error('a test run has a server')

jest.setTimeout(240_000)

const START = 'create table person (id int primary key, name text not null);'
const SLUG = 'create table person (id int primary key, name text not null, slug text not null unique);'
const FILL = 'title: slugs\nsteps: [{ title: fill, up: update person set slug = lower(name), down: update person set slug = null }]\n'

let url: string
let folder: string
beforeAll(async () => {
  url = await createDatabase(server)
  folder = folderWith({ 'schemactl.yaml': `url: ${url}\n`, 'schema/a.sql': SLUG, 'plans/slugs.draft.yaml': FILL })
  await query(url, `${START} insert into person values (1, 'Ada'), (2, 'Alan')`)
})
afterAll(async () => {
  removeFolders()
  await dropDatabase(url)
})

const run = (...args: string[]) => schemactlJson(folder, args)
const files = () => readdirSync(join(folder, 'plans')).filter((name) => !name.startsWith('.'))

test('a column that the files say is NOT NULL is filled by a draft in between', async () => {
  expect(await errorFrom(folder, ['plan'])).toEqual({ code: 1, error: 'no-value' })
  const { code, stdout } = await schemactl(folder, ['plan', '--from', 'plans/slugs.draft.yaml'])
  expect(code).toBe(0)
  const [titles] = stdout.split('Proven')
  expect(titles?.match(/^ {2}\S .*$/gm)).toEqual([
    '  + create column public.person.slug',
    '  ~ fill',
    '  ~ alter column public.person.slug: notNull false → true',
    '  + create constraint public.person.person_slug_key',
  ])
  expect(files()).toEqual([expect.stringMatching(/^slugs-\w{8}\.yaml$/)])
  expect(await run('check')).toMatchObject({ code: 0 })
  expect(await run('verify', 'slugs')).toMatchObject({ code: 0 })
})

test('rebase plans again around the steps of a mixed plan', async () => {
  // Another branch.
  const [mine = ''] = files()
  renameSync(join(folder, 'plans', mine), join(folder, mine))
  writeFileSync(join(folder, 'schema/a.sql'), START)
  writeFileSync(join(folder, 'schema/b.sql'), 'create table other (id int);')
  expect(await run('plan', '-m', 'other')).toMatchObject({ code: 0 })
  // Merged.
  renameSync(join(folder, mine), join(folder, 'plans', mine))
  writeFileSync(join(folder, 'schema/a.sql'), SLUG)
  expect(await run('rebase', 'slugs')).toMatchObject({ code: 0 })
  const [, again = ''] = files().sort()
  const text = readFileSync(join(folder, 'plans', again), 'utf8')
  expect(text).toMatch(/^parent: other-/m)
  expect(text).toContain('byHand: true')
  expect(await run('apply')).toMatchObject({ code: 0, said: { applied: [{ title: 'other' }, { title: 'slugs', steps: 4 }] } })
  expect(await query(url, 'select slug from person order by id')).toEqual([{ slug: 'ada' }, { slug: 'alan' }])
  expect(await run('plan')).toMatchObject({ said: { changes: false } })
  expect(await run('revert', '--allow', 'drop-column')).toMatchObject({ code: 0 })
  expect(await query(url, 'select * from person order by id')).toEqual([
    { id: 1, name: 'Ada' },
    { id: 2, name: 'Alan' },
  ])
  rmSync(join(folder, 'plans', again))
})

const PLACED: readonly (readonly [what: string, step: string, error: string])[] = [
  ['where nothing happens', 'after: create column public.person.slgu', 'no-place'],
  ['at two times at once', 'after: alter column public.person.slug, before: create column public.person.slug', 'no-place'],
  ['at a place and an end', 'at: end, after: create column public.person.slug', 'bad-draft'],
  ['in batches without a limit', 'batch: 10', 'bad-draft'],
]

test.each(PLACED)('a step %s is refused', async (_what, step, error) => {
  const text = `title: x\nsteps: [{ title: x, up: select 1, down: select 1, ${step} }]\n`
  writeFileSync(join(folder, 'x.draft.yaml'), text)
  expect(await errorFrom(folder, ['plan', '--from', 'x.draft.yaml', '--no-out'])).toEqual({ code: 1, error })
})
