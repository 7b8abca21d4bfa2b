import { startRun } from './run.js'
import type { TestServer } from './server.js'

// Jest loads the two hooks as modules of their own, in one process.
const shared = globalThis as typeof globalThis & { schemactlServers?: readonly TestServer[] }

/** Jest's globalSetup. */
export async function setup(): Promise<void> {
  shared.schemactlServers = await startRun()
}

/** Jest's globalTeardown. A run that never gets here loses its embedded servers all the same, with its process. */
export async function teardown(): Promise<void> {
  await Promise.all((shared.schemactlServers ?? []).map((server) => server.stop()))
}
