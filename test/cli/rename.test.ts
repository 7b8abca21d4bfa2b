import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { createDatabase, dropDatabase, normalizeDump, pgDump, query, runServers } from '../servers/index.js'
import { folderWith, removeFolders, schemactl } from './schemactl.js'

const [server] = runServers()
if (!server) throw new Error('a test run has a server')
jest.setTimeout(120_000)

const BEFORE = `
create table libro (id bigint generated always as identity primary key, titulo text not null, paginas int);
create table nota (id int primary key, libro bigint references libro, texto text);
create index on nota (libro);
insert into libro (titulo, paginas) values ('Rayuela', 600);
insert into nota values (1, 1, 'x')`

/** `nota` becomes `remark`, and `libro.titulo` becomes `title`; each column on a line of its own. */
const AFTER = `create table libro (
  id bigint generated always as identity primary key,
  title text not null,
  paginas int
);
create table remark (id int primary key, libro bigint references libro, texto text);
create index on remark (libro);`

let url: string
let wanted: string
beforeEach(async () => {
  ;[url, wanted] = await Promise.all([createDatabase(server), createDatabase(server)])
  await Promise.all([query(url, BEFORE), query(wanted, AFTER)])
})
afterEach(() => Promise.all([dropDatabase(url), dropDatabase(wanted)]))
afterAll(removeFolders)

const plan = (folder: string, ...more: string[]) =>
  schemactl(folder, ['plan', '--schema', 'a.sql', '--url', url, '--out', 'p.yaml', ...more])
const schemaOf = async (database: string) => normalizeDump(await pgDump(database))

test('--rename keeps the rows, what hangs on them follows, and revert takes it back', async () => {
  const folder = folderWith({ 'a.sql': AFTER })
  const before = await schemaOf(url)
  expect(await plan(folder, '--rename', 'public.libro.titulo=title', '--rename', 'table:nota=remark')).toMatchObject({ code: 0 })
  expect(await schemactl(folder, ['apply', 'p.yaml', '--url', url])).toMatchObject({ code: 0 })
  expect(await schemaOf(url)).toEqual(await schemaOf(wanted))
  expect(await query(url, 'select title, texto from remark join libro on libro.id = libro')).toEqual([{ title: 'Rayuela', texto: 'x' }])
  // What is done already needs no second thought.
  expect(await plan(folder, '--rename', 'public.nota=public.remark', '--detailed-exitcode')).toMatchObject({ code: 0 })
  expect(await schemactl(folder, ['revert', '--url', url])).toMatchObject({ code: 0 })
  expect(await schemaOf(url)).toEqual(before)
  expect(await query(url, 'select titulo, texto from nota join libro on libro.id = libro')).toEqual([{ titulo: 'Rayuela', texto: 'x' }])
})

test('a drop that looks like a rename is told with the line to write, and never done by itself', async () => {
  const folder = folderWith({ 'a.sql': AFTER })
  const refused = await plan(folder)
  expect(refused.code).toBe(1)
  const lines = refused.stderr.split('\n').map((line) => line.trim())
  expect(lines).toEqual(
    expect.arrayContaining([
      'column public.libro.titulo → column public.libro.title',
      'above a.sql:3:  -- @renamed from titulo',
      'or:  --rename column:public.libro.titulo=title',
      'above a.sql:6:  -- @renamed from nota',
    ]),
  )
  const allowed = await plan(folder, '--allow', 'drop-column,drop-table,fill', '--json')
  expect(JSON.parse(allowed.stdout)).toMatchObject({ likelyRenames: [{ directive: '-- @renamed from titulo' }, { line: 'a.sql:6' }] })
  // What was told, as it was told.
  const told = folderWith({
    'a.sql': AFTER.replace('  title', '-- @renamed from titulo\n  title').replace(
      'create table remark',
      '-- @renamed from nota\ncreate table remark',
    ),
  })
  const renamed = await plan(told, '--json')
  const titles = (JSON.parse(renamed.stdout) as { plan: { segments: { steps: { title: string }[] }[] } }).plan.segments
  expect(titles.flatMap(({ steps }) => steps.map(({ title }) => title)).filter((title) => !title.startsWith('rename '))).toEqual([])
})

test('two that might be meant, another type, or one line for several columns: no guess, or only the flag', async () => {
  const folder = folderWith({
    'a.sql': 'create table libro (id bigint generated always as identity primary key, title text not null, paginas int);',
  })
  const flagOnly = await plan(folder, '--schemas', 'public')
  expect(flagOnly.stderr).toContain('\n    --rename column:public.libro.titulo=title\n')
  const other = folderWith({
    'a.sql': `create table libro (id bigint generated always as identity primary key, a text not null, b text not null, pages bigint);
create table nota (id int primary key, libro bigint references libro, texto text);`,
  })
  const refused = await plan(other)
  expect(refused.code).toBe(1)
  expect(refused.stderr).not.toContain('@renamed')
  expect(refused.stderr).not.toContain('--rename')
})

test('a flag that cannot be meant is told why', async () => {
  const mistakes = [
    ['titulo', 'is not understood'],
    ['tabel:nota=remark', 'is not understood'],
    ['public.nota=public.nothing', 'the schema files state no public.nothing'],
    ['other.nota=public.remark', 'the database has no table other.nota'],
    ['public.libro.titulo=public.remark.texto', 'does not keep'],
    ['public.nothing=remark', 'the database has no table public.nothing'],
    ['public.libro.paginas=title', 'still state column public.libro.paginas'],
  ] as const
  const folder = folderWith({ 'a.sql': AFTER })
  const ended = await Promise.all(mistakes.map(([flag]) => plan(folder, '--rename', flag)))
  expect(ended.map(({ code }) => code)).toEqual(mistakes.map(() => 1))
  for (const [i, [, what]] of mistakes.entries()) expect(ended[i]?.stderr).toContain(what)
})

test('a flag is looked at also where a pending plan does all that the files ask for', async () => {
  const folder = folderWith({ 'schemactl.yaml': 'schema: a.sql', 'a.sql': AFTER })
  const again = (...flags: string[]) => schemactl(folder, ['plan', '--url', url, ...flags.flatMap((flag) => ['--rename', flag])])
  expect(await again('public.libro.titulo=title', 'nota=remark')).toMatchObject({ code: 0 })
  const ended = await Promise.all([again(), again('public.libro.titulo=title'), again('titulo'), again('public.nothing=remark')])
  expect(ended.map(({ code }) => code)).toEqual([0, 0, 1, 1])
  expect(ended[3]?.stderr).toContain('the database has no table public.nothing')
})

test('labels of an enum are renamed by directive, mapping or flag, with the rows that hold them', async () => {
  await query(
    url,
    `create type estado as enum ('nuevo', 'en curso', 'hecho'); create table tarea (estado estado); insert into tarea values ('en curso')`,
  )
  const rest = `${BEFORE.split('insert')[0]};`
  const folder = folderWith({
    'a.sql': `${rest}
create type estado as enum (
  'nuevo',
  'doing', -- @renamed from 'en curso'
  'hecho', 'ido'
);
create table tarea (estado estado);`,
    'flag.sql': `${rest} create type estado as enum ('new', 'en curso', 'hecho'); create table tarea (estado estado);`,
    'b.yaml':
      'enums:\n  estado: [nuevo, { label: doing, renamedFrom: en curso }, hecho]\ntables:\n  tarea: { columns: { estado: estado } }\n',
  })
  const refused = await schemactl(folder, ['plan', '--schema', 'flag.sql', '--url', url, '--no-out'])
  expect(refused.stderr).toContain('--rename enum:public.estado.nuevo=new')
  const yaml = await schemactl(folder, ['plan', '--schema', 'b.yaml', '--url', url, '--no-out', '--allow', 'all'])
  expect(yaml.stderr).not.toContain('Error')
  expect(yaml.stdout).toContain('rename en curso to doing in enum public.estado')
  expect(await plan(folder)).toMatchObject({ code: 0, stdout: expect.stringContaining('rename en curso to doing in enum public.estado') })
  expect(await schemactl(folder, ['apply', 'p.yaml', '--url', url])).toMatchObject({ code: 0 })
  expect(await query(url, 'select estado from tarea')).toEqual([{ estado: 'doing' }])
  expect(await plan(folder, '--detailed-exitcode')).toMatchObject({ code: 0 })
  expect(await schemactl(folder, ['revert', '--url', url, '--allow', 'remove-label'])).toMatchObject({ code: 0 })
  expect(await query(url, 'select estado from tarea')).toEqual([{ estado: 'en curso' }])
})

test('names with dots, quotes, capitals and line ends are renamed by what a refusal says', async () => {
  await query(url, `create table odd (id int, "a.b" text, "Up" date, "q""x" bigint, "l1\nl2" int)`)
  const rest = `${BEFORE.split('insert')[0]};`
  const columns = ['  id int,', '  ab text,', '  up date,', '  q bigint,', '  l int']
  const sql = (lines: readonly string[]) => `${rest}\ncreate table odd (\n${lines.join('\n')}\n);`
  const folder = folderWith({ 'a.sql': sql(columns) })
  const { stderr } = await plan(folder)
  expect(stderr).toContain(`    --rename $'column:public.odd."l1\\nl2"=l'\n`)
  const told = stderr.split('\n').flatMap((line) => /^ +above .*?:(\d+): {2}(-- .*)/.exec(line)?.slice(1) ?? [])
  expect(told).toHaveLength(6)
  const lines = sql(columns).split('\n')
  for (let i = 0; i < told.length; i += 2) lines[Number(told[i]) - 1] = `${told[i + 1]}\n${lines[Number(told[i]) - 1]}`
  const flag = ['--rename', 'public.odd."l1\nl2"=l', '--no-out', '--allow', 'all']
  const renamed = folderWith({ 'a.sql': lines.join('\n') })
  const yaml = folderWith({
    'a.sql': rest,
    'b.yaml': `tables:
  odd:
    columns:
      id: int
      ab: { type: text, renamedFrom: a.b }
      up: { type: date, renamedFrom: Up }
      q: { type: bigint, renamedFrom: 'q"x' }
      l: { type: int, renamedFrom: "l1\\nl2" }
`,
  })
  const [bySql, byYaml] = await Promise.all([
    schemactl(renamed, ['plan', '--schema', 'a.sql', '--url', url, ...flag, '--json']),
    schemactl(yaml, ['plan', '--schema', '.', '--url', url, '--no-out', '--json']),
  ])
  for (const { stdout } of [bySql, byYaml])
    expect((JSON.parse(stdout) as { plan: { renames: string[] } }).plan.renames).toEqual([
      'column:public.odd."Up"=up',
      'column:public.odd."a.b"=ab',
      'column:public.odd."l1\nl2"=l',
      'column:public.odd."q""x"=q',
    ])
})

test('a directive that cannot be meant is told with its line', async () => {
  const wrong = [
    ['-- @renamed from a"b', /a\.sql:6: renamed from a"b: that is not a name\.\nNext: /],
    [
      '-- @renamed from public.other.nota',
      /a\.sql:6: renamed from public\.other\.nota: it does not stand where public\.remark does\.\nNext: /,
    ],
  ] as const
  for (const [line, message] of wrong) {
    const folder = folderWith({ 'a.sql': AFTER.replace('create table remark', `${line}\ncreate table remark`) })
    expect(await plan(folder)).toMatchObject({ code: 1, stderr: expect.stringMatching(message) })
  }
  const folder = folderWith({
    'a.sql': `${BEFORE.split('insert')[0]?.replace('texto text', 'texto text,\n-- @renamed from txt\nextra text')};`,
  })
  expect(await plan(folder)).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(
      /Warning: a\.sql:\d:1: renamed from txt: the database has no column public\.nota\.txt; column public\.nota\.extra is new/,
    ),
  })
})

const MOVED = `create schema autor;
-- @renamed from public.libro
create table autor.obra (
  id bigint generated always as identity primary key,
  title text not null, -- @renamed from titulo
  paginas int
);
create table autor.nota (id int primary key, libro bigint references autor.obra, texto text);
create index on autor.nota (libro);
create type autor.clase as enum ('a', 'b');
create function autor.f(c text) returns int language sql as 'select 1';
create view autor.v as select autor.f('a') as uno, title from autor.obra;`

test('a table moves to another schema, new or not, with its rows and what hangs on it, and comes back', async () => {
  const more = `create type clase as enum ('a', 'b'); create function f(c text) returns int language sql as 'select 1';
    create view v as select f('a') as uno, titulo as title from libro;`
  await query(url, more)
  const database = await createDatabase(server)
  await query(database, MOVED)
  const before = await schemaOf(url)
  const folder = folderWith({
    'a.sql': MOVED.replace('create type', '-- @renamed from public.clase\ncreate type').replace(
      'create view',
      '-- @renamed from public.v\ncreate view',
    ),
  })
  const refused = await plan(folder)
  expect(refused.code).toBe(1)
  expect(refused.stderr).toContain('table public.nota → table autor.nota')
  expect(refused.stderr).toContain('above a.sql:8:  -- @renamed from public.nota')
  const flag = /--rename (\S+)/.exec(refused.stderr)?.[1] ?? ''
  expect(flag).toBe('table:public.nota=autor.nota')
  const planned = await plan(folder, '--rename', flag, '--rename', 'public.f=autor.f')
  expect(planned).toMatchObject({ code: 0 })
  expect(planned.stdout).toContain('move table public.libro to schema autor as obra')
  expect(planned.stdout).not.toMatch(/drop|create table/)
  expect(await schemactl(folder, ['apply', 'p.yaml', '--url', url])).toMatchObject({ code: 0 })
  expect(await schemaOf(url)).toEqual(await schemaOf(database))
  expect(await query(url, 'select title, texto from autor.nota join autor.obra o on o.id = libro')).toEqual([
    { title: 'Rayuela', texto: 'x' },
  ])
  expect(await schemactl(folder, ['plan', '--schema', 'a.sql', '--url', url, '--no-out', '--detailed-exitcode'])).toMatchObject({ code: 0 })
  expect(await schemactl(folder, ['revert', '--url', url])).toMatchObject({ code: 0 })
  expect(await schemaOf(url)).toEqual(before)
  expect(await query(url, 'select titulo, texto from nota join libro on libro.id = libro')).toEqual([{ titulo: 'Rayuela', texto: 'x' }])
  await dropDatabase(database)
})

test('a sequence that a column owns goes along with its table, and not without it', async () => {
  await query(url, "create table lista (id serial, n int); create sequence cuenta owned by lista.n; select nextval('cuenta')")
  const before = await schemaOf(url)
  const rest = `${BEFORE.split('insert')[0]};`
  const moved = `create schema autor;
-- @renamed from public.cuenta
create sequence autor.suma;
-- @renamed from public.lista
create table autor.lista (id serial, n int);
alter sequence autor.suma owned by autor.lista.n;`
  const folder = folderWith({ 'a.sql': `${rest}\n${moved}`, 'b.sql': `${rest}\ncreate schema autor;\ncreate sequence autor.suma;` })
  const alone = await schemactl(folder, ['plan', '--schema', 'b.sql', '--url', url, '--rename', 'sequence:public.cuenta=autor.suma'])
  expect(alone.code).toBe(1)
  expect(alone.stderr).toContain('Move the table of that column, too.')
  const planned = await plan(folder)
  expect(planned).toMatchObject({ code: 0 })
  expect(planned.stdout).toContain('rename sequence autor.cuenta to suma')
  expect(planned.stdout).not.toMatch(/drop|create (table|sequence)/)
  expect(await schemactl(folder, ['apply', 'p.yaml', '--url', url])).toMatchObject({ code: 0 })
  expect(await query(url, "select nextval('autor.suma')::int as n")).toEqual([{ n: 2 }])
  expect(await schemactl(folder, ['plan', '--schema', 'a.sql', '--url', url, '--no-out', '--detailed-exitcode'])).toMatchObject({ code: 0 })
  expect(await schemactl(folder, ['revert', '--url', url])).toMatchObject({ code: 0 })
  expect(await schemaOf(url)).toEqual(before)
})

test('YAML says the old schema, and is told so', async () => {
  const yaml = (more = '') =>
    `schema: autor\nschemas: [autor]\ntables:\n  nota:\n    columns: {id: int, texto: text}\n    primaryKey: [id]${more}\n`
  await query(url, 'drop table nota; create table nota (id int primary key, texto text); insert into nota values (7)')
  const args = (folder: string) => [
    'plan',
    '--url',
    url,
    '--schema',
    join(folder, 'a.yaml'),
    '--schema',
    join(folder, 'b.sql'),
    '--allow',
    'drop-column',
  ]
  const rest = 'create table libro (id bigint generated always as identity primary key, titulo text not null, paginas int);'
  const told = await schemactl('.', [...args(folderWith({ 'a.yaml': yaml(), 'b.sql': rest })), '--no-out'])
  expect(told.stderr).toMatch(/in .*a\.yaml:4: {2}movedFrom: public\n/)
  const folder = folderWith({ 'a.yaml': yaml('\n    movedFrom: public'), 'b.sql': rest })
  const planned = await schemactl(folder, [...args(folder), '--out', 'p.yaml'])
  expect(planned.stdout).toContain('move table public.nota to schema autor')
  expect(await schemactl(folder, ['apply', 'p.yaml', '--url', url])).toMatchObject({ code: 0 })
  expect(await query(url, 'select id from autor.nota')).toEqual([{ id: 7 }])
})
