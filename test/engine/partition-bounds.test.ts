import { afterAll, expect, test } from '@jest/globals'
import { type Bounded, coverAll } from '../../src/kinds/partition-bounds.js'
import { runServers } from '../servers/index.js'
import { build, withDatabase } from './database.js'
import { planFor } from './round-trip.js'
import { closeParser, sourceOf } from './source.js'

const [server] = runServers()
if (server === undefined) throw new Error('no server')

afterAll(closeParser)

const of = (bound: string) => ({ definition: { parent: 'public.t', bound } }) as Bounded
const range = (from: string, to: string) => `FOR VALUES FROM (${from}) TO (${to})`

test.each<[string, readonly string[], boolean]>([
  ['FOR VALUES IN (1, 2)', ['FOR VALUES IN (2)', 'FOR VALUES IN (1, 3)'], true],
  ['FOR VALUES IN (1, 2)', ['FOR VALUES IN (2)'], false],
  [`FOR VALUES IN ('a', NULL)`, [`FOR VALUES IN ('a')`, 'FOR VALUES IN (NULL)'], true],
  [`FOR VALUES IN ('a')`, ['DEFAULT'], true],
  [`FOR VALUES IN ('a')`, [], false],
  [range('1', '10'), [range('5', '20'), range('MINVALUE', '5')], true],
  [range('1', '10'), [range('6', '20'), range('MINVALUE', '5')], false],
  [range('9', '10'), [range('5', '100')], true],
  [range('-5', '10'), [range('-10', '5'), range('5', 'MAXVALUE')], true],
  [range(`'2024-01-01'`, `'2025-01-01'`), [range(`'2024-01-01'`, `'2024-07-01'`), range(`'2024-07-01'`, `'2026-01-01'`)], true],
  [range(`'2024-01-01'`, `'2025-01-01'`), [range(`'2024-01-01'`, `'2024-07-01'`)], false],
  // How texts are ordered is their collation's affair.
  [range(`'b'`, `'c'`), [range(`'a'`, `'d'`)], false],
  [range(`'b'`, `'c'`), [range(`'b'`, `'c'`)], true],
  [range('1, MINVALUE', '3, 5'), [range('1, MINVALUE', '2, 7'), range('2, 7', '3, MAXVALUE')], true],
  [range('1, 4', '3, 5'), [range('1, 5', '3, 5')], false],
  ['FOR VALUES WITH (modulus 2, remainder 0)', [0, 1, 2].map((n) => `FOR VALUES WITH (modulus 3, remainder ${n})`), true],
  ['FOR VALUES WITH (modulus 2, remainder 0)', [0, 1].map((n) => `FOR VALUES WITH (modulus 3, remainder ${n})`), false],
])('%s by %j: %s', (bound, others, covered) => expect(coverAll(bound, others.map(of))).toBe(covered))

const YEARS = `create table t (at date not null) partition by range (at);
create table t_24 partition of t for values from ('2024-01-01') to ('2025-01-01');
create table t_25 partition of t for values from ('2025-01-01') to ('2026-01-01')`

test('partitions that become one lose no rows, and less than all do', async () => {
  const hazards = async (after: string) => {
    const plan = await withDatabase(server, async (_url, live) => {
      await build(live, YEARS, await sourceOf({ 'before.sql': YEARS }))
      return planFor({ server, shadow: 'server' }, live, { source: await sourceOf({ 'after.sql': after }) })
    })
    return plan?.segments.flatMap(({ steps }) => steps.flatMap((step) => step.hazards.map(({ hazard, object }) => [hazard, object])))
  }
  const one = (to: string) => YEARS.replace(/;\ncreate table t_25.*/, '').replace('2025', to)
  expect(await hazards(one('2026'))).toEqual([])
  expect(await hazards(one('2025').replace("('2025-01-01')", "('2025-06-01')"))).toEqual([['drop-table', '["table","public","t_25"]']])
})
