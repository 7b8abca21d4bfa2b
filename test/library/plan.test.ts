import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { drift, migrate, plan } from '../../src/index.js'
import { folderWith, removeFolders } from '../cli/schemactl.js'
import { createDatabase, dropDatabase, query, runServers } from '../servers/index.js'

const [server] = runServers()
if (!server) throw new Error('a test run has a server')

jest.setTimeout(120_000)

let url: string
let cwd: string
beforeAll(async () => {
  url = await createDatabase(server)
  cwd = folderWith({ 'schemactl.yaml': '', 'schema/a.sql': 'create table a (id int primary key);' })
  await query(url, 'create table a (id int primary key); grant select on a to pg_monitor')
})
afterAll(async () => {
  removeFolders()
  await dropDatabase(url)
})

test('a plan and a drift ask for what they are told to manage, and write nothing', async () => {
  const options = { cwd, url, schema: ['schema'], shadow: 'server' }
  expect(await plan(options)).toBeNull()
  expect((await drift(options)).differences).toEqual([])
  const made = await plan({ ...options, manage: ['privileges'], allow: ['all'], title: 'nobody watches' })
  expect(made?.segments.flatMap(({ steps }) => steps.flatMap(({ up }) => up))).toEqual(['revoke SELECT on table public.a from pg_monitor'])
  expect((await drift({ ...options, manage: ['privileges'] })).differences).toEqual([
    expect.objectContaining({ key: expect.stringContaining('pg_monitor') }),
  ])
})

test('an option that there is not, as plain JavaScript may have it, is an error with the one that may be meant', async () => {
  const misspelt: object = { cwd, url, requireSignature: 1 }
  await expect(migrate(misspelt)).rejects.toMatchObject({ code: 'unknown-option', message: expect.stringContaining('requireSignatures?') })
  await expect(plan({ cwd, url, alow: ['all'] } as object)).rejects.toMatchObject({ message: expect.stringContaining('allow?') })
  await expect(drift({ cwd, url, scheme: 'x' } as object)).rejects.toMatchObject({ message: expect.stringContaining('schema?') })
})
