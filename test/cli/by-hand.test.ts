import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { createDatabase, dropDatabase, query, runServers } from '../servers/index.js'
import { errorFrom, folderWith, removeFolders, schemactl, schemactlJson } from './schemactl.js'

const [server] = runServers()
if (!server) throw new Error('a test run has a server')

jest.setTimeout(120_000)

let url: string
let folder: string
beforeAll(async () => {
  url = await createDatabase(server)
  folder = folderWith({
    'schemactl.yaml': `url: ${url}\n`,
    'schema/a.sql': 'create extension pgcrypto; create table doc (id int primary key, title text not null, slug text);',
  })
  expect(await schemactl(folder, ['plan', '-m', 'first'])).toMatchObject({ code: 0 })
  expect(await schemactl(folder, ['apply'])).toMatchObject({ code: 0 })
  await query(url, `insert into doc (id, title) values (1, 'A'), (2, 'B')`)
})
afterAll(async () => {
  removeFolders()
  await dropDatabase(url)
})

const run = (...args: string[]) => schemactlJson(folder, args)
const errorOf = (...args: string[]) => errorFrom(folder, args)
const draft = (name: string, steps: string) => {
  writeFileSync(join(folder, `plans/${name}.draft.yaml`), `title: ${name}\nsteps:\n${steps}`)
  return `plans/${name}.draft.yaml`
}
const FILL = `  - title: fill slugs
    up: |
      -- those that have none
      update doc set slug = lower(title) where slug is null;
    down: |
      update doc set slug = null;
`

test('a draft is written, filled in, rehearsed, applied and reverted', async () => {
  const { said } = await run('new', '-m', 'fill slugs')
  expect(said).toEqual({ file: 'plans/fill-slugs.draft.yaml' })
  expect(await errorOf('plan', '--from', String(said.file))).toEqual({ code: 1, error: 'bad-draft' })
  expect(await schemactl(folder, ['apply'])).toMatchObject({
    code: 0,
    stdout: 'Nothing to apply.\n',
    stderr: expect.stringMatching(
      /^Left out: plans\/fill-slugs\.draft\.yaml is a draft: .* schemactl plan --from plans\/fill-slugs\.draft\.yaml makes/m,
    ),
  })
  expect(await errorOf('apply', String(said.file))).toEqual({ code: 1, error: 'draft' })
  expect(await run('status')).toMatchObject({ said: { drafts: [said.file] } })

  draft('fill-slugs', FILL)
  expect(await run('verify', String(said.file))).toMatchObject({ code: 0, said: { rehearsal: { rows: { 'public.doc': 1 } } } })
  const made = await run('plan', '--from', String(said.file))
  expect(made).toMatchObject({ code: 0, said: { schemaChanges: [], plan: { parent: expect.stringMatching(/^first-/) } } })
  expect(readdirSync(join(folder, 'plans')).filter((name) => name.startsWith('fill'))).toHaveLength(1)
  expect(await run('check')).toMatchObject({ code: 0 })
  expect(await run('verify', 'fill')).toMatchObject({ code: 0 })

  expect(await run('apply')).toMatchObject({ code: 0, said: { applied: [{ title: 'fill-slugs' }] } })
  expect(await query(url, 'select slug from doc order by id')).toEqual([{ slug: 'a' }, { slug: 'b' }])
  expect(await run('drift')).toMatchObject({ code: 0 })
  expect(await run('revert')).toMatchObject({ code: 0 })
  expect(await query(url, 'select slug from doc order by id')).toEqual([{ slug: null }, { slug: null }])
})

test('a data step is not run where its columns have changed', async () => {
  await query(url, 'alter table doc alter column slug type varchar(5)')
  expect(await errorOf('apply')).toEqual({ code: 1, error: 'footprint' })
  expect(await errorOf('verify', 'fill')).toEqual({ code: 1, error: 'footprint' })
  await query(url, 'alter table doc alter column slug type text')
  expect(await run('apply')).toMatchObject({ code: 0 })
})

const REFUSED: readonly (readonly [name: string, steps: string, error: string])[] = [
  ['no way back', '  - { title: x, up: "update doc set slug = null;" }\n', 'bad-draft'],
  ['a transaction', '  - { title: x, up: "begin; select 1; commit;", down: "select 1;" }\n', 'bad-draft'],
  ['a mistake', '  - { title: x, up: "updaet doc;", down: "select 1;" }\n', 'bad-draft'],
  ['an unknown key', '  - { title: x, upp: "select 1;" }\n', 'bad-draft'],
  ['what PostgreSQL refuses', '  - { title: x, up: "update doc set nothing = 1;", down: "select 1;" }\n', 'plan-fails'],
  ['a way back that does not come back', '  - { title: x, up: "create table y (i int);", down: "select 1;" }\n', 'not-proven'],
  ['rows that go', '  - { title: x, up: "delete from doc;", irreversible: gone }\n', 'data-loss'],
]

test.each(REFUSED)('a draft with %s is refused', async (_name, steps, error) => {
  expect(await errorOf('plan', '--from', draft('refused', steps))).toEqual({ code: 1, error })
})

test('steps may use what an extension brings', async () => {
  const step = `{ title: x, up: "update doc set slug = encode(digest(title, 'md5'), 'hex');", down: "update doc set slug = null;" }`
  expect(await run('verify', draft('refused', `  - ${step}\n`))).toMatchObject({ code: 0 })
})

test('steps may change the schema, outside of transactions too, and say what cannot be undone', async () => {
  const file = draft(
    'refused',
    `  - { title: index, up: "create index concurrently doc_title on doc (title);", down: "drop index doc_title;", transactional: false }
  - { title: forget, up: "delete from doc where id = 2;", irreversible: these rows are kept nowhere }
`,
  )
  const { code, said } = await run('plan', '--from', file, '--allow', 'delete-rows')
  expect(code).toBe(0)
  expect(said).toMatchObject({ schemaChanges: ['create index public.doc_title'], plan: { irreversible: 'these rows are kept nowhere' } })
  expect(await run('apply')).toMatchObject({ code: 0 })
  expect(await query(url, `select i.indisvalid from pg_index i where indexrelid = 'doc_title'::regclass`)).toEqual([{ indisvalid: true }])
  expect(await errorOf('revert')).toEqual({ code: 1, error: 'irreversible' })
  expect(readFileSync(String(said.file), 'utf8')).toContain('byHand: true')
})
