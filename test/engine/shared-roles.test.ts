import { expect, test } from '@jest/globals'
import { buildPart } from '../../src/plan/build-replica.js'
import { restrict } from '../../src/plan/replica.js'
import { introspect } from '../../src/postgres/introspect.js'
import type { Session } from '../../src/postgres/session.js'
import type { Shadow } from '../../src/postgres/shadow.js'
import { query, runServers } from '../servers/index.js'
import { withDatabase } from './database.js'

const [server] = runServers()
if (server === undefined) throw new Error('no server')
const ROLE = 'schemactl_test_newcomer'

function shadowOn(session: Session): Shadow {
  return { session, description: 'a database of this test', embedded: false, major: server?.major ?? 0, close: async () => undefined }
}

test('a role that somebody makes while a plan is rehearsed stays', async () => {
  await query(server.url, `drop role if exists ${ROLE}`)
  try {
    await withDatabase(server, async (_, live) => {
      await live.execute('create table t (id int)')
      const before = await introspect(live)
      await live.execute(`create role ${ROLE}; comment on role ${ROLE} is 'new'`)
      await withDatabase(server, async (_url, session) => {
        const part = restrict(before, (key) => key.includes('"public"'))
        await buildPart({ base: await introspect(session), live: before, part, searchPath: ['public'] }, shadowOn(session))
      })
    })
    expect(
      await query(server.url, `select shobj_description(oid, 'pg_authid') as comment from pg_roles where rolname = '${ROLE}'`),
    ).toEqual([{ comment: 'new' }])
  } finally {
    await query(server.url, `drop role if exists ${ROLE}`)
  }
})

test('settings that a role has for the live database are not given to it for the shadow', async () => {
  const role = `${ROLE}_set`
  await query(server.url, `drop role if exists ${role}`)
  try {
    await withDatabase(server, async (_, live) => {
      await live.execute(`create role ${role}; create table t (id int); alter table t owner to ${role}`)
      await live.execute(
        `do $$ begin execute format('alter role ${role} in database %I set work_mem = %L', current_database(), '8MB'); end $$`,
      )
      const before = await introspect(live)
      await withDatabase(server, async (_url, session) => {
        const part = restrict(before, (key) => key.includes('"public"') || key.includes(role))
        await buildPart({ base: await introspect(session), live: before, part, searchPath: ['public'] }, shadowOn(session))
        await session.execute('drop table t')
      })
      expect(await live.query(`select from pg_db_role_setting where setrole = '${role}'::regrole`)).toHaveLength(1)
      await live.execute('drop table t')
    })
  } finally {
    await query(server.url, `drop role if exists ${role}`)
  }
})
