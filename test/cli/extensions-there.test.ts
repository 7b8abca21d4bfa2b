import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { keyOf } from '../../src/catalog/id.js'
import { extensionGaps, gapTexts } from '../../src/cli/extensions-there.js'
import { connect } from '../../src/postgres/connect.js'
import { createDatabase, dropDatabase, query, runServers } from '../servers/index.js'
import { folderWith, removeFolders, schemactl } from './schemactl.js'

const [server] = runServers()
if (!server) throw new Error('a test run has a server')

jest.setTimeout(300_000)
let url: string
beforeAll(async () => {
  url = await createDatabase(server)
})
afterAll(async () => {
  removeFolders()
  await dropDatabase(url)
})

test('plan tells an extension that is older where the plan goes than where it was proven, and a version that is not there', async () => {
  await query(url, `create extension pg_trgm version '1.5'; create table t (x text)`)
  const folder = folderWith({
    'schemactl.yaml': `url: ${url}\nshadow: embedded\n`,
    'schema/a.sql': `create extension pg_trgm;\ncreate extension btree_gist version '1.8';\ncreate table t (x text);\ncreate index on t using gin (x gin_trgm_ops);`,
  })
  const { stdout } = await schemactl(folder, ['plan', '-m', 'index'])
  expect(stdout).toMatch(
    /Warning: apply would fail on this server:\n {2}extension btree_gist \(schema\/a\.sql:2\): version 1\.8 is not available there, only .*1\.7/,
  )
  expect(stdout).toMatch(/Warning: this server has older extensions:\n {2}extension pg_trgm: 1\.5 there, 1\.6 where it was proven;/)
})

test('one that the server lacks is named with the place that asks for it', async () => {
  const key = keyOf({ kind: 'extension', path: ['nowhere'] })
  const step = { title: '', source: 'schema/a.sql:1', objects: [key], up: [], down: [], impact: {}, hazards: [], downHazards: [] }
  const session = await connect({ kind: 'url', url })
  try {
    const gaps = await extensionGaps(session, [{ steps: [step], before: { [key]: null }, after: { [key]: 'x' } }], null)
    expect(gapTexts(gaps)).toEqual(['  extension nowhere (schema/a.sql:1) is not available there'])
  } finally {
    await session.close()
  }
})
