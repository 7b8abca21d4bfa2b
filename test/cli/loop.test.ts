import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { createDatabase, dropDatabase, query, runServers } from '../servers/index.js'
import { folderWith, removeFolders, schemactl, schemactlJson } from './schemactl.js'

const [server] = runServers()
if (!server) throw new Error('a test run has a server')

afterAll(removeFolders)
// Every command is a process of its own.
jest.setTimeout(300_000)

describe('the loop in a project, on a server', () => {
  let url: string
  let folder: string
  beforeAll(async () => {
    url = await createDatabase(server)
    folder = folderWith({
      'schemactl.yaml': 'schema: schema\n',
      '.env': `DATABASE_URL=${url}\n`,
      'schema/a.sql': `create table a (id int primary key, name text not null);\ncreate view v as select id, name from a;`,
      'sub/folder/x': '',
    })
  })
  afterAll(() => dropDatabase(url))

  const run = (...args: string[]) => schemactlJson(folder, args)
  const plans = () => readdirSync(join(folder, 'plans')).filter((name) => name.endsWith('.yaml'))

  test('plan writes a file, and again the same', async () => {
    const { code, said } = await run('plan', '-m', 'first', '--detailed-exitcode')
    expect(code).toBe(2)
    expect(said).toMatchObject({ changes: true, plan: { parent: null, title: 'first' } })
    expect(plans()).toHaveLength(1)
    expect(await run('plan', '--detailed-exitcode')).toMatchObject({
      code: 2,
      said: { changes: true, pending: [plans()[0]?.replace('.yaml', '')] },
    })
    expect(plans()).toHaveLength(1)
    expect(await run('check')).toMatchObject({ code: 0, said: { missing: false } })
  })

  test('the first line on stderr names the database and why it is this one', async () => {
    const { stderr } = await schemactl(join(folder, 'sub/folder'), ['status'])
    expect(stderr).toMatch(/^Database: 127\.0\.0\.1:\d+\/\w+ \(from \.env\)\n/)
  })

  test('apply runs what is pending, once', async () => {
    const { code, said } = await run('apply')
    expect({ code, applied: (said.applied as unknown[]).length }).toEqual({ code: 0, applied: 1 })
    expect(await run('apply')).toMatchObject({ code: 0, said: { applied: [] } })
    expect(await run('plan', '--detailed-exitcode')).toMatchObject({ code: 0, said: { changes: false } })
    expect(await run('status')).toMatchObject({ said: { state: 'current', applied: 1, pending: [] } })
    expect((await schemactl(folder, ['inspect', '--schemas', '*', '--manage', 'owners,privileges'])).stdout).not.toContain('schemactl.')
    const [first] = plans()
    expect((await schemactl(folder, ['apply', `plans/${first}`])).stderr).toContain('applied already')
  })

  test('files that ask for something else while a plan is pending are told apart', async () => {
    writeFileSync(
      join(folder, 'schema/a.sql'),
      `create table a (id bigint primary key, name text not null);\ncreate view v as select id, name from a;`,
    )
    expect(await run('check')).toMatchObject({ code: 2, said: { missing: true } })
    const { said } = await run('plan', '-m', 'second')
    expect(said).toMatchObject({
      plan: {
        parent: plans()
          .find((name) => name.startsWith('first'))
          ?.replace('.yaml', ''),
      },
    })
    writeFileSync(join(folder, 'schema/b.sql'), 'create table b (a int references a (id));')
    expect(await run('check')).toMatchObject({ code: 2 })
    const third = await run('plan', '-m', 'third')
    const { plan } = third.said as { plan: { id: string; parent: string; segments: { steps: { title: string }[] }[] } }
    expect(plan.parent).toMatch(/^second-/)
    expect(plan.segments.flatMap(({ steps }) => steps.map(({ title }) => title))).toEqual([
      'create table public.b with 1 column, 1 constraint',
    ])
    expect(await run('check')).toMatchObject({ code: 0 })
    rmSync(join(folder, `plans/${plan.id}.yaml`))
    rmSync(join(folder, 'schema/b.sql'))
    expect(await run('apply', 'second')).toMatchObject({ code: 0 })
  })

  test('drift tells object, attribute and both values, and writes nothing', async () => {
    expect(await run('drift')).toMatchObject({ code: 0, said: { drift: false } })
    await query(url, 'alter table a alter column name drop not null; create index by_hand on a (name)')
    const { code, said } = await run('drift')
    expect(code).toBe(2)
    expect(said.differences).toEqual([
      { kind: 'column', path: ['public', 'a', 'name'], attribute: 'notNull', agreed: true, live: false },
      expect.objectContaining({ kind: 'index', path: ['public', 'by_hand'], attribute: null }),
    ])
    await query(url, 'alter table a alter column name set not null; drop index by_hand')
  })

  test('revert needs no file, and says what it would lose', async () => {
    for (const name of plans()) rmSync(join(folder, 'plans', name))
    expect(await run('revert')).toMatchObject({ code: 1, said: { error: { code: 'data-loss' } } })
    expect(await run('revert', '--to', 'first', '--allow', 'narrow-type')).toMatchObject({ code: 0 })
    expect(
      await query(url, `select format_type(atttypid, null) as type from pg_attribute where attrelid = 'a'::regclass and attname = 'id'`),
    ).toEqual([{ type: 'integer' }])
    expect(await run('drift')).toMatchObject({ code: 0 })
    const { said } = await run('history', '--verbose')
    expect(said.plans).toMatchObject([
      { title: 'first', status: 'applied' },
      { title: 'second', status: 'reverted' },
    ])
  })

  test('a plan that only the journal has is shown as SQL, and applied again', async () => {
    const { stdout } = await schemactl(folder, ['show', 'second', '--sql'])
    expect(stdout).toMatch(/^begin;$[\s\S]*alter table public\.a alter column id type bigint[\s\S]*^commit;$/m)
    expect(await run('apply', 'second')).toMatchObject({ code: 0 })
  })
})

describe('stamp', () => {
  let url: string
  beforeAll(async () => {
    url = await createDatabase(server)
    await query(url, 'create table a (id int primary key)')
  })
  afterAll(() => dropDatabase(url))

  test('takes over a database that has objects and no journal', async () => {
    const folder = folderWith({ 'schemactl.yaml': `url: ${url}\n`, 'schema/a.sql': 'create table a (id int primary key);' })
    const planned = await schemactl(folder, ['plan'])
    expect(planned).toMatchObject({ code: 0 })
    expect(planned.stderr).toContain('schemactl stamp head')
    expect(await schemactl(folder, ['stamp', 'head'])).toMatchObject({ code: 0 })
    expect((await schemactl(folder, ['status', '--json'])).stdout).toContain('"state": "current"')
    expect(await schemactl(folder, ['drift'])).toMatchObject({ code: 0 })
    expect(await schemactl(folder, ['revert'])).toMatchObject({ code: 1 })
    writeFileSync(join(folder, 'schema/a.sql'), 'create table a (id int primary key, n int);')
    expect(await schemactl(folder, ['plan', '-m', 'n'])).toMatchObject({ code: 0 })
    expect(await schemactl(folder, ['stamp', 'n-'])).toMatchObject({ code: 0 })
    expect((await schemactl(folder, ['history', '--json'])).stdout.match(/"status": "stamped"/g)).toHaveLength(2)
  })
})

test('what a stamp without plans leaves open is told: that no plan makes it, and what the files have more', async () => {
  const url = await createDatabase(server)
  await query(url, 'create table a (id int primary key)')
  const folder = folderWith({
    'schemactl.yaml': `url: ${url}\n`,
    'schema/a.sql': 'create table a (id int primary key); create table b ();',
  })
  const { code, stderr } = await schemactl(folder, ['stamp', 'head'])
  expect([code, stderr]).toEqual([0, expect.stringContaining('No plan makes it of an empty database')])
  expect(stderr).toMatch(/1 object is not as in the schema files; .*\n {2}table public\.b$/m)
  await query(url, 'create table b ()')
  // What the message advises.
  expect(await schemactl(folder, ['plan', '-m', 'first', '--url', 'embedded:.schemactl/empty'])).toMatchObject({ code: 0 })
  expect(await schemactlJson(folder, ['stamp', 'first'])).toMatchObject({ code: 0, said: { unlike: [] } })
  expect(await schemactlJson(folder, ['status'])).toMatchObject({ said: { state: 'current', current: { title: 'first' } } })
  await dropDatabase(url)
})

describe('outside a project', () => {
  test('nothing but --out is written, and the journal adds no table', async () => {
    const url = await createDatabase(server)
    const folder = folderWith({ 'a.sql': 'create table a (id int);' })
    expect(await schemactl(folder, ['plan', '--schema', 'a.sql', '--url', url, '--out', 'p.yaml'])).toMatchObject({ code: 0 })
    expect(await schemactl(folder, ['apply', 'p.yaml', '--url', url, '--yes'])).toMatchObject({ code: 0 })
    expect(readdirSync(folder).sort()).toEqual(['a.sql', 'p.yaml'])
    expect(await query(url, `select nspname from pg_namespace where nspname = 'schemactl'`)).toEqual([])
    await dropDatabase(url)
  })
})

describe('init', () => {
  test('writes a project once, and overwrites nothing', async () => {
    const folder = folderWith({ 'schemactl.yaml': '# mine\n', '.gitignore': 'x' })
    expect(await schemactl(folder, ['init'])).toMatchObject({ code: 0 })
    expect(readFileSync(join(folder, 'schemactl.yaml'), 'utf8')).toBe('# mine\n')
    const ignored = readFileSync(join(folder, '.gitignore'), 'utf8')
    expect(ignored.split('\n')).toEqual(['x', '.schemactl/', '.env', ''])
    expect(existsSync(join(folder, 'schema/fragmentos.yaml'))).toBe(true)
    await schemactl(folder, ['init'])
    expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toBe(ignored)
  })

  test('its project runs on the embedded database', async () => {
    const folder = folderWith({})
    expect(await schemactl(folder, ['init', 'new'])).toMatchObject({ code: 0 })
    const project = join(folder, 'new')
    expect(await schemactl(project, ['plan'])).toMatchObject({ code: 0 })
    expect(await schemactl(project, ['apply'])).toMatchObject({ code: 0 })
    expect(await schemactl(project, ['plan', '--detailed-exitcode'])).toMatchObject({ code: 0 })
  })
})
