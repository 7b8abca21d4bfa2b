import { containerServer } from './container.js'
import { query, sweepDatabases } from './databases.js'
import { startServer } from './embedded.js'
import { givenServer } from './given.js'
import { findPgDump } from './pg-dump.js'
import { ensurePgvector } from './pgvector.js'
import type { TestServer } from './server.js'

/** A server of this test run, as tests see it. */
export interface RunServer {
  readonly major: number
  readonly url: string
  /** Why CREATE EXTENSION vector fails there; null when it works. */
  readonly withoutVector: string | null
  /** Why pgDump fails there; null when it works. */
  readonly withoutPgDump: string | null
}

const VARIABLE = 'SCHEMACTL_TEST_SERVERS'
const DEFAULT_MAJOR = '17'

/** The servers that this run has started, oldest major first: one, or one of each of SCHEMACTL_TEST_MAJORS. */
export function runServers(): readonly RunServer[] {
  const text = process.env[VARIABLE]
  if (text === undefined) throw new Error('no test server runs: start the tests with `npm test`')
  return JSON.parse(text) as RunServer[]
}

/** Starts them and tells the tests, which run in processes of their own, through the environment. */
export async function startRun(): Promise<TestServer[]> {
  const started = await startAll()
  const told: RunServer[] = []
  for (const one of started) told.push(await introduce(one))
  process.env[VARIABLE] = JSON.stringify(told)
  return started.map(({ server }) => server)
}

interface Started {
  readonly server: TestServer
  readonly withoutVector: string | null
}

async function startAll(): Promise<Started[]> {
  const given = process.env.TEST_DATABASE_URL
  if (given) {
    await sweepDatabases(given)
    return [await withWhatItHas(await givenServer(given, 'TEST_DATABASE_URL'))]
  }
  if (process.env.TEST_CONTAINERS === '1') {
    const server = await containerServer()
    if (server !== null) return [await withWhatItHas(server)]
    console.error('TEST_CONTAINERS=1, but no container engine answers: embedded servers instead')
  }
  const majors = (process.env.SCHEMACTL_TEST_MAJORS || DEFAULT_MAJOR).split(',').map(Number)
  const started: Started[] = []
  for (const major of majors.sort((a, b) => a - b)) started.push(await startEmbedded(major))
  return started
}

async function startEmbedded(major: number): Promise<Started> {
  // Before the start, which may copy the folder that the extension goes into.
  const withoutVector = major === Number(DEFAULT_MAJOR) ? ensurePgvector(major) : 'only built for the default server'
  return { server: await startServer(major), withoutVector }
}

async function withWhatItHas(server: TestServer): Promise<Started> {
  const rows = await query(server.url, `select from pg_available_extensions where name = 'vector'`)
  return { server, withoutVector: rows.length > 0 ? null : 'the server has no such extension' }
}

async function introduce({ server, withoutVector }: Started): Promise<RunServer> {
  const dump = findPgDump(server.major)
  const withoutPgDump = 'missing' in dump ? dump.missing : null
  const [row] = await query<{ version: string }>(server.url, `select current_setting('server_version') as version`)
  const vector = withoutVector === null ? 'with pgvector' : `without pgvector (${withoutVector}: tests of vectors are skipped)`
  const observer = withoutPgDump === null ? 'with pg_dump' : `without pg_dump (${withoutPgDump}: dumps are not compared)`
  console.error(`PostgreSQL ${row?.version} on port ${server.port} (${server.origin}), ${vector}, ${observer}`)
  return { major: server.major, url: server.url, withoutVector, withoutPgDump }
}
