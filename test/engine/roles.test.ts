import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { connect } from '../../src/postgres/connect.js'
import type { Session } from '../../src/postgres/session.js'
import { query, runServers } from '../servers/index.js'
import { withDatabase } from './database.js'
import { planFor } from './round-trip.js'
import { closeParser, sourceOf } from './source.js'

const [server] = runServers()
if (server === undefined) throw new Error('no server')
const lane = { server, shadow: 'server' as const }
const manage = ['roles'] as const
const ROLES = ['schemactl_test_new', 'schemactl_test_owner', 'schemactl_test_plain'].join(', ')

const dropRoles = () => query(server.url, `drop role if exists ${ROLES}`)
beforeAll(async () => {
  await dropRoles()
  await query(server.url, 'create role schemactl_test_owner; create role schemactl_test_plain login')
})
afterAll(async () => {
  await dropRoles()
  await closeParser()
})

function rolesOf(session: Session): Promise<unknown> {
  return session.query(`select rolname::text as name from pg_roles where rolname = any('{${ROLES}}') order by 1`)
}

test('a role is planned without its password, and is not made meanwhile', async () => {
  await withDatabase(server, async (_, live) => {
    const before = await rolesOf(live)
    const source = await sourceOf({
      'a.sql': `create role schemactl_test_new login password 'hush hush'; create table t (id int); grant select on t to schemactl_test_new`,
    })
    const plan = await planFor(lane, live, { source, manage })
    expect(plan?.segments.flatMap(({ steps }) => steps.flatMap(({ up }) => up))).toContain('create role schemactl_test_new login')
    expect(JSON.stringify(plan)).not.toContain('hush')
    expect(await rolesOf(live)).toEqual(before)
  })
})

test('a role that something still needs is not dropped', async () => {
  await withDatabase(server, async (_, live) => {
    await live.execute('create table t (id int); alter table t owner to schemactl_test_owner')
    const source = await sourceOf({ 'a.sql': 'create table t (id int); alter table t owner to schemactl_test_owner' })
    await expect(planFor(lane, live, { source, manage, dropRoles: ['schemactl_test_owner'] })).rejects.toMatchObject({
      code: 'role-in-use',
      message: expect.stringContaining('owner on table public.t'),
    })
  })
})

test('who may not change roles is told so before a plan is written', async () => {
  await withDatabase(server, async (url) => {
    const plain = new URL(url)
    plain.username = 'schemactl_test_plain'
    const live = await connect({ kind: 'url', url: plain.href })
    try {
      const source = await sourceOf({ 'a.sql': 'create role schemactl_test_new' })
      await expect(planFor(lane, live, { source, manage })).rejects.toMatchObject({ code: 'may-not-change-roles' })
    } finally {
      await live.close()
    }
  })
})

test('a role that nobody has made is named with what needs it', async () => {
  await withDatabase(server, async (_, live) => {
    const source = await sourceOf({ 'a.sql': 'create table t (id int); grant select on t to schemactl_test_new' })
    await expect(planFor({ server, shadow: 'embedded' }, live, { source })).rejects.toMatchObject({
      code: 'missing-role',
      message: expect.stringContaining('a.sql:1'),
    })
  })
})
