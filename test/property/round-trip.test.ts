import { afterAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { build, dumpOf, withDatabase } from '../engine/database.js'
import { goThereAndBack } from '../engine/round-trip.js'
import { closeParser, sourceOf } from '../engine/source.js'
import { query, runServers } from '../servers/index.js'
import { type Schema, schema, sqlOf } from './schema.js'

// SCHEMACTL_PROPERTY_MINUTES: how long to look (`npm run test:property`). SCHEMACTL_PROPERTY_SEED: the seed that a failure printed.
const MINUTES = Number(process.env.SCHEMACTL_PROPERTY_MINUTES ?? 0.5)
const SEED = process.env.SCHEMACTL_PROPERTY_SEED

const [server] = runServers()
if (server === undefined) throw new Error('no server')

afterAll(closeParser)

test('any schema leads to any other, and back', async () => {
  await query(server.url, `do $$ begin create role fixture_reader; exception when duplicate_object then end $$`)
  const property = fc.asyncProperty(schema, schema, async (from, to) => {
    await arrive(sqlOf(from), sqlOf(to))
  })
  const result = await fc.check(property, {
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: MINUTES * 60_000,
    markInterruptAsFailure: false,
    ...(SEED === undefined ? {} : { seed: Number(SEED) }),
  })
  console.error(`${result.numRuns} pairs of random schemas, seed ${result.seed}`)
  if (result.failed) throw new Error(describe(result))
  expect(result.numRuns).toBeGreaterThan(0)
}, MINUTES * 60_000 + 300_000)

async function arrive(from: string, to: string): Promise<void> {
  const [before, after] = [await sourceOf({ 'before.sql': from }), await sourceOf({ 'after.sql': to })]
  await withDatabase(server ?? { url: '' }, (oldUrl, old) =>
    withDatabase(server ?? { url: '' }, async (newUrl, fresh) => {
      await Promise.all([build(old, from, before), build(fresh, to, after)])
      const [start, wanted] = await Promise.all([dumpOf(oldUrl), dumpOf(newUrl)])
      const lane = { server: server ?? { url: '', major: 0 }, shadow: 'server' as const }
      await goThereAndBack(lane, { url: oldUrl, start, source: after, wanted, irreversible: 'maybe' })
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
