import { afterAll, afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { createDatabase, dropDatabase, normalizeDump, pgDump, query, runServers } from '../servers/index.js'
import { folderWith, removeFolders, schemactl } from './schemactl.js'

const [server] = runServers()
if (!server) throw new Error('a test run has a server')
jest.setTimeout(180_000)

const BEFORE = `
create type estado as enum ('nuevo', 'leido');
create table libro (id int, edicion text, titulo text not null, estado estado default 'nuevo', paginas int, primary key (id, edicion));
create table nota (id int generated always as identity primary key, libro int, texto text, largo int generated always as (length(texto)) stored, estado estado);
create index on nota (texto);
create table parte (id int primary key, v text) partition by range (id);
create table parte_1 partition of parte for values from (0) to (9);
insert into parte values (1, 'v');
insert into libro values (1, 'a', 'Rayuela', 'leido', 600), (1, 'b', 'Rayuela', null, 580);
insert into nota (libro, texto, estado) values (1, 'x', 'leido'), (1, 'yy', null)`

const AFTER = `create table libro (id int, edicion text, paginas int, primary key (id, edicion));
create table parte (id int primary key) partition by range (id);
create table parte_1 partition of parte for values from (0) to (9);`

let url: string
let wanted: string
beforeEach(async () => {
  ;[url, wanted] = await Promise.all([createDatabase(server), createDatabase(server)])
  await Promise.all([query(url, BEFORE), query(wanted, AFTER)])
})
afterEach(() => Promise.all([dropDatabase(url), dropDatabase(wanted)]))
afterAll(removeFolders)

const run = (folder: string, ...args: string[]) => schemactl(folder, [...args, '--url', url])
const plan = (folder: string, ...more: string[]) => run(folder, 'plan', '--schema', 'a.sql', ...more)
const schemaOf = async (database: string) =>
  normalizeDump(await pgDump(database), { columnOrder: false }).filter((entry) => !entry.includes('schemactl_archive'))
const keptTables = () =>
  query(url, `select relname from pg_class where relnamespace = to_regnamespace('schemactl_archive') and relkind = 'r'`)

test('what is dropped is kept aside, comes back with its rows, and goes for good when it is purged', async () => {
  const folder = folderWith({ 'a.sql': AFTER })
  const before = await schemaOf(url)
  expect(await plan(folder, '--no-out', '--drops', 'drop')).toMatchObject({ code: 1 })
  const planned = await plan(folder, '--out', 'p.yaml', '--drops', 'archive')
  expect(planned).toMatchObject({ code: 0 })
  expect(planned.stdout).toContain('keeps the rows of table public.nota as schemactl_archive.nota_')
  expect(await run(folder, 'apply', 'p.yaml')).toMatchObject({ code: 0 })
  expect(await schemaOf(url)).toEqual(await schemaOf(wanted))
  expect(await keptTables()).toHaveLength(5)
  expect(await plan(folder, '--no-out', '--detailed-exitcode')).toMatchObject({ code: 0 })
  expect(await run(folder, 'drift')).toMatchObject({ code: 0 })

  expect(planned.stdout).toContain('taking it back gives newer rows a value that nobody chose (fill)')
  await query(url, `insert into libro values (2, 'a', 100)`)
  const asked = await run(folder, 'revert')
  expect(asked).toMatchObject({ code: 1 })
  expect(asked.stderr).toContain('column public.libro.titulo (fill)')
  await query(url, 'delete from libro where id = 2')
  expect(await run(folder, 'revert')).toMatchObject({ code: 0 })
  expect(await run(folder, 'apply', 'p.yaml')).toMatchObject({ code: 0 })
  await query(url, `insert into libro values (2, 'a', 100)`)
  const reverted = await run(folder, 'revert', '--allow', 'fill')
  expect(reverted).toMatchObject({ code: 0 })
  expect(reverted.stderr).toContain('public.libro.titulo: no value of their own for rows newer than what was archived: 1 (2, a)')
  expect(await schemaOf(url)).toEqual(before)
  expect(await query(url, 'select id, edicion, titulo, estado::text from libro order by 1, 2')).toEqual([
    { id: 1, edicion: 'a', titulo: 'Rayuela', estado: 'leido' },
    { id: 1, edicion: 'b', titulo: 'Rayuela', estado: null },
    { id: 2, edicion: 'a', titulo: '', estado: 'nuevo' },
  ])
  expect(reverted.stderr.match(/rows newer than/g)).toHaveLength(2)
  expect(await query(url, 'table parte')).toEqual([{ id: 1, v: 'v' }])
  expect(await query(url, `insert into nota (texto) values ('z') returning id`)).toEqual([{ id: 3 }])
  expect(await query(url, 'select id, texto, largo, estado::text from nota where id < 3 order by 1')).toEqual([
    { id: 1, texto: 'x', largo: 1, estado: 'leido' },
    { id: 2, texto: 'yy', largo: 2, estado: null },
  ])
  expect(await query(url, `select to_regnamespace('schemactl_archive') as archive`)).toEqual([{ archive: null }])

  expect(await run(folder, 'apply', 'p.yaml')).toMatchObject({ code: 0 })
  await query(url, 'create table schemactl_archive.nota_of_somebody (x int)')
  expect(await run(folder, 'purge', '--older-than', '1d', '--yes')).toMatchObject({ code: 0, stdout: 'Nothing to purge.\n' })
  expect(await run(folder, 'purge', '--older-than', '0d')).toMatchObject({ code: 1 })
  expect(await run(folder, 'purge', '--older-than', '0d', '--yes')).toMatchObject({ code: 0 })
  expect(await keptTables()).toEqual([{ relname: 'nota_of_somebody' }])
  const empty = await run(folder, 'revert', '--allow', 'fill')
  expect(empty).toMatchObject({ code: 0 })
  expect(empty.stderr).toContain('public.nota: what was archived is gone')
  expect(await schemaOf(url)).toEqual(before)
})

test('a column whose values would not find their rows again is dropped only where that is allowed', async () => {
  await query(url, 'alter table libro drop constraint libro_pkey')
  const folder = folderWith({ 'a.sql': AFTER.replace(', primary key (id, edicion)', '') })
  const refused = await plan(folder, '--no-out', '--drops', 'archive')
  expect(refused.code).toBe(1)
  expect(refused.stderr).toContain('drop-column: drop column public.libro.titulo')
  expect(refused.stderr).not.toContain('public.nota')
})

test('what is new brings nothing back', async () => {
  const folder = folderWith({ 'a.sql': 'create schema nuevo; create table nuevo.t (x int)' })
  const { stdout } = await plan(folder, '--no-out', '--drops', 'archive', '--schemas', 'nuevo', '--json')
  expect(stdout).toContain('create table nuevo.t')
  expect(stdout).not.toContain('schemactl_archive')
})
