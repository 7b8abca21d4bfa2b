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
