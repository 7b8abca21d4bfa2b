import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { connect } from '../../src/postgres/connect.js'
import { introspect } from '../../src/postgres/introspect.js'
import { type Ended, folderWith, removeFolders, schemactl } from '../cli/schemactl.js'
import { createDatabase, dropDatabase, query, runServers, withDatabase } from '../servers/index.js'
import { MUTATIONS, pick, randomFrom } from './mutations.js'
import { changes, commandsFor, environment, type Files, makeProject } from './spoilt-project.js'

// SCHEMACTL_MUTANTS: a third of it is how many times a file is spoilt and a command run, since that takes longer than reading it;
// 334 by `npm run test:matrix -- mutants`. SCHEMACTL_MUTANTS_SEED=n: only that one.
const COUNT = Math.ceil(Number(process.env.SCHEMACTL_MUTANTS ?? 24) / 3)
const SEED = process.env.SCHEMACTL_MUTANTS_SEED

const [server] = runServers()
if (!server) throw new Error('a test run has a server')

/** Of one command. */
const LONGEST = 60_000

let template: string
let project: Files
beforeAll(async () => {
  // By name, since a digit that is spoilt must not make it somebody else's host.
  template = (await createDatabase(server)).replace('127.0.0.1', 'localhost')
  project = await makeProject(template)
}, 180_000)
afterAll(async () => {
  removeFolders()
  await dropDatabase(template)
})

test(
  'a command on a spoilt file says what is wrong and does nothing, or does what it says',
  async () => {
    const outcomes = new Map<string, number>()
    const failures: string[] = []
    for (let seed = Number(SEED ?? 1); seed <= Number(SEED ?? COUNT); seed++) {
      const { outcome, wrong } = await trial(seed).catch((error: Error) => ({
        outcome: 'failed',
        wrong: `SCHEMACTL_MUTANTS_SEED=${seed}: ${error.stack}`,
      }))
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
      if (wrong !== null) failures.push(wrong)
    }
    const told = [...outcomes].sort().map(([outcome, n]) => `${outcome}: ${n}`)
    if (COUNT > 100) console.info(told.join('\n'))
    expect(failures.slice(0, 20)).toEqual([])
  },
  120_000 + COUNT * 6000,
)

/** Spoils one file of the project, runs one command that reads it, and says how that ended. */
async function trial(seed: number): Promise<{ readonly outcome: string; readonly wrong: string | null }> {
  const random = randomFrom(seed)
  const url = withDatabase(template, `${new URL(template).pathname.slice(1)}_${seed}`)
  const files: Files = { ...project, ...environment(url) }
  const file = pick(random, Object.keys(files))
  const mutation = pick(random, Object.keys(MUTATIONS))
  const spoilt = Buffer.from(MUTATIONS[mutation]?.(files[file] ?? '', random) ?? '')
  const command = pick(random, commandsFor(file))
  const json = random() < 0.5
  await query(
    withDatabase(template, 'postgres'),
    `create database "${new URL(url).pathname.slice(1)}" template "${new URL(template).pathname.slice(1)}"`,
  )
  const folder = folderWith(files)
  writeFileSync(join(folder, file), spoilt)
  try {
    const before = await stateOf(url, folder)
    const ended = await within(schemactl(folder, [...command.split(' '), ...(json ? ['--json'] : [])], { PGCONNECT_TIMEOUT: '5' }))
    const after = await stateOf(url, folder)
    const wrong =
      ended === null ? ['it does not end'] : [...faults(ended, json), ...(mayDiffer(ended, command) ? [] : differences(before, after))]
    const outcome = `${file.replace(/-[0-9a-f]{8}/, '')}, ${command.split(' ')[0]}: ${ended?.code}`
    return {
      outcome,
      wrong:
        wrong.length === 0
          ? null
          : `SCHEMACTL_MUTANTS_SEED=${seed} ${command}${json ? ' --json' : ''} (${file}, ${mutation}): ${wrong.join('; ')}\n${ended?.stdout.slice(0, 1500)}\n${ended?.stderr.slice(0, 1500)}`,
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
    await dropDatabase(url)
  }
}

function mayDiffer({ code }: Ended, command: string): boolean {
  return code === 0 && changes(command)
}

/** What is not as it should be in what was said. */
function faults({ code, stdout, stderr }: Ended, json: boolean): string[] {
  const text = `${stdout}\n${stderr}`
  return [
    ...(code === null || ![0, 1, 2, 64].includes(code) ? [`it ends with ${code}`] : []),
    ...(/^\s+at .*:\d+:\d+\)?$|bug in schemactl|\(node:\d+\)/m.test(text) ? ['a stack is shown'] : []),
    ...(/\bundefined\b|\[object Object\]|\bNaN\b/.test(text) ? ['it says undefined'] : []),
    ...(code === 1 && !json && !/^Next: \S/m.test(stderr) ? ['it names no next step'] : []),
    ...(code === 1 && json && !hasNext(stdout) ? ['its JSON has no error with a next step'] : []),
    ...(json && !isJson(stdout) ? ['it is not JSON'] : []),
    ...(text.length > 200_000 ? ['it is too long to be read'] : []),
  ]
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function hasNext(text: string): boolean {
  if (!isJson(text)) return false
  const { error } = JSON.parse(text) as { error?: { next?: unknown; messages?: unknown } }
  return typeof error?.next === 'string'
}

interface State {
  readonly [name: string]: string
}

/** Every object, declared row, line of the journal and file. */
async function stateOf(url: string, folder: string): Promise<State> {
  const session = await connect({ kind: 'url', url }, { readOnly: true })
  const { objects } = await introspect(session).finally(() => session.close())
  const tables = ['schemactl.plan', 'schemactl.event', 'public.country'].filter(
    (name) => objects.has(JSON.stringify(['table', ...name.split('.')])) || name.startsWith('schemactl.'),
  )
  const rows = await query(
    url,
    `${tables.map((name) => `select row_to_json(t)::text as row from ${name} t`).join(' union all ')} order by 1`,
  )
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    // The embedded database is made where no other is named.
    .filter((path) => !path.includes('/.schemactl/'))
  return {
    ...Object.fromEntries(
      [...objects.values()]
        .filter(({ id }) => !['role', 'membership', 'role settings'].includes(id.kind))
        .map(({ key, definition }) => [key, JSON.stringify(definition)]),
    ),
    ...Object.fromEntries(rows.map(({ row }) => [String(row), ''])),
    ...Object.fromEntries(names.map((path) => [path.slice(folder.length + 1), readFileSync(path, 'latin1')])),
  }
}

function differences(before: State, after: State): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => before[name] !== after[name])
    .map((name) => `it changed ${name.slice(0, 100)}`)
    .slice(0, 5)
}

async function within(work: Promise<Ended>): Promise<Ended | null> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), LONGEST)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
