import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { build, withDatabase } from '../engine/database.js'
import { fixtures, unsuited } from '../engine/fixture.js'
import { closeParser, sourceOf } from '../engine/source.js'
import { createDatabase, dropDatabase, query, runServers } from '../servers/index.js'
import { type Bench, FORMS, openBench, roundTrip } from './round-trip.js'

/** Roles that fixtures may name. */
const ROLES = ['fixture_owner', 'fixture_reader', 'fixture_writer']

/** The two that have the least in common; example.test.ts has all. */
const EXTREMES = FORMS.filter(({ format, split }) => (format === 'yaml') === split)

/** Fixtures whose files cannot say what they hold, and why. */
const GAPS: Readonly<Record<string, string>> = {
  'partition/two-indexes-that-fit-one-of-them-attached': 'files that are read in another order attach another index',
}

afterAll(closeParser)

describe.each(runServers().map((server) => ({ server, major: server.major })))('PostgreSQL $major', ({ server }) => {
  let empty = ''
  let bench: Bench
  beforeAll(async () => {
    for (const role of ROLES)
      await query(server.url, `do $$ begin create role ${role}; exception when duplicate_object or unique_violation then end $$`)
    empty = await createDatabase(server)
    bench = await openBench(empty)
  })
  afterAll(async () => {
    await bench.close()
    await dropDatabase(empty)
  })

  const cases = fixtures().filter((fixture) => unsuited(fixture, server) === null)
  test.each(cases.map((fixture) => ({ fixture, name: fixture.name })))('$name', async ({ fixture, name }) => {
    await withDatabase(server, async (url, session) => {
      await session.execute('set check_function_bodies = off')
      await build(session, fixture.after, await sourceOf({ 'after.sql': fixture.after }))
      const differences = await roundTrip(url, bench, EXTREMES)
      if (GAPS[name] === undefined) expect(differences).toEqual([])
      else expect(differences).not.toEqual([])
    })
  })
})
