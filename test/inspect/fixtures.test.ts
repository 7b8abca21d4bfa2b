import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { build, withDatabase } from '../engine/database.js'
import { type Fixture, fixtures, unsuited } from '../engine/fixture.js'
import { closeParser, sourceOf } from '../engine/source.js'
import { createDatabase, dropDatabase, query, type RunServer, runServers } from '../servers/index.js'
import { type Bench, FORMS, openBench, roundTrip } from './round-trip.js'

/** Roles that fixtures may name. */
const ROLES = ['fixture_owner', 'fixture_reader', 'fixture_writer']

/** The two that have the least in common; example.test.ts has all. */
const EXTREMES = FORMS.filter(({ format, split }) => (format === 'yaml') === split)

/** Fixtures whose files cannot say what they hold, and why. */
const GAPS: Readonly<Record<string, string>> = {
  'partition/index-only-on-the-parent': 'files that are read in another order give the partition an index as it is attached',
  'partition/two-indexes-that-fit-one-of-them-attached': 'files that are read in another order attach another index',
  'partition/key-that-not-all-partitions-have': 'files that are read in another order give the partitions keys as they are attached',
  'index/of-one-partition-alone': 'files that are read in another order give the partitions indexes as they are attached',
  'inheritance/heirs-before-and-after-a-check-that-is-not-valid': 'YAML has no word for a check that is not valid on some heirs alone',
  'column/identity-copied-by-like': 'YAML has no word for the type of the sequence of an identity',
}

/** Fixtures that another version reads otherwise. */
const OF_A_VERSION: Readonly<Record<string, string>> = {
  'default-privileges/acting-on-new-objects': 'until 15 a view of a table that is called old gives it another alias',
  'view/of-a-table-that-is-exchanged': 'until 15 a view of a table that is called new gives it another alias',
  'inheritance/not-null-of-the-parent-and-of-the-heir': 'until 17 nobody knows whether an heir states NOT NULL itself',
  'inheritance/parent-inserted-before-another': 'until 17 nobody knows whether an heir states NOT NULL itself',
  'subscription/options-altered': '18 streams in parallel unless told',
}

const ACROSS = Boolean(process.env.SCHEMACTL_INSPECT_ACROSS)

afterAll(closeParser)

/** Where files are written and where they are planned: on each server, or written on the first and planned on the last. */
const WAYS = ACROSS ? [{ from: runServers()[0], to: runServers().at(-1) }] : runServers().map((server) => ({ from: server, to: server }))

describe.each(
  WAYS.flatMap(({ from, to }) => (from && to ? [{ from, to, majors: [...new Set([from.major, to.major])].join(' to ') }] : [])),
)('PostgreSQL $majors', ({ from, to }) => {
  let empty = ''
  let bench: Bench
  beforeAll(async () => {
    for (const { url } of new Set([from, to]))
      for (const role of ROLES)
        await query(url, `do $$ begin create role ${role}; exception when duplicate_object or unique_violation then end $$`)
    empty = await createDatabase(to)
    bench = await openBench(empty)
  })
  afterAll(async () => {
    await bench.close()
    await dropDatabase(empty)
  })

  // Roles of its own belong to the server: test/engine/roles.test.ts has those.
  const cases = fixtures().filter(
    (fixture) => !fixture.expect.manage?.includes('roles') && unsuited(fixture, from) === null && unsuited(fixture, to) === null,
  )
  test.each(cases.map((fixture) => ({ fixture, name: fixture.name })))('$name', async ({ fixture, name }) => {
    const differences = await withBuilt(from, fixture, (url) =>
      from === to ? roundTrip(url, bench, EXTREMES) : withBuilt(to, fixture, (later) => roundTrip(later, bench, EXTREMES, url)),
    )
    if (GAPS[name] === undefined && !(ACROSS && name in OF_A_VERSION)) expect(differences).toEqual([])
    else expect(differences).not.toEqual([])
  })
})

function withBuilt(server: RunServer, { after }: Fixture, work: (url: string) => Promise<string[]>): Promise<string[]> {
  return withDatabase(server, async (url, session) => {
    await session.execute('set check_function_bodies = off')
    await build(session, after, await sourceOf({ 'after.sql': after }))
    return work(url)
  })
}
