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
  ['tables:\n  t:\n    columns:\n      id: int\n    foreignKeys:\n      f: {columns: [id], references: {table: zz}}', 6, 7],
  ['views:\n  v: |\n    select 1 as one,\n      nope', 4, 7],
])('what PostgreSQL refuses of YAML is told where YAML says it: %s', async (yaml, line, column) => {
  const { statements } = await sourceOf({ 'schema.yaml': yaml })
  const refused = withDatabase(server, async (_, session) => {
    await session.execute('begin')
    await load(session, statements, { searchPath: ['public'], stubRoles: false })
  })
  await expect(refused).rejects.toMatchObject({ code: 'schema-does-not-load', location: { file: 'schema.yaml', line, column } })
})
