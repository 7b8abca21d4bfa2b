import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { createDatabase, dropDatabase, query, runServers } from '../servers/index.js'
import { folderWith, removeFolders, schemactl } from './schemactl.js'

const [server] = runServers()
if (!server) throw new Error('a test run has a server')

jest.setTimeout(300_000)

const SCHEMA = `
create table pais (codigo char(2) primary key, nombre text not null);
create table ciudad (id int primary key, pais char(2) not null references pais on delete cascade);
create table barrio (id int primary key, pais char(2) not null references pais);`
const COUNTRIES = 'delete: true\nrows:\n  - { codigo: ES, nombre: España }\n  - { codigo: FR, nombre: Francia }\n'

let url: string
let folder: string
const file = (path: string, text: string) => writeFileSync(join(folder, path), text)

beforeAll(async () => {
  url = await createDatabase(server)
  await query(url, `${SCHEMA} insert into pais values ('ES', 'España'), ('FR', 'Francia'); insert into ciudad values (1, 'FR')`)
  folder = folderWith({ 'schemactl.yaml': `url: ${url}\n`, 'schema/a.sql': SCHEMA, 'schema/data/pais.yaml': COUNTRIES })
})
afterAll(async () => {
  removeFolders()
  await dropDatabase(url)
})

test('a declared row that refers to none that is declared is told at its line, where no other may be there', async () => {
  file('schema/data/barrio.csv', 'id,pais\n2,FR\n3,XX\n')
  const { stderr } = await schemactl(folder, ['plan', '--no-out'])
  expect(stderr).toMatch(
    /^Error: schema\/data\/barrio\.csv:3:1: the row id 3, pais XX refers to no row of public\.pais \(constraint barrio_pais_fkey\).*\nNext: Declare that row of public\.pais, or correct this one\./m,
  )
})

test('where the live table may have it, plan warns, and apply says where the rows are declared', async () => {
  file('schema/data/pais.yaml', COUNTRIES.replace('delete: true\n', ''))
  const told =
    /insert 2 rows into public\.barrio: 1 row referring to no row of public\.pais, as constraint barrio_pais_fkey asks: schema\/data\/barrio\.csv:3 \(id 3, pais XX\)$/m
  expect((await schemactl(folder, ['plan', '-m', 'quarters'])).stdout).toMatch(told)
  const { stderr } = await schemactl(folder, ['apply', '--no-preflight'])
  expect(stderr).toMatch(/Key \(pais\)=\(XX\) is not present.*\nThe rows are declared from schema\/data\/barrio\.csv:2 on\.$/m)
  expect(stderr).not.toMatch(/insert into/)
  await query(url, `insert into pais values ('XX', 'by hand')`)
  expect(await schemactl(folder, ['apply'])).toMatchObject({ code: 0 })
})

test('rows of others never go along with a row that is no longer declared, and that is told', async () => {
  file('schema/data/pais.yaml', COUNTRIES.replace(/.*FR.*\n/, '  - { codigo: XX, nombre: by hand }\n'))
  file('schema/data/barrio.csv', 'id,pais\n2,ES\n3,XX\n')
  const { stdout } = await schemactl(folder, ['plan', '-m', 'fewer'])
  const told =
    'delete 1 row from public.pais: 1 row of table public.ciudad referring to rows that are to go (constraint ciudad_pais_fkey): id 1\n'
  expect(stdout).toContain(told)
  expect(stdout).not.toContain('table public.barrio referring')
  const { stderr } = await schemactl(folder, ['apply', '--no-preflight'])
  expect(stderr).toContain(
    'rows of public.ciudad refer to rows that are to go, and would go or change with them (constraint ciudad_pais_fkey)',
  )
  expect(await query(url, 'select id from ciudad')).toEqual([{ id: 1 }])
})

const TREES = `
create table emp (id int primary key, boss int references emp, name text default 'nobody');
create table l (id int primary key, r int not null);
create table r (id int primary key, l int not null);
alter table l add constraint l_r foreign key (r) references r;
alter table r add constraint r_l foreign key (l) references l;
create table word (id int primary key, text text unique);
create table used (word int primary key references word);`
const PAIRS = { 'schema/data/l.csv': 'id,r\n1,1\n2,2\n', 'schema/data/r.csv': 'id,l\n1,2\n2,1\n' }

test('rows of one table in any order, rows of two that refer to one another, and rows that get another key', async () => {
  const own = await createDatabase(server)
  const people = Array.from({ length: 600 }, (_, i) => `  - { id: ${i + 1}, ${i === 599 ? 'name: chief' : 'boss: 600'} }`)
  const project = folderWith({
    'schemactl.yaml': `url: ${own}\n`,
    'schema/a.sql': TREES,
    'schema/data/emp.yaml': `rows:\n${people.join('\n')}\n`,
    'schema/data/word.csv': 'id,text\n5,five\n7,seven\n',
    'schema/data/word.yaml': 'delete: true\n',
    'schema/data/used.csv': 'word\n5\n',
    'schema/data/used.yaml': 'delete: true\n',
    ...PAIRS,
  })
  const { stderr } = await schemactl(project, ['plan'])
  expect(stderr).toMatch(
    /schema\/data\/l\.csv:2: rows of public\.l refer to rows of public\.r .* constraint l_r takes neither first\.\nNext: Make l_r deferrable/,
  )
  writeFileSync(join(project, 'schema/a.sql'), TREES.replace('references r;', 'references r deferrable;'))
  await schemactl(project, ['plan', '-m', 'first'])
  expect(await schemactl(project, ['apply'])).toMatchObject({ code: 0 })

  writeFileSync(join(project, 'schema/data/word.csv'), 'id,text\n6,five\n7,seven\n')
  writeFileSync(join(project, 'schema/data/used.csv'), 'word\n6\n')
  await schemactl(project, ['plan', '-m', 'second'])
  expect(await schemactl(project, ['apply'])).toMatchObject({ code: 0 })
  expect(await query(own, 'select word, text from used join word on id = word')).toEqual([{ word: 6, text: 'five' }])
  expect(await schemactl(project, ['revert'])).toMatchObject({ code: 0 })
  expect(await query(own, 'select word, text from used join word on id = word')).toEqual([{ word: 5, text: 'five' }])
  await dropDatabase(own)
})
