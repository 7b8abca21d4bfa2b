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
  const servers = await startAll()
  const told: RunServer[] = []
  for (const server of servers) told.push(await describeServer(server))
  process.env[VARIABLE] = JSON.stringify(told)
  return servers
}

async function startAll(): Promise<TestServer[]> {
  const given = process.env.TEST_DATABASE_URL
  if (given) {
    await sweepDatabases(given)
    return [await givenServer(given, 'TEST_DATABASE_URL')]
  }
  if (process.env.TEST_CONTAINERS === '1') {
    const server = await containerServer()
    if (server !== null) return [server]
    console.error('TEST_CONTAINERS=1, but no container engine answers: embedded servers instead')
  }
  const majors = (process.env.SCHEMACTL_TEST_MAJORS || DEFAULT_MAJOR).split(',').map(Number)
  const servers: TestServer[] = []
  for (const major of majors.sort((a, b) => a - b)) servers.push(await startServer(major))
  return servers
}

async function describeServer(server: TestServer): Promise<RunServer> {
  const withoutVector = await vectorMissing(server)
  const dump = findPgDump(server.major)
  const withoutPgDump = 'missing' in dump ? dump.missing : null
  const [row] = await query<{ version: string }>(server.url, `select current_setting('server_version') as version`)
  const vector = withoutVector === null ? 'with pgvector' : `without pgvector (${withoutVector}: tests of vectors are skipped)`
  const observer = withoutPgDump === null ? 'with pg_dump' : `without pg_dump (${withoutPgDump}: dumps are not compared)`
  console.error(`PostgreSQL ${row?.version} on port ${server.port} (${server.origin}), ${vector}, ${observer}`)
  return { major: server.major, url: server.url, withoutVector, withoutPgDump }
}

async function vectorMissing(server: TestServer): Promise<string | null> {
  if (server.origin === 'embedded')
    return server.major === Number(DEFAULT_MAJOR) ? ensurePgvector(server.major) : 'only built for the default server'
  const rows = await query(server.url, `select from pg_available_extensions where name = 'vector'`)
  return rows.length > 0 ? null : 'the server has no such extension'
}
