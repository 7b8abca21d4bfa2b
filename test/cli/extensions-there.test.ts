import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Catalog } from '../../src/catalog/catalog.js'
import { keyOf } from '../../src/catalog/id.js'
import { extensionGaps, gapTexts } from '../../src/cli/extensions-there.js'
import { connect } from '../../src/postgres/connect.js'
import type { Session } from '../../src/postgres/session.js'
import { createDatabase, dropDatabase, runServers } from '../servers/index.js'

const [server] = runServers()
if (!server) throw new Error('a test run has a server')

let url: string
let session: Session
beforeAll(async () => {
  url = await createDatabase(server)
  session = await connect({ kind: 'url', url })
})
afterAll(async () => {
  await session.close()
  await dropDatabase(url)
})

const keyOfExtension = (name: string) => keyOf({ kind: 'extension', path: [name] })
const INDEX = keyOf({ kind: 'index', path: ['public', 'i'] })

/** Extensions by name, with the versions that are stated, or there; the index needs all of them. */
function catalogOf(versions: Readonly<Record<string, string | null>>): Catalog {
  const objects = Object.entries(versions).map(([name, version]) => {
    const key = keyOfExtension(name)
    return [key, { id: { kind: 'extension', path: [name] }, key, definition: { version } }] as const
  })
  const needs = new Map([[INDEX, new Map(objects.map(([key]) => [key, 'normal' as const]))]])
  return { objects: new Map(objects), needs, unmodelled: [], major: 17, role: 'postgres' }
}

const stepOn = (key: string) => ({
  title: '',
  source: 'schema/a.sql:1',
  objects: [key],
  up: [],
  down: [],
  impact: {},
  hazards: [],
  downHazards: [],
})

test('an extension that the server lacks is named with the place that asks for it', async () => {
  const key = keyOfExtension('nowhere')
  const gaps = await extensionGaps(session, [{ steps: [stepOn(key)], before: { [key]: null }, after: { [key]: 'x' } }], null)
  expect(gapTexts(gaps)).toEqual(['  extension nowhere (schema/a.sql:1) is not available there'])
})

test('versions that it does not have, and those that are older than where the plan was proven', async () => {
  const planned = {
    now: catalogOf({ pg_trgm: '1.5', hstore: '1.8' }),
    files: catalogOf({ pg_trgm: '1.6', hstore: '1.8', btree_gist: '9.9' }),
    state: {
      catalog: catalogOf({ pg_trgm: null, hstore: null, btree_gist: '9.9' }),
      compared: () => true,
      unmanaged: new Map(),
      ignored: new Set<string>(),
    },
  }
  const gaps = await extensionGaps(session, [{ steps: [stepOn(INDEX)], before: {}, after: {} }], planned)
  expect(gapTexts(gaps)).toEqual([
    expect.stringMatching(/^ {2}extension btree_gist: version 9\.9 is not available there, only 1\./),
    '  extension pg_trgm: 1.5 there, 1.6 where it was proven; if that lacks something, apply fails',
  ])
})
