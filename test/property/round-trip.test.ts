import { afterAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { build, dumpOf, withDatabase } from '../engine/database.js'
import { goThereAndBack } from '../engine/round-trip.js'
import { closeParser, sourceOf } from '../engine/source.js'
import { query, runServers } from '../servers/index.js'
import { type Schema, schema } from './schema.js'
import { sqlOf } from './sql.js'

// SCHEMACTL_PROPERTY_MINUTES: how long to look (`npm run test:property`), at pairs that nobody has seen; without it, half a minute at always the
// same ones. SCHEMACTL_PROPERTY_SEED: the seed that a failure printed.
const LONG = process.env.SCHEMACTL_PROPERTY_MINUTES
const MINUTES = Number(LONG ?? 0.5)
const SEED = process.env.SCHEMACTL_PROPERTY_SEED

const [server] = runServers()
if (server === undefined) throw new Error('no server')

afterAll(closeParser)

/** A smaller pair is looked for as long as this. */
const SHRINKING = 60_000

test(
  'any schema leads to any other, and back',
  async () => {
    await query(server.url, `do $$ begin create role fixture_reader; exception when duplicate_object or unique_violation then end $$`)
    const until = Date.now() + MINUTES * 60_000
    let pairs = 0
    for (
      let seed = Number(SEED ?? (LONG === undefined ? 1 : Date.now() % 1_000_000_000));
      pairs === 0 || (SEED === undefined && Date.now() < until);
      seed++, pairs++
    ) {
      const result = await check(seed)
      if (result.failed) throw new Error(describe(result))
    }
    expect(pairs).toBeGreaterThan(0)
  },
  MINUTES * 60_000 + 300_000,
)

/** One pair of schemas to a seed. */
function check(seed: number): Promise<fc.RunDetails<[Schema, Schema]>> {
  let failedAt = Number.POSITIVE_INFINITY
  const property = fc.asyncProperty(schema, schema, async (from, to) => {
    // What is not tried counts as passed: it ends the search and leaves nothing running.
    if (Date.now() > failedAt + SHRINKING) return
    try {
      await arrive(sqlOf(from), sqlOf(to))
    } catch (error) {
      failedAt = Math.min(failedAt, Date.now())
      throw error
    }
  })
  return fc.check(property, { seed, numRuns: 1 })
}

async function arrive(from: string, to: string): Promise<void> {
  const [before, after] = [await sourceOf({ 'before.sql': from }), await sourceOf({ 'after.sql': to })]
  await withDatabase(server ?? { url: '' }, (oldUrl, old) =>
    withDatabase(server ?? { url: '' }, async (newUrl, fresh) => {
      await Promise.all([build(old, from, before), build(fresh, to, after)])
      const [start, wanted] = await Promise.all([dumpOf(oldUrl), dumpOf(newUrl)])
      const lane = { server: server ?? { url: '', major: 0 }, shadow: 'server' as const }
      await goThereAndBack(lane, { url: oldUrl, session: old, start, source: after, wanted, irreversible: 'maybe' })
    }),
  )
}

/** The smallest pair that fails, as the two files of a fixture. */
function describe({ seed, counterexample, errorInstance }: fc.RunDetails<[Schema, Schema]>): string {
  const [from, to] = counterexample ?? []
  return [
    `SCHEMACTL_PROPERTY_SEED=${seed} finds it again.`,
    ...(from && to ? [`-- before.sql\n${sqlOf(from)}`, `-- after.sql\n${sqlOf(to)}`] : []),
    errorInstance instanceof Error ? errorInstance.message : String(errorInstance),
  ].join('\n')
}
