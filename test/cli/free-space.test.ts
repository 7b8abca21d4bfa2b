import { expect, test } from '@jest/globals'
import { roomFor } from '../../src/cli/free-space.js'
import { CLEAR, preflightText } from '../../src/cli/preflight.js'
import type { PlanStep } from '../../src/plan/plan.js'
import { connect } from '../../src/postgres/connect.js'
import { createDatabase, dropDatabase, runServers } from '../servers/index.js'

const [server] = runServers()
if (!server) throw new Error('a test run has a server')

/** A step that writes so many bytes anew. */
function rewriting(bytes: number): PlanStep {
  const step = { title: 'retype', source: null, objects: [], up: [], down: [], hazards: [], downHazards: [] }
  return { ...step, impact: { lock: 'ACCESS EXCLUSIVE', work: 'rewrite' }, estimate: { rows: 1, bytes } }
}

// A given server may be on another machine.
const local = process.env.TEST_DATABASE_URL || process.env.TEST_CONTAINERS ? test.skip : test

local('tables that are written anew are laid beside the free space of the server on this machine', async () => {
  const url = await createDatabase(server)
  const session = await connect({ kind: 'url', url })
  try {
    expect(await roomFor(session, [{ ...rewriting(5), impact: {} }])).toBeNull()
    const room = await roomFor(session, [rewriting(2e17), rewriting(1e17)])
    expect(room).toEqual({ needs: 3e17, free: expect.any(Number) })
    expect(preflightText({ ...CLEAR, room }).join()).toMatch(
      /writes about \d+ TB anew before it commits, and the server's disk has .* left/,
    )
    expect(preflightText({ ...CLEAR, room: await roomFor(session, [rewriting(1)]) })).toEqual([])
  } finally {
    await session.close()
    await dropDatabase(url)
  }
})
