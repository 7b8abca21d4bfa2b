import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { formatError } from '../../src/cli/errors.js'
import { openPlanFolder } from '../../src/cli/plan-folder.js'
import { openWorkspace } from '../../src/cli/workspace.js'
import { loadProject } from '../../src/config/project.js'
import { isOfRoles } from '../../src/diff/scope.js'
import { UserError } from '../../src/errors.js'
import type { Plan } from '../../src/plan/plan.js'
import { formatPlan } from '../../src/plan/plan-file.js'
import { connect } from '../../src/postgres/connect.js'
import { introspect } from '../../src/postgres/introspect.js'
import { load } from '../../src/postgres/load.js'
import { loadRows } from '../../src/postgres/load-rows.js'
import type { Session } from '../../src/postgres/session.js'
import { readSource, SourceError } from '../../src/source/read.js'
import { planOf } from '../apply/plans.js'
import { closeParser } from '../engine/source.js'
import { createDatabase, dropDatabase, runServers } from '../servers/index.js'
import { MUTATIONS, pick, randomFrom } from './mutations.js'
import { SOURCES } from './sources.js'

// SCHEMACTL_MUTANTS: how many files are spoilt, 1,000 by `npm run test:matrix -- mutants`. SCHEMACTL_MUTANTS_SEED=n: only that one.
const COUNT = Number(process.env.SCHEMACTL_MUTANTS ?? 30)
const SEED = process.env.SCHEMACTL_MUTANTS_SEED

const [server] = runServers()
if (!server) throw new Error('a test run has a server')

/** No file may take longer than the parser's own time limit, some times over. */
const LONGEST = 45_000

let url: string
let session: Session
let plan: Plan
beforeAll(async () => {
  url = await createDatabase(server)
  session = await connect({ kind: 'url', url })
  plan = await planOf(session, url, START)
}, 180_000)
afterAll(async () => {
  await session.close()
  await dropDatabase(url)
  await closeParser()
})

/** But for roles, which belong to the server: other tests make some meanwhile. */
async function objectsIn(live: Session): Promise<string[]> {
  const { objects } = await introspect(live)
  return [...objects.values()].filter((object) => !isOfRoles(object, (key) => objects.get(key))).map(({ key }) => key)
}

test(
  'a spoilt file is told, or means what it says',
  async () => {
    const before = await objectsIn(session)
    const outcomes = new Map<string, number>()
    const failures: string[] = []
    for (let seed = Number(SEED ?? 1); seed <= Number(SEED ?? COUNT); seed++) {
      const outcome = await trial(seed).catch((error: Error) => {
        failures.push(error.message)
        return 'failed'
      })
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    }
    expect(failures.slice(0, 20)).toEqual([])
    expect(await objectsIn(session)).toEqual(before)
    console.info(
      [...outcomes]
        .sort()
        .map(([outcome, n]) => `${outcome}: ${n}`)
        .join('\n'),
    )
  },
  120_000 + COUNT * 3000,
)

const PLAN = 'plans/plan.yaml'
const START = `create table ticket (id int primary key, title text default 'none');
create function f() returns text language sql as $$ select ';' $$;
create view seen as select id from ticket;`

/** Spoils one file of a project, reads it as a command would, and says how that ended. */
async function trial(seed: number): Promise<string> {
  const random = randomFrom(seed)
  const files: Record<string, string> = { ...SOURCES, [PLAN]: formatPlan(plan) }
  const file = pick(random, Object.keys(files))
  const mutation = pick(random, Object.keys(MUTATIONS))
  const spoilt = Buffer.from(MUTATIONS[mutation]?.(files[file] ?? '', random) ?? '')
  const folder = folderOf({ ...files, [file]: spoilt })
  const started = Date.now()
  try {
    const harmless = await read(folder, file)
    return `${file}, read: ${harmless ? 'as it was' : 'as something else'}`
  } catch (error) {
    const wrong = faults(error as Error, file)
    if (wrong.length > 0) {
      const shown = spoilt.toString().slice(0, 3000)
      throw new Error(
        `SCHEMACTL_MUTANTS_SEED=${seed} (${file}, ${mutation}): ${wrong.join('; ')}\n${formatError(error as Error)}\n--\n${shown}`,
        { cause: error },
      )
    }
    return `${file}, refused: ${error instanceof UserError ? error.code : 'source'}`
  } finally {
    expect({ seed, took: Date.now() - started < LONGEST }).toEqual({ seed, took: true })
    expect(readFileSync(join(folder, file))).toEqual(spoilt)
    rmSync(folder, { recursive: true, force: true })
  }
}

function folderOf(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'schemactl-mutants-'))
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  return folder
}

/** True where it came to what the sound file says. */
async function read(folder: string, file: string): Promise<boolean> {
  if (file === PLAN) return readPlan(folder)
  if (file === '.env' || file === 'schemactl.yaml') {
    const workspace = await openWorkspace({}, folder)
    return workspace.label !== '' && workspace.searchPath.length > 0
  }
  return readSchema(folder)
}

/** Only a plan that is the same in every word is read. */
async function readPlan(folder: string): Promise<boolean> {
  const project = await loadProject(folder)
  const [found] = await (await openPlanFolder({ project, inProject: true })).read()
  const { plan: again } = found ?? { plan: undefined }
  expect(withoutEstimates(again)).toEqual(withoutEstimates(plan))
  return true
}

function withoutEstimates(of: Plan | undefined): unknown {
  return JSON.parse(JSON.stringify(of, (key, value) => (key === 'estimate' ? undefined : value)))
}

/** Through PostgreSQL, as plan has it. */
async function readSchema(folder: string): Promise<boolean> {
  const source = await readSource([join(folder, 'schema')], { cwd: folder })
  await session.execute('begin')
  try {
    await session.execute(`set local statement_timeout = '20s'`)
    await load(session, source.statements, { searchPath: ['public'], stubRoles: true })
    await loadRows(session, source.data ?? [], 'public')
    return false
  } finally {
    await session.execute('rollback')
  }
}

/** What is not as an error should be. */
function faults(error: Error, file: string): string[] {
  const text = formatError(error)
  const code = error instanceof SourceError ? 'source' : error instanceof UserError ? error.code : null
  return [
    ...(code === null ? ['it has no code'] : []),
    ...(/^\s+at |This is a bug/m.test(text) ? ['a stack is shown'] : []),
    ...(/\bundefined\b|\[object Object\]|\bNaN\b/.test(text) ? ['it says undefined'] : []),
    // What is wrong may show in another file, which needs what is gone from this one.
    ...([file, ...Object.keys(SOURCES)].some((name) => text.includes(name.split('/').at(-1) ?? name)) ? [] : ['it names no file']),
    ...(/^Next: \S/m.test(text) ? [] : ['it names no next step']),
    ...(text.includes('s3cret') ? ['it tells a password'] : []),
    ...(text.length > 20_000 ? ['it is too long to be read'] : []),
  ]
}
