import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '..')
const ROWS = 500_000

const BEFORE = `create table owner (id integer primary key);
create table item (id integer primary key, owner integer, size integer, note text, changed integer not null default 0);
`
const AFTER = `create table owner (id integer primary key);
create table item (
  id integer primary key,
  owner integer references owner,
  size integer check (size >= 0),
  note text not null,
  changed integer not null default 0
);
create index item_size on item (size);
create unique index item_note on item (note);
`
/** What a person would write, in one transaction. */
const BY_HAND = `create index item_size on item (size);
create unique index item_note on item (note);
alter table item alter column note set not null;
alter table item add check (size >= 0);
alter table item add foreign key (owner) references owner;
`
const FILL = `insert into owner select generate_series(1, 1000);
insert into item select i, 1 + i % 1000, i, 'note ' || i from generate_series(1, ${ROWS}) i;
`

/** The same change of a table of half a million rows while another process writes to it: by plain psql, and by `apply`. */
export async function benchWriters({ server, createDatabase, dropDatabase, query, psql, folder }) {
  const project = join(folder, 'writers')
  mkdirSync(join(project, 'schema'), { recursive: true })
  writeFileSync(join(project, 'by-hand.sql'), BY_HAND)
  writeFileSync(join(project, 'schemactl.yaml'), '')
  const run = (url, ...args) => [process.execPath, join(ROOT, 'bin/run.js'), ...args, '--url', url]
  const rows = []
  const change = async (title, prepare) => {
    const url = await createDatabase(server.url)
    await query(url, BEFORE + FILL)
    await query(url, 'vacuum analyze')
    const command = await prepare(url)
    rows.push({ title, ...(await beside(url, command, project)) })
    await dropDatabase(url)
  }
  await change('nothing, for 5 s', () => ['sleep', '5'])
  if (psql) await change('psql -1 -f', (url) => [...psql, '-q', '-1', '-v', 'ON_ERROR_STOP=1', '-f', join(project, 'by-hand.sql'), url])
  for (const online of ['never', 'auto'])
    await change(`apply, planned with --online ${online}`, async (url) => {
      writeFileSync(join(project, 'schema/item.sql'), AFTER)
      await end(run(url, 'plan', '--out', `${online}.yaml`, '--online', online), project)
      return run(url, 'apply', `${online}.yaml`, '--yes')
    })
  console.log(
    `\n| beside writers, ${ROWS.toLocaleString('en')} rows | took s | writes meanwhile | 99 % within ms | longest wait ms |\n|---|--:|--:|--:|--:|`,
  )
  for (const { title, took, writes, p99, longest } of rows)
    console.log(`| ${title} | ${took.toFixed(1)} | ${writes} | ${p99.toFixed(0)} | ${longest.toFixed(0)} |`)
}

async function beside(url, command, cwd) {
  const writers = spawn(process.execPath, [join(ROOT, 'scripts/writers.js'), url, String(ROWS)], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  const ready = new Promise((resume) => writers.stdout.once('data', resume))
  writers.stdout.on('data', (data) => {
    said += data
  })
  const gone = new Promise((resume) => writers.once('close', resume))
  await ready
  const start = process.hrtime.bigint()
  try {
    await end(command, cwd)
  } finally {
    writers.kill('SIGTERM')
  }
  const took = Number(process.hrtime.bigint() - start) / 1e9
  await gone
  return { took, ...JSON.parse(said.slice(said.indexOf('{'))) }
}

function end([program, ...args], cwd) {
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] })
  let errors = ''
  child.stderr.on('data', (data) => {
    errors += data
  })
  return new Promise((resume, fail) => {
    child.once('close', (status) =>
      status === 0 ? resume() : fail(new Error(`${program} ${args.join(' ')} ended with ${status}:\n${errors}`)),
    )
  })
}
