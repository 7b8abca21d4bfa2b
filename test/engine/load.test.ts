import { afterAll, expect, test } from '@jest/globals'
import { load } from '../../src/postgres/load.js'
import { runServers } from '../servers/index.js'
import { withDatabase } from './database.js'
import { closeParser, sourceOf } from './source.js'

const [server] = runServers()
if (server === undefined) throw new Error('no server')

afterAll(closeParser)

test('default privileges wait until what stands before them is loaded', async () => {
  const { statements } = await sourceOf({
    'schema.sql': `create table first (kind later);
alter default privileges grant select on tables to public;
create type later as enum ('a');`,
  })
  const granted = await withDatabase(server, async (_, session) => {
    await session.execute('begin')
    await load(session, statements, { searchPath: ['public'], stubRoles: false })
    return session.query(`select relacl is not null as granted from pg_class where relname = 'first'`)
  })
  expect(granted).toEqual([{ granted: false }])
})

test.each([
  ['tables: {t: {columns: {id: int, kind: nosuch}}}', 1, 39],
  ['tables:\n  t:\n    columns:\n      id: int\n    checks:\n      c: id > 1 and nocol > 1', 6, 21],
  ['tables:\n  t:\n    columns:\n      id: int\n    foreignKeys:\n      f: {columns: [id], references: {table: zz}}', 6, 46],
  ['views:\n  v: |\n    select 1 as one,\n      nope', 4, 7],
])('what PostgreSQL refuses of YAML is told where YAML says it: %s', async (yaml, line, column) => {
  const { statements } = await sourceOf({ 'schema.yaml': yaml })
  const refused = withDatabase(server, async (_, session) => {
    await session.execute('begin')
    await load(session, statements, { searchPath: ['public'], stubRoles: false })
  })
  await expect(refused).rejects.toMatchObject({ code: 'schema-does-not-load', location: { file: 'schema.yaml', line, column } })
})

test('a body that names what does not exist is told with its routine, and none else that had to wait', async () => {
  const { statements } = await sourceOf({
    'schema.sql': `create function even(n int) returns bool language sql as 'select n = 0 or odd(n - 1)';
create function odd(n int) returns bool language sql as 'select n <> 0 and even(n - 1)';
create trigger later before insert on nota execute function stamp();
create function stamp() returns trigger language plpgsql as 'begin return null; end';
create procedure lost(a text) language sql as 'insert into nowhere values (a)';
create table nota (id int check (even(id)));`,
  })
  const warnings = await withDatabase(server, async (_, session) => {
    await session.execute('begin')
    return load(session, statements, { searchPath: ['public'], stubRoles: false })
  })
  expect(warnings.map(({ statement, message }) => [statement.line, message])).toEqual([
    [5, 'the body of procedure lost(text) could not be checked: relation "nowhere" does not exist'],
  ])
})

test('a security label without its provider is told where that could be', async () => {
  const { statements } = await sourceOf({ 'schema.sql': `create table nota (id int); security label for nobody on table nota is 'x';` })
  const refused = withDatabase(server, async (_, session) => {
    await session.execute('begin')
    await load(session, statements, { searchPath: ['public'], stubRoles: false })
  })
  await expect(refused).rejects.toMatchObject({
    location: { line: 1, column: 48 },
    next: expect.stringContaining('shared_preload_libraries'),
  })
})
