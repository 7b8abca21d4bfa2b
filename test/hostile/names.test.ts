import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, test } from '@jest/globals'
import { quoteLiteral } from '../../src/sql/quote.js'
import { build, dumpOf, withDatabase } from '../engine/database.js'
import { goThereAndBack } from '../engine/round-trip.js'
import { closeParser, sourceOf } from '../engine/source.js'
import { query, runServers } from '../servers/index.js'
import { ROOT } from '../servers/root.js'
import { namer } from './names.js'

// One schema of all that has a name, with a hostile one in each place. SCHEMACTL_ROTATIONS=0,7: with which name it begins; by
// `npm run test:matrix -- names` several are tried, both ways and with the online forms.
const ROTATIONS = (process.env.SCHEMACTL_ROTATIONS ?? '')
  .split(',')
  .filter((text) => text !== '')
  .map(Number)
const SHADOW = process.env.SCHEMACTL_FIXTURE_SHADOW === 'embedded' ? 'embedded' : 'server'
const ONLINE = process.env.SCHEMACTL_FIXTURE_ONLINE === 'always' ? ({ online: 'always' } as const) : {}

const read = (file: string) => readFileSync(join(ROOT, 'test/hostile', file), 'utf8')
/** What stands before both states: a base type, which no plan can make. */
const start = read('start.sql')
const [before, after] = [start + read('before.sql'), start + read('after.sql')]

const WAYS = [
  ['changed', before, after],
  ['changed back', after, before],
  ['made', start, before],
  ['dropped', before, start],
] as const

afterAll(closeParser)

const suite = ROTATIONS.length === 0 ? describe.skip : describe
suite.each(runServers())('names that are hostile everywhere, on PostgreSQL $major', (server) => {
  test.each((ROTATIONS.length === 0 ? [0] : ROTATIONS).flatMap((rotation) => WAYS.map(([way, from, to]) => ({ rotation, way, from, to }))))(
    'rotation $rotation, $way',
    async ({ rotation, from, to }) => {
      const { fill } = namer(rotation)
      await query(server.url, role(fill('create role «role reader»')))
      await arrive(server, fill(from), fill(to))
    },
    600_000,
  )
})

function role(create: string): string {
  return `do $hostile$ begin execute ${quoteLiteral(create)}; exception when duplicate_object or unique_violation then end $hostile$`
}

async function arrive(server: { readonly url: string; readonly major: number }, from: string, to: string): Promise<void> {
  const [before, after] = [await sourceOf({ 'before.sql': from }), await sourceOf({ 'after.sql': to })]
  await withDatabase(server, (oldUrl, old) =>
    withDatabase(server, async (newUrl, fresh) => {
      await Promise.all([build(old, from, before), build(fresh, to, after)])
      const [start, wanted] = await Promise.all([dumpOf(oldUrl), dumpOf(newUrl)])
      await goThereAndBack(
        { server, shadow: SHADOW },
        { url: oldUrl, session: old, start, source: after, wanted, irreversible: 'maybe', ...ONLINE },
      )
    }),
  )
}
