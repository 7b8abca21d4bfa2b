import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { benchWriters } from './bench-writers.js'
import { build } from './build.js'
import { generateSchema } from './generate-schema.js'
import { bundled } from './import-typescript.js'

/*
 * npm run bench [-- TABLES… | help | status | writers]: what a drift without changes and a plan of ten changes cost, beside pg_dump --schema-only and psql -f on
 * the same server in the same run; before that, what --help and status on a journal of 10,000 plans cost beside `node -e 0`. Wall time, CPU of the client and its children, CPU of the server, and the client's peak memory.
 */
const ROOT = resolve(import.meta.dirname, '..')
const RUNS = Number(process.env.BENCH_RUNS ?? 3)
const TICK = 10 // ms: USER_HZ is 100 on every Linux.

const sizes = process.argv
  .slice(2)
  .filter((word) => !['help', 'status', 'writers'].includes(word))
  .map(Number)
const onlyHelp = process.argv.includes('help')
const onlyStatus = process.argv.includes('status')
const onlyWriters = process.argv.includes('writers')
const folder = mkdtempSync(join(tmpdir(), 'schemactl-bench-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

await build()
if (!onlyStatus && !onlyWriters) benchHelp()
if (onlyHelp) process.exit(0)
const { createDatabase, dropDatabase, findPgDump, query, startServer } = await import(
  pathToFileURL(
    bundled('test/servers/index.ts', {
      name: 'bench-servers',
      contents: `export { createDatabase, dropDatabase, query, startServer } from './test/servers/index.ts'\nexport { findPgDump } from './test/servers/pg-dump.ts'`,
    }),
  ).href
)
const server = await startServer(17)
try {
  if (!onlyWriters) await benchStatus()
  if (!onlyStatus) await benchWriters({ server, createDatabase, dropDatabase, query, psql: clients().psql, folder })
  const postmaster = await postmasterOf(server.url)
  for (const size of onlyStatus || onlyWriters ? [] : sizes.length > 0 ? sizes : [100, 1000]) await bench(size, postmaster)
} finally {
  await server.stop()
}

function benchHelp() {
  const run = join(ROOT, 'bin/run.js')
  sideBySide('start', {
    'node -e 0': ['-e', '0'],
    '--help': [run, '--help'],
    'plan --help': [run, 'plan', '--help'],
    '--version': [run, '--version'],
  })
}

/** A project and a journal of 10,000 plans, and the same command where both are empty. */
async function benchStatus() {
  const run = join(ROOT, 'bin/run.js')
  const [full, empty] = [await createDatabase(server.url), await createDatabase(server.url)]
  const project = join(folder, 'project')
  mkdirSync(join(project, 'schema'), { recursive: true })
  writeFileSync(join(project, 'schemactl.yaml'), '')
  writeFileSync(join(project, 'schema/a.sql'), 'create table a (id int primary key);')
  for (const args of [['plan', '-m', 'first'], ['apply']]) succeed([run, ...args, '--url', full], project)
  const [{ id, content }] = await query(full, 'select id, content from schemactl.plan')
  await query(
    full,
    `insert into schemactl.plan (id, title, digest, parent, content, status, segments_done, segments, by, host, tool, seconds)
     select 'plan-' || i, 'plan ' || i, digest, case i when 1 then id else 'plan-' || i - 1 end, replace(content, id, 'plan-' || i), 'applied', 1, 1, by, host, tool, 1
     from schemactl.plan, generate_series(1, 9999) as i`,
  )
  await query(full, 'vacuum analyze schemactl.plan')
  for (let i = 1; i < 10_000; i++) writeFileSync(join(project, `plans/plan-${i}.yaml`), content.replaceAll(id, `plan-${i}`))
  const nothing = join(folder, 'nothing')
  mkdirSync(nothing)
  writeFileSync(join(nothing, 'schemactl.yaml'), '')
  sideBySide('status', {
    'node -e 0': ['-e', '0'],
    'pg, one round trip': ['-e', roundTrip(empty)],
    'of an empty database': [run, 'status', '--url', empty, '--config', join(nothing, 'schemactl.yaml')],
    'of 10,000 plans': [run, 'status', '--url', full, '--config', join(project, 'schemactl.yaml')],
  })
  await dropDatabase(full)
  await dropDatabase(empty)
}

function roundTrip(url) {
  const pg = createRequire(import.meta.url).resolve('pg')
  return `const { Client } = require(${JSON.stringify(pg)}); const c = new Client(${JSON.stringify(url)}); c.connect().then(() => c.query('select 1')).then(() => c.end())`
}

function succeed(args, cwd = folder) {
  const { status, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}:\n${stderr}`)
}

/** Medians of ten runs, side by side, so that other work slows all of them alike. */
function sideBySide(title, cases) {
  const times = Object.fromEntries(Object.keys(cases).map((name) => [name, []]))
  for (let i = 0; i <= 10; i++)
    for (const [name, args] of Object.entries(cases)) {
      const start = process.hrtime.bigint()
      succeed(args)
      if (i > 0) times[name].push(Number(process.hrtime.bigint() - start) / 1e6)
    }
  const median = (values) =>
    values
      .toSorted((a, b) => a - b)
      .slice(4, 6)
      .reduce((a, b) => a + b) / 2
  const empty = median(times['node -e 0'])
  console.log(`\n| ${title} | median ms | over node -e 0 |\n|---|--:|--:|`)
  for (const [name, values] of Object.entries(times))
    console.log(`| ${name} | ${median(values).toFixed(0)} | ${(median(values) - empty).toFixed(0)} |`)
}

async function bench(size, postmaster) {
  const files = { old: join(folder, `${size}.sql`), new: join(folder, `${size}-changed.sql`) }
  writeFileSync(files.old, generateSchema(size))
  writeFileSync(files.new, generateSchema(size, { changed: true }))
  const url = await createDatabase(server.url)
  const { psql, pgDump } = clients()
  await query(url, readFileSync(files.old, 'utf8'))
  await query(url, 'vacuum analyze')
  const cli = (...args) => [process.execPath, join(ROOT, 'bin/run.js'), ...args, '--url', url]
  const shadow = ['--shadow', 'server']
  const rows = []
  const add = async (title, prepare) => rows.push({ title, ...(await best(prepare, postmaster)) })
  if (pgDump) await add('pg_dump --schema-only', () => [...pgDump, '--schema-only', '--dbname', url, '--file', join(folder, 'dump.sql')])
  if (psql)
    await add('psql -f, all of it', async () => [
      ...psql,
      '-q',
      '-1',
      '-v',
      'ON_ERROR_STOP=1',
      '-f',
      files.old,
      await createDatabase(server.url),
    ])
  await add('inspect', () => cli('inspect', '--out', join(folder, 'inspected.sql'), '--force'))
  await add('drift, no changes', () => cli('drift', '--schema', files.old, ...shadow))
  await add('plan, no changes', () => cli('plan', '--schema', files.old, '--no-out', ...shadow))
  await add('plan, ten changes', () => cli('plan', '--schema', files.new, '--no-out', '--allow', 'all', ...shadow))
  await dropDatabase(url)
  print(size, rows)
}

/** Those that the tests use; psql lies beside pg_dump. */
function clients() {
  const found = findPgDump(17)
  if ('missing' in found) return {}
  const own = join(dirname(found.path), 'psql')
  if (existsSync(own)) return { pgDump: [found.path], psql: [own] }
  const root = join(dirname(found.path), 'root/usr/lib')
  const program = join(root, 'postgresql/18/bin/psql')
  const loader = join(root, 'x86_64-linux-gnu/ld-linux-x86-64.so.2')
  return {
    pgDump: [found.path],
    ...(existsSync(program) ? { psql: [loader, '--library-path', join(root, 'x86_64-linux-gnu'), program] } : {}),
  }
}

/** The run of least wall time, after one that fills caches. */
async function best(prepare, postmaster) {
  const runs = []
  for (let i = 0; i <= RUNS; i++) runs.push(await measure(await prepare(), postmaster))
  return runs.slice(1).sort((a, b) => a.wall - b.wall)[0]
}

async function measure([program, ...args], postmaster) {
  const before = serverCpu(postmaster)
  const start = process.hrtime.bigint()
  // The shell lives until it has told what its children used.
  const shell = spawn(
    'bash',
    ['-c', '"$@"; status=$?; read -r stat < /proc/$$/stat; echo "$stat" >&3; exit $status', 'bench', program, ...args],
    {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      env: Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== 'DATABASE_URL' && !name.startsWith('PG'))),
    },
  )
  let [errors, stat, peak] = ['', '', 0]
  shell.stderr.on('data', (data) => {
    errors += data
  })
  shell.stdio[3].on('data', (data) => {
    stat += data
  })
  const watch = setInterval(() => {
    peak = Math.max(peak, peakOf(shell.pid))
  }, 15)
  const status = await new Promise((done) => shell.once('close', done))
  clearInterval(watch)
  const wall = Number(process.hrtime.bigint() - start) / 1e6
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}:\n${errors}`)
  await new Promise((done) => setTimeout(done, 200)) // Backends end a moment after their clients.
  return { wall, client: (statFields(stat)[13] + statFields(stat)[14]) * TICK, server: serverCpu(postmaster) - before, peak }
}

/** Fields of /proc/PID/stat from the state on: utime is [11], stime [12], those of ended children [13] and [14], the parent [1]. */
function statFields(stat) {
  return stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
}

function readStat(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return null
  }
}

function childrenOf(parent) {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => {
      const stat = readStat(pid)
      return stat !== null && statFields(stat)[1] === parent
    })
}

/** CPU of the postmaster, of all its ended children and of those that live, in ms. */
function serverCpu(postmaster) {
  const own = statFields(readStat(postmaster) ?? '')
  const live = childrenOf(postmaster).map((pid) => statFields(readStat(pid) ?? ') 0 0'))
  return (
    (own.slice(11, 15).reduce((a, b) => a + b, 0) + live.reduce((sum, fields) => sum + (fields[11] || 0) + (fields[12] || 0), 0)) * TICK
  )
}

/** VmHWM of the measured process, in MB. */
function peakOf(shell) {
  for (const pid of childrenOf(shell)) {
    try {
      return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
    } catch {}
  }
  return 0
}

async function postmasterOf(url) {
  const [row] = await query(url, `select pg_read_file('postmaster.pid', 0, 20) as pid`)
  return Number(row.pid.split('\n')[0])
}

function print(size, rows) {
  const dump = rows.find((row) => row.title.startsWith('pg_dump'))
  const total = (row) => row.client + row.server
  console.log(`\n${size} tables of 10 columns (best of ${RUNS}; ratio: CPU of client and server to that of pg_dump)\n`)
  console.log(`| | wall ms | CPU client ms | CPU server ms | CPU both ms | peak MB | ratio |\n|---|--:|--:|--:|--:|--:|--:|`)
  for (const row of rows)
    console.log(
      `| ${row.title} | ${[row.wall, row.client, row.server, total(row), row.peak].map((value) => value.toFixed(0)).join(' | ')} | ${dump ? (total(row) / total(dump)).toFixed(1) : ''} |`,
    )
}
