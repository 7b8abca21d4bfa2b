import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { openJournal } from '../../src/apply/journal.js'
import { missingGrant } from '../../src/apply/missing-grant.js'
import { standingIn } from '../../src/apply/standing.js'
import { reading } from '../../src/plan/unreadable.js'
import { connect } from '../../src/postgres/connect.js'
import type { Session } from '../../src/postgres/session.js'
import { createDatabase, dropDatabase, query, runServers } from '../servers/index.js'

const [server] = runServers()
if (!server) throw new Error('a test run has a server')

const role = `schemactl_test_guest_${process.pid}`
let url: string
let database: string
let guest: Session
beforeAll(async () => {
  url = await createDatabase(server)
  database = new URL(url).pathname.slice(1)
  await query(
    url,
    `create role ${role} login; revoke all on schema public from public; create schema closed; create table closed.t (x int)`,
  )
  const own = new URL(url)
  own.username = role
  guest = await connect({ kind: 'url', url: own.href })
})
afterAll(async () => {
  await guest.close()
  await query(url, `drop owned by ${role}; drop role ${role}`)
  await dropDatabase(url)
})

/** What the refusal says to run, which is run. */
async function granted(work: () => Promise<unknown>): Promise<string> {
  const error = await work().then(
    () => undefined,
    (thrown: { readonly next?: string }) => thrown,
  )
  const grant = /run: (.+;)/.exec(error?.next ?? '')?.[1] ?? `no GRANT in ${String(error)}`
  await query(url, grant)
  return grant.replaceAll(role, 'guest').replaceAll(database, 'app').replaceAll('"', '')
}

test('a role without rights on the journal is told which GRANT it lacks, and can work once it has it', async () => {
  expect(await granted(() => openJournal(guest, 'tables'))).toBe('grant create on database app to guest;')
  const owner = await connect({ kind: 'url', url })
  await openJournal(owner, 'tables')
  await owner.close()
  const toRead = 'grant usage on schema schemactl to guest; grant select on all tables in schema schemactl to guest;'
  expect(await granted(() => standingIn(guest))).toBe(toRead)
  expect(await standingIn(guest)).toMatchObject({ current: null })
  expect(await granted(() => openJournal(guest, 'tables'))).toBe(toRead.replace('select', 'select, insert, update'))
  await (await openJournal(guest, 'tables')).note('a-plan', 'apply', 1, 'done', 1)
})

test('a schema that a superuser has made for the journal needs no right to make schemas', async () => {
  await query(url, `drop schema if exists schemactl cascade; revoke create on database ${database} from ${role}; create schema schemactl`)
  expect(await granted(() => openJournal(guest, 'tables'))).toBe('grant usage, create on schema schemactl to guest;')
  expect(await (await openJournal(guest, 'tables')).entries()).toEqual([])
})

test('so is one that may not read tables whose rows decide a plan', async () => {
  const read = () => reading(guest, [['closed', 't']], () => guest.query('select from closed.t'))
  expect(await granted(read)).toBe('grant usage on schema closed to guest; grant select on closed.t to guest;')
  expect(await read()).toEqual([])
})

test('a step that lacks a right is told the GRANT for it', async () => {
  const missing = (statement: string) => missingGrant(guest, statement).then((grant) => grant?.replace(role, 'guest') ?? null)
  expect(await missing('create schema s')).toBe(`grant create on database ${database} to guest;`)
  expect(await missing('create table public.t (x int)')).toBe('grant usage, create on schema public to guest;')
  expect(await missing('alter table closed.t add column y int')).toMatch(/^grant \S+ to guest;$/)
  expect(await missing('create table nowhere.t (x int)')).toBeNull()
})
