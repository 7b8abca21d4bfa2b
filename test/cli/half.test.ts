import { afterAll, expect, jest, test } from '@jest/globals'
import { createDatabase, dropDatabase, query, runServers } from '../servers/index.js'
import { folderWith, removeFolders, schemactl } from './schemactl.js'

const [server] = runServers()
if (!server) throw new Error('a test run has a server')
jest.setTimeout(120_000)
afterAll(removeFolders)

const STEPS = `title: two
steps:
  - { title: a table, up: create table u (), down: drop table u, transactional: false }
  - { title: a division, up: update t set x = 1 / (x - 7), down: update t set x = 7, transactional: false }
`

test('drift says that a plan is half applied, whose table nobody agreed on yet', async () => {
  const url = await createDatabase(server)
  const folder = folderWith({ 'schemactl.yaml': `url: ${url}\n`, 'schema/t.sql': 'create table t (x int);', 'plans/two.draft.yaml': STEPS })
  const run = (...args: string[]) => schemactl(folder, args)
  expect(await run('plan', '-m', 'first')).toMatchObject({ code: 0 })
  expect(await run('apply')).toMatchObject({ code: 0 })
  await query(url, 'insert into t values (7)')
  expect(await run('plan', '--from', 'plans/two.draft.yaml')).toMatchObject({ code: 0 })
  expect(await run('apply')).toMatchObject({ code: 1, stderr: expect.stringContaining('division by zero') })
  const { code, stdout, stderr } = await run('drift')
  expect({ code, stdout }).toEqual({ code: 2, stdout: expect.stringContaining('table public.u: there, but never agreed') })
  expect(stderr).toMatch(
    /Plan two-\w+ is half applied: 1 of 2 segments stand\. schemactl apply finishes it; schemactl revert takes it back\.$/m,
  )
  expect(await run('revert', '--allow', 'all')).toMatchObject({ code: 0 })
  expect((await run('drift')).code).toBe(0)
  await dropDatabase(url)
})
