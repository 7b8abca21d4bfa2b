import { expect, test } from '@jest/globals'
import { buildPart } from '../../src/plan/rehearse.js'
import { restrict } from '../../src/plan/replica.js'
import { introspect } from '../../src/postgres/introspect.js'
import { query, runServers } from '../servers/index.js'
import { withDatabase } from './database.js'

const [server] = runServers()
if (server === undefined) throw new Error('no server')
const ROLE = 'schemactl_test_newcomer'

test('a role that somebody makes while a plan is rehearsed stays', async () => {
  await query(server.url, `drop role if exists ${ROLE}`)
  try {
    await withDatabase(server, async (_, live) => {
      await live.execute('create table t (id int)')
      const before = await introspect(live)
      await live.execute(`create role ${ROLE}; comment on role ${ROLE} is 'new'`)
      await withDatabase(server, async (_url, session) => {
        const shadow = {
          session,
          description: 'a database of this test',
          embedded: false,
          major: server.major,
          close: async () => undefined,
        }
        const part = restrict(before, (key) => key.includes('"public"'))
        await buildPart({ base: await introspect(session), live: before, part, searchPath: ['public'] }, shadow)
      })
    })
    expect(
      await query(server.url, `select shobj_description(oid, 'pg_authid') as comment from pg_roles where rolname = '${ROLE}'`),
    ).toEqual([{ comment: 'new' }])
  } finally {
    await query(server.url, `drop role if exists ${ROLE}`)
  }
})
