import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { createDatabase, dropDatabase, query, runServers } from '../servers/index.js'
import { folderWith, removeFolders, schemactl, schemactlJson } from './schemactl.js'

const [server] = runServers()
if (!server) throw new Error('a test run has a server')

const withPsql = spawnSync('psql', ['--version']).status === 0 ? test : test.skip
jest.setTimeout(120_000)

let url: string
let folder: string
beforeAll(async () => {
  url = await createDatabase(server)
  folder = folderWith({
    'schemactl.yaml': `url: ${url}\n`,
    'schema/a.sql': `create type mood as enum ('a');\ncreate table "o'""\\:x" (m mood default 'a');\ncomment on table "o'""\\:x" is $$it's; 100% -- \\d$$;`,
  })
  expect(await schemactl(folder, ['plan', '-m', "it's 100% \\first"])).toMatchObject({ code: 0 })
})
afterAll(async () => {
  removeFolders()
  await dropDatabase(url)
})

const run = (...args: string[]) => schemactlJson(folder, args)
const byPsql = async (...args: string[]) => {
  const shown = await schemactl(folder, ['show', ...args, '--sql'])
  expect(shown.code).toBe(0)
  writeFileSync(join(folder, 'script.sql'), shown.stdout)
  return spawnSync('psql', ['-X', '-q', '-f', 'script.sql', url], { cwd: folder, encoding: 'utf8' })
}
const STANDING = ['id', 'title', 'digest', 'parent', 'status', 'segments', 'segmentsDone', 'tool'] as const
const entries = async () => {
  const { said } = await run('history')
  return (said.plans as { [name: string]: unknown }[]).map((entry) => Object.fromEntries(STANDING.map((name) => [name, entry[name]])))
}

withPsql('what psql runs leaves the journal as apply and revert leave it', async () => {
  expect(await byPsql('it')).toMatchObject({ status: 0, stderr: '' })
  const [first] = await entries()
  expect(first).toMatchObject({ status: 'applied', segmentsDone: 1 })
  expect(await run('status')).toMatchObject({ said: { state: 'current' } })
  expect(await run('drift')).toMatchObject({ code: 1, said: { error: { code: 'not-recorded' } } })
  expect(await run('stamp', 'it')).toMatchObject({ code: 0, said: { unlike: [] } })
  expect(await run('drift')).toMatchObject({ code: 0, said: { drift: false } })
  expect(await byPsql('it')).toMatchObject({ status: 3, stderr: expect.stringContaining('does not stand where') })
  expect(await run('revert', '--allow', 'all')).toMatchObject({ code: 0 })
  expect(await run('apply')).toMatchObject({ code: 0 })
  expect(await entries()).toEqual([first])
})

withPsql('a plan of several transactions is taken back by psql, one by one', async () => {
  writeFileSync(
    join(folder, 'schema/a.sql'),
    `create type mood as enum ('a', 'b');\ncreate table "o'""\\:x" (m mood default 'b');\ncomment on table "o'""\\:x" is $$it's; 100% -- \\d$$;`,
  )
  expect(await run('plan', '-m', 'label')).toMatchObject({ code: 0 })
  expect(await byPsql('label')).toMatchObject({ status: 0, stderr: '' })
  expect(await run('plan', '--detailed-exitcode')).toMatchObject({ code: 0 })
  expect(await byPsql('it', '--down')).toMatchObject({ status: 3, stderr: expect.stringContaining('are reverted first') })
  expect(await byPsql('label', '--down')).toMatchObject({ status: 0, stderr: '' })
  expect(await entries()).toMatchObject([{ status: 'applied' }, { title: 'label', status: 'reverted', segmentsDone: 0, segments: 2 }])
  expect(await run('drift')).toMatchObject({ code: 0, said: { drift: false } })
  expect(await query(url, 'select count(*)::int as events from schemactl.event')).toEqual([{ events: 8 }])
})

withPsql('psql runs batches, each committed by itself', async () => {
  writeFileSync(join(folder, 'schema/b.sql'), 'create table doc (id int primary key, slug text not null);')
  await query(url, 'create table doc (id int primary key); insert into doc select generate_series(1, 25)')
  const step = `{ title: fill, batch: 10, up: "update doc set slug = $$it's $$ || id where id in (select id from doc where slug is null limit $1)", down: update doc set slug = null }`
  writeFileSync(join(folder, 'fill.draft.yaml'), `title: fill\nsteps: [${step}]\n`)
  expect(await run('plan', '--from', 'fill.draft.yaml')).toMatchObject({ code: 0 })
  expect(await byPsql('label')).toMatchObject({ status: 0 })
  expect(await byPsql('fill')).toMatchObject({ status: 0, stderr: '' })
  expect(
    await query(url, `select count(*)::int as n, count(distinct xmin::text)::int as batches from doc where slug = 'it''s ' || id`),
  ).toEqual([{ n: 25, batches: 3 }])
  expect(await byPsql('fill', '--down')).toMatchObject({ status: 0, stderr: '' })
})
