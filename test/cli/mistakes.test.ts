import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createDatabase, dropDatabase, query, runServers } from '../servers/index.js'
import { errorFrom, folderWith, removeFolders, schemactl } from './schemactl.js'

const [server] = runServers()
if (!server) throw new Error('a test run has a server')

let url: string
let folder: string
beforeAll(async () => {
  url = await createDatabase(server)
  folder = folderWith({
    'a.sql': 'create table a (x int);',
    'broken.sql': 'create tabel a (x int);',
    'plan.yaml': 'nonsense',
    'empty/readme.txt': 'x',
    'config-is-a-folder/schemactl.yaml/x': '',
    'plans-is-a-file/schemactl.yaml': 'schema: ../a.sql',
    'plans-is-a-file/plans': 'x',
    'schema-is-elsewhere/schemactl.yaml': '# ours\nschema: db/schemas\n',
    'spoilt/schemactl.yaml': 'schema: ../a.sql',
    'spoilt/.env': 'DATABASE_URL=postgres;//someone:s3cret@localhost:port/x',
  })
})
afterAll(async () => {
  removeFolders()
  await dropDatabase(url)
})

/** Arguments, exit code, and the code of the error. */
const MISTAKES: readonly (readonly [args: string, code: number, error: string])[] = [
  ['plan --frobnicate', 64, 'usage'],
  ['plan --schema a.sql --url URL -m ', 64, 'usage'],
  ['plan --steps 3', 64, 'usage'],
  ['plan --schema a.sql --url URL --allow drop-tabel', 64, 'usage'],
  ['plan --schema a.sql --url URL --manage owner', 64, 'usage'],
  ['plan --schema a.sql --url URL --shadow somewhere', 64, 'usage'],
  ['plan --schema a.sql --url URL --out x --no-out', 64, 'usage'],
  ['plan --url URL --schema ', 64, 'usage'],
  ['plan --schema a.sql --url URL --schemas "a', 64, 'usage'],
  ['plan --schema a.sql --url URL --schemas ,', 64, 'usage'],
  ['revert --steps 0 --url URL', 64, 'usage'],
  ['revert --steps x --url URL', 64, 'usage'],
  ['revert --steps 1 --all --url URL', 64, 'usage'],
  ['apply --require-signature=0 --url URL', 64, 'usage'],
  ['stamp --url URL', 64, 'usage'],
  ['plan sign', 64, 'usage'],
  ['plan sign nowhere.yaml', 1, 'no-plan-file'],
  ['show', 64, 'usage'],
  ['status --config config-is-a-folder/schemactl.yaml/schemactl.yaml', 1, 'no-config'],
  ['new -m x --config plans-is-a-file', 1, 'unwritable'],
  ['init /proc/new', 1, 'unwritable'],
  ['init a.sql', 1, 'not-a-folder'],
  ['init a.sql/x', 1, 'unwritable'],
  ['inspect --url URL --out /proc/new', 1, 'unwritable'],
  ['plan --config plans-is-a-file --url URL', 1, 'unwritable'],
  ['plan --no-out --config plans-is-a-file --url URL', 1, 'unreadable'],
  // Told before anything that takes long.
  ['plan --schema a.sql --url postgres://postgres@127.0.0.1:1/x --out empty', 1, 'unwritable'],
  ['plan --schema a.sql --url URL --out empty', 1, 'unwritable'],
  ['status --config spoilt', 1, 'invalid-url'],
  ['plan --schema a.sql --url URL?options=-cdefault_transaction_read_only%3Don --shadow server', 1, 'no-shadow'],
  ['plan --url URL', 1, 'no-schema-files'],
  ['plan --schema a.sql', 1, 'no-database'],
  ['apply', 1, 'no-database'],
  ['apply --url URL', 1, 'no-project'],
  ['apply nowhere.yaml --url URL', 1, 'no-plan-file'],
  ['apply empty/ --url URL', 1, 'no-plan-file'],
  ['apply plan.yaml --url URL', 1, 'bad-plan'],
  ['apply some-id --url URL', 1, 'unknown-plan'],
  ['show plan.yaml', 1, 'bad-plan'],
  ['revert --to nothing --url URL', 1, 'unknown-plan'],
  ['plan --schema nowhere --url URL', 1, 'no-schema-files'],
  ['plan --schema broken.sql --url URL', 1, 'source'],
  ['plan --schema empty --url URL', 1, 'no-schema-files'],
  ['plan --schema a.sql --env production', 1, 'unknown-environment'],
  ['plan --schema a.sql --config nowhere.yaml', 1, 'no-config'],
  ['status --url postgres://postgres@127.0.0.1:1/x', 1, 'connection-refused'],
  ['drift --url URL', 1, 'nothing-agreed'],
]

describe('a mistake is told with its exit code and without a stack', () => {
  test.each(MISTAKES)('%s → %i, %s', async (args, code, error) => {
    const words = args.split(' ').map((word) => word.replace(/^URL/, url))
    const [talked, asJson] = await Promise.all([schemactl(folder, words), schemactl(folder, [...words, '--json'])])
    expect(talked.stderr).not.toMatch(/^\s+at |bug in schemactl|s3cret/m)
    expect(talked.stderr).toMatch(/^Next: \S/m)
    expect(talked.stdout).toBe('')
    expect(talked.code).toBe(code)
    expect(JSON.parse(asJson.stdout)).toMatchObject({ error: { code: error } })
    expect(asJson.code).toBe(code)
  })

  test('a schema folder that schemactl.yaml names and that is not there is told where it is named', async () => {
    const { stderr } = await schemactl(join(folder, 'schema-is-elsewhere'), ['plan', '--url', url])
    expect(stderr).toMatch(
      /schemactl\.yaml:2:1: There is no file or folder db\/schemas, .*\nNext: .*schema: in schemactl\.yaml; .*inspect --out/,
    )
  })

  test('what is wrong with flags is told on one line, with the flag that may be meant', async () => {
    const said = async (args: string) => (await schemactl(folder, args.split(' '))).stderr.split('\n')[0]
    expect(await Promise.all(['plan --alow all', 'apply --steps 0', 'revert --all --steps 2', 'new', 'stamp'].map(said))).toEqual([
      'Error: Nonexistent flag: --alow; did you mean --allow?',
      'Error: --steps: Expected an integer greater than or equal to 1 but received: 0',
      'Error: --all=true cannot also be provided when using --steps',
      'Error: Missing required flag --message',
      'Error: Missing 1 required arg: plan: Plan file, (beginning of an) id, or head',
    ])
  })

  test('what PostgreSQL refuses is told where it stands, and what two files make with both places', async () => {
    const wrong = folderWith({
      'type.sql': 'create table a (id int);\r\ncreate table ñandú (\r\n  id int,\r\n  x tetx\r\n);',
      'twice/a.sql': '-- ours\ncreate table a (id int);',
      'twice/b.sql': 'create table a (id text);',
      'mixed/a.sql': 'create table a (id int);',
      'mixed/b.yaml': 'tables:\n  a:\n    columns:\n      id: int\n',
      'list.yaml': 'tables:\n  a:\n    columns:\n      - id: int\n',
    })
    const said = (schema: string) => schemactl(wrong, ['plan', '--url', url, '--no-out', '--schema', schema])
    expect((await said('type.sql')).stderr).toContain('type.sql:4:5: PostgreSQL refuses this statement: type "tetx" does not exist')
    expect((await said('twice')).stderr).toMatch(/twice\/b\.sql:1:1: .*\nNext: twice\/a\.sql:2:1 makes it, too: take one of the two out\./)
    expect((await said('mixed')).stderr).toMatch(/mixed\/b\.yaml:2:3: .*\nNext: mixed\/a\.sql:1:1 makes it, too: take one of the two out\./)
    expect((await said('list.yaml')).stderr).toMatch(
      /^Error: list\.yaml:4:7: expected a mapping\n.*\n.*\nNext: Write a mapping: columns in order\.$/m,
    )
  })

  test('a name that PostgreSQL does not find is told at the key of YAML that has it', async () => {
    const start = 'tables:\n  p:\n    columns: { id: int primary key }\n  t:\n    columns:\n      id: bigint\n      b: text\n'
    const cases: readonly (readonly [table: string, place: string])[] = [
      ['    primaryKey: [nope]\n', '8:17'],
      ['    primaryKey:\n      columns: [id, nope]\n', '9:7'],
      ['    uniques:\n      one: [id]\n      two: [id, nope]\n', '10:7'],
      ['    checks:\n      one: id > 0\n      two: abs(nope) > 0\n', '10:16'],
      ['    exclusions:\n      one: using gist (nope with =)\n', '9:24'],
      ['    foreignKeys:\n      one:\n        columns: [nope]\n        references: { table: p, columns: [id] }\n', '10:19'],
      ['    foreignKeys:\n      one:\n        columns: [id]\n        references: { table: p, columns: [nope] }\n', '11:43'],
      ['    foreignKeys:\n      one:\n        columns: [id]\n        references: { table: nope, columns: [id] }\n', '11:30'],
      ['    indexes:\n      one: (id)\n      two: (nope)\n', '10:13'],
      ['    indexes:\n      one:\n        columns: [id, nope]\n', '10:23'],
      ['    indexes:\n      one:\n        columns: [id]\n        method: nope\n', '11:17'],
      ['    with: { nope: 3 }\n', '8:13'],
    ]
    const files = folderWith(Object.fromEntries(cases.map(([table], i) => [`${i}.yaml`, start + table])))
    const placeIn = async (i: number) =>
      /\.yaml:(\S+): /.exec((await schemactl(files, ['plan', '--url', url, '--no-out', '--schema', `${i}.yaml`])).stderr)?.[1]
    const places: (string | undefined)[] = []
    for (const i of cases.keys()) places.push(await placeIn(i))
    expect(places).toEqual(cases.map(([, place]) => place))
  })

  test('what an extension would bring that no file states is told with that extension', async () => {
    const files = folderWith({
      'citext.sql': 'create table a (t citext);',
      'qualified.sql': 'create table a (t public.ltree);',
      'class.sql': 'create table a (t text); create index on a using gin (t gin_trgm_ops);',
      'gist.sql': 'create table a (t int, during tstzrange, exclude using gist (t with =, during with &&));',
      'routine.sql': 'create table a (id uuid default uuid_generate_v4());',
      'yaml.yaml': 'tables:\n  a:\n    columns:\n      h: hstore\n',
      'elsewhere.sql': 'create schema ext; create extension citext schema ext;\ncreate table a (t citext);',
      'own.sql': 'create function crypt(x int) returns int language sql as $$ select x $$;\ncreate view v as select crypt(now());',
    })
    const next = async (schema: string) =>
      /^Next: (.*)$/m.exec((await schemactl(files, ['plan', '--url', url, '--no-out', '--schema', schema])).stderr)?.[1]
    expect(await next('citext.sql')).toMatch(/create extension citext\.$/)
    expect(await next('qualified.sql')).toMatch(/create extension ltree\.$/)
    expect(await next('class.sql')).toMatch(/create extension pg_trgm\.$/)
    expect(await next('gist.sql')).toMatch(/create extension btree_gist\.$/)
    expect(await next('routine.sql')).toMatch(/create extension "uuid-ossp"\.$/)
    expect(await next('yaml.yaml')).toMatch(/create extension hstore; in YAML extensions: \[hstore\]\.$/)
    expect(await next('elsewhere.sql')).toMatch(/^elsewhere\.sql:1 creates the extension citext, .*searchPath:/)
    expect(await next('own.sql')).not.toContain('extension')
  })

  test('an extension that the server lacks is told, not what needs it', async () => {
    const files = folderWith({ 'a.sql': 'create table a (t nowhere_type);\ncreate extension nowhere;' })
    expect((await schemactl(files, ['plan', '--url', url, '--no-out', '--schema', 'a.sql'])).stderr).toMatch(/a\.sql:2:\d+: .*"nowhere"/)
  })

  test('a command that there is not', async () => {
    expect(await schemactl(folder, ['frobnicate'])).toMatchObject({ code: 64, stdout: '' })
    expect((await schemactl(folder, ['aply'])).stderr).toContain('apply')
    expect(await errorFrom(folder, ['frobnicate'])).toEqual({ code: 64, error: 'usage' })
  })

  test('a verb of other tools is told with the command that does the same', async () => {
    const verbs = 'upgrade downgrade current revision heads autogenerate migrate rollback diff push generate'.split(' ')
    const next = async (verb: string) => /^Next: schemactl (\w+)/m.exec((await schemactl(folder, [verb, 'head'])).stderr)?.[1]
    const found: (string | undefined)[] = []
    for (const verb of verbs) found.push(await next(verb))
    expect(found).toEqual('apply revert status plan status plan apply revert plan dev plan'.split(' '))
    expect((await schemactl(folder, ['constructor'])).stderr).toContain('Next: schemactl --help lists the commands.')
  })

  test('a wrong flag leads to the help of its command', async () => {
    expect((await schemactl(folder, ['plan', 'sign', '--frob'])).stderr).toMatch(/^Next: schemactl plan sign --help /m)
    expect((await schemactl(folder, ['stamp', '--json'])).stdout).toMatch(/"next": "schemactl stamp --help /)
  })

  test('a schema whose name has a comma can be named', async () => {
    const schemas = ['"a,b"', '"""c"', 'other']
    await query(url, schemas.map((name) => `create schema ${name}; create table ${name}.x ()`).join(';'))
    const { stdout } = await schemactl(folder, ['inspect', '--url', url, '--schemas', '"a,b","""c"'])
    await query(url, schemas.map((name) => `drop schema ${name} cascade`).join(';'))
    expect(stdout.match(/create table \S+/gi)?.sort()).toEqual(['create table """c".x', 'create table "a,b".x'])
  })

  test('a password is never shown', async () => {
    const { stderr, code } = await schemactl(folder, ['status', '--url', 'postgres://someone:s3cret@127.0.0.1:1/x'])
    expect(code).toBe(1)
    expect(stderr).not.toContain('s3cret')
  })
})

describe('nothing is done that was not meant', () => {
  test('files that say nothing of a full database: what would be lost is refused, and inspect named', async () => {
    await query(url, 'create table full_one (x int)')
    const nothing = folderWith({ 'nothing.sql': '-- to do' })
    const { code, stderr } = await schemactl(nothing, ['plan', '--url', url, '--schema', 'nothing.sql', '--no-out'])
    await query(url, 'drop table full_one')
    expect(code).toBe(1)
    expect(stderr).toMatch(/drop-table: drop table public\.full_one with 1 column\nNext: .*--allow drop-table\. .*schemactl inspect --out/)
  })

  test('an edited plan changes nothing', async () => {
    const plan = join(folder, 'edited.yaml')
    const made = await schemactl(folder, ['plan', '--schema', 'a.sql', '--url', url, '--out', plan, '--json'])
    expect(made.code).toBe(0)
    const { readFileSync } = await import('node:fs')
    writeFileSync(plan, readFileSync(plan, 'utf8').replace('x integer', 'x text'))
    expect(await schemactl(folder, ['apply', plan, '--url', url])).toMatchObject({ code: 1, stdout: '' })
    expect(await query(url, `select to_regclass('public.a') as a`)).toEqual([{ a: null }])
  })

  test('names that are hostile come through plan, apply and revert', async () => {
    const name = `a"b'; drop table x; --é`
    const quoted = `"${name.replaceAll('"', '""')}"`
    const files = folderWith({
      's.sql': `create table ${quoted} (${quoted} int primary key, constraint "${'n'.repeat(63)}" check (${quoted} > 0));\ncomment on table ${quoted} is '$$ \\ ;\n\ttab';`,
    })
    expect(await schemactl(files, ['plan', '--schema', 's.sql', '--url', url, '--out', 'p.yaml'])).toMatchObject({ code: 0 })
    expect(await schemactl(files, ['apply', 'p.yaml', '--url', url])).toMatchObject({ code: 0 })
    expect(await query(url, `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`)).toEqual([
      { relname: name },
    ])
    expect(await schemactl(files, ['plan', '--schema', 's.sql', '--url', url, '--no-out', '--detailed-exitcode'])).toMatchObject({
      code: 0,
    })
    expect(await schemactl(files, ['revert', '--url', url])).toMatchObject({ code: 1 })
    expect(await schemactl(files, ['revert', '--url', url, '--allow', 'drop-table'])).toMatchObject({ code: 0 })
    expect(await query(url, `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`)).toEqual([])
  })
})

test('what only pending plans make is not taken for what was there before', async () => {
  const files = folderWith({ 'schemactl.yaml': `url: ${url}\n`, 'schema/first.sql': 'create table one (x int);' })
  expect(await schemactl(files, ['plan', '-m', 'one'])).toMatchObject({ code: 0, stderr: expect.not.stringContaining('objects already') })
  writeFileSync(join(files, 'schema/second.sql'), 'create table two (x int);')
  expect(await schemactl(files, ['plan', '-m', 'two'])).toMatchObject({ code: 0, stderr: expect.not.stringContaining('objects already') })
})

test('what files state and no kind models is told by name, and an error where it is asked to be', async () => {
  const here = folderWith({ 'a.sql': 'create table b (x int);\ngrant select (x, tableoid) on b to public;' })
  const plan = (...more: string[]) => schemactl(here, ['plan', '--url', url, '--schema', 'a.sql', '--no-out', ...more])
  const told = await plan()
  expect([told.code, told.stderr]).toEqual([0, expect.stringContaining('\n  grant on column tableoid of table public.b (in the files)\n')])
  expect((await plan('--strict')).code).toBe(1)
})

test('inspect writes a file where the path is one of a file, and into a folder where it is not', async () => {
  const here = folderWith({ 'full/readme.txt': 'x', file: 'x' })
  const wrote = async (out: string) => (await schemactl(here, ['inspect', '--url', url, '--out', out])).stderr.match(/^Wrote (.*)$/m)?.[1]
  expect(await wrote('full')).toBe('full/schema.sql')
  expect(await wrote('none')).toBe('none/schema.sql')
  expect(await wrote('none2/')).toBe('none2/schema.sql')
  expect(await wrote('db.sql')).toBe('db.sql')
  expect(await errorFrom(here, ['inspect', '--url', url, '--out', 'file/'])).toEqual({ code: 1, error: 'unwritable' })
})
