// `npm run test:matrix`: every fixture on PostgreSQL 14 to 18, once more with the embedded PostgreSQL as the shadow of an 18, and the
// line to the server cut at every question, every fixture written as files, files spoilt in a thousand ways, and hostile names. `npm run test:matrix -- 14 embedded cut` takes only those lanes, SCHEMACTL_FIXTURES=column/,view/ only those fixtures.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from './build.js'
import { runJest } from './run-jest.js'

const LANES = {
  14: { SCHEMACTL_TEST_MAJORS: '14' },
  15: { SCHEMACTL_TEST_MAJORS: '15' },
  16: { SCHEMACTL_TEST_MAJORS: '16' },
  17: { SCHEMACTL_TEST_MAJORS: '17' },
  18: { SCHEMACTL_TEST_MAJORS: '18' },
  embedded: { SCHEMACTL_TEST_MAJORS: '18', SCHEMACTL_FIXTURE_SHADOW: 'embedded' },
  cut: { SCHEMACTL_TEST_CUT_STRIDE: '1' },
  inspect: { SCHEMACTL_TEST_MAJORS: '14,18' },
  across: { SCHEMACTL_TEST_MAJORS: '15,18', SCHEMACTL_INSPECT_ACROSS: '1' },
  mutants: { SCHEMACTL_MUTANTS: '1000' },
  names: { SCHEMACTL_TEST_MAJORS: '17,18', SCHEMACTL_ROTATIONS: '3,11,19,27,35,43', SCHEMACTL_FIXTURE_ONLINE: 'always' },
}

/** What other lanes run than the fixtures. */
const FILES = {
  cut: ['test/apply/cut.test.ts', 'test/apply/killed.test.ts'],
  inspect: ['test/inspect/fixtures.test.ts'],
  across: ['test/inspect/fixtures.test.ts'],
  mutants: ['test/hostile/mutants.test.ts', 'test/hostile/commands.test.ts'],
  names: ['test/hostile/names.test.ts'],
}

const TITLES = {
  embedded: 'PostgreSQL 18 with the embedded shadow',
  cut: 'The line cut at every question, the process killed at every step',
  inspect: 'Every fixture written as files and planned again',
  across: 'Files written on PostgreSQL 15, planned on 18',
  mutants: 'A thousand spoilt files, read and given to commands',
  names: 'Hostile names in every place',
}

const named = process.argv.slice(2)
const unknown = named.find((word) => !(word in LANES))
if (unknown !== undefined) {
  console.error(`There is no lane ${unknown}; there are ${Object.keys(LANES).join(', ')}.`)
  process.exit(64)
}
const lanes = Object.keys(LANES).filter((lane) => named.length === 0 || named.includes(lane))
const folder = mkdtempSync(join(tmpdir(), 'schemactl-matrix-'))
let [passed, failed] = [0, 0]
try {
  await build()
  // Lane by lane, so that five servers never share two cores.
  for (const lane of lanes) count(await runLane(lane))
  const columns = lanes.filter((lane) => !(lane in FILES)).map((lane) => ({ lane, outcomes: outcomesOf(lane) }))
  if (columns.length > 0) print(columns)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

function count(run) {
  passed += run.passed
  failed += run.failed
}

function runLane(lane) {
  console.log(TITLES[lane] ?? `PostgreSQL ${lane}`)
  const files = FILES[lane] ?? ['test/fixtures.test.ts', 'test/engine/catalog-columns.test.ts']
  const env = {
    TEST_DATABASE_URL: '',
    SCHEMACTL_FIXTURES: process.env.SCHEMACTL_FIXTURES || 'all',
    ...LANES[lane],
    SCHEMACTL_FIXTURE_REPORT: reportOf(lane),
  }
  return runJest([...files, '--testTimeout=300000'], { env, minutes: 90 })
}

function reportOf(lane) {
  return join(folder, `${lane}.jsonl`)
}

function outcomesOf(lane) {
  if (!existsSync(reportOf(lane))) return []
  return readFileSync(reportOf(lane), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

/** A row a kind, a column a lane: fixtures that passed, of those that the lane can hold. Then all that is not a plain pass. */
function print(columns) {
  const kinds = [...new Set(columns.flatMap(({ outcomes }) => outcomes.map(({ kind }) => kind)))].sort()
  const rows = [...kinds, 'all'].map((kind) => [
    kind,
    ...columns.map(({ outcomes }) => cell(outcomes.filter((one) => kind === 'all' || one.kind === kind))),
  ])
  const table = [['kind', ...columns.map(({ lane }) => lane)], ...rows]
  const widths = table[0].map((_, i) => Math.max(...table.map((row) => row[i].length)))
  for (const row of table) console.log(row.map((text, i) => (i === 0 ? text.padEnd(widths[i]) : text.padStart(widths[i]))).join('  '))
  for (const { lane, outcomes } of columns)
    for (const { name, outcome } of outcomes) if (outcome !== 'passed') console.log(`${lane}  ${name}: ${outcome.split('\n')[0]}`)
}

function cell(outcomes) {
  const held = outcomes.filter(({ outcome }) => !outcome.startsWith('not held'))
  const passed = held.filter(({ outcome }) => outcome === 'passed').length
  return held.length === 0 ? '–' : passed === held.length ? `${passed}` : `${passed}/${held.length}`
}
