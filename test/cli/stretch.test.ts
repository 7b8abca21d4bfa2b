import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { connect } from '../../src/postgres/connect.js'
import type { Session } from '../../src/postgres/session.js'
import { createDatabase, dropDatabase, query, runServers } from '../servers/index.js'
import { folderWith, removeFolders, schemactl, schemactlJson } from './schemactl.js'

const [server] = runServers()
if (!server) throw new Error('a test run has a server')

jest.setTimeout(60_000)

let url: string
let folder: string
let other: Session
beforeAll(async () => {
  url = await createDatabase(server)
  other = await connect({ kind: 'url', url })
  folder = folderWith({ 'schemactl.yaml': `url: ${url}\n`, 'schema/a.sql': '' })
  const columns = ['a int', 'b int', 'c int']
  for (const [i, title] of ['first', 'second', 'third'].entries()) {
    writeFileSync(join(folder, 'schema/a.sql'), `create table t (${columns.slice(0, i + 1).join(', ')});`)
    expect(await schemactl(folder, ['plan', '-m', title])).toMatchObject({ code: 0 })
    expect(await schemactl(folder, ['apply'])).toMatchObject({ code: 0 })
  }
  expect(await schemactl(folder, ['revert', '--all', '--allow', 'all'])).toMatchObject({ code: 0 })
})
afterAll(async () => {
  await other.close()
  removeFolders()
  await dropDatabase(url)
})

const run = (...args: string[]) => schemactlJson(folder, args)
const columns = async () =>
  (
    await query(
      url,
      `select attname::text as name from pg_attribute where attrelid = to_regclass('t') and attnum > 0 and not attisdropped order by attnum`,
    )
  ).map(({ name }) => name)
/** Asked outside of the transaction that is in the way: inside one, pg_stat_activity stands still. */
const waiting = async () => {
  for (;;) {
    const [row] = await query(
      url,
      `select pid from pg_stat_activity where datname = current_database() and application_name = 'schemactl' and wait_event_type = 'Lock' and pid <> pg_backend_pid()`,
    )
    if (row) return row.pid
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

test('apply goes as far as it is told', async () => {
  expect(await run('apply', '--steps', '1')).toMatchObject({ code: 0, said: { applied: [{ title: 'first' }] } })
  expect(await run('revert', '--steps', '2')).toMatchObject({ code: 1, said: { error: { code: 'too-few-plans' } } })
  expect(await run('apply', '--to', 'third')).toMatchObject({ code: 0, said: { applied: [{ title: 'second' }, { title: 'third' }] } })
  expect(await columns()).toEqual(['a', 'b', 'c'])
  const again = await schemactl(folder, ['apply', '--to', 'second'])
  expect(again).toMatchObject({ code: 0, stdout: 'Nothing to apply.\n' })
  expect(again.stderr).toMatch(/second-\w+ is applied already/)
  expect(await run('apply', '--to', 'nothing')).toMatchObject({ code: 1, said: { error: { code: 'unknown-plan' } } })
  const [file = ''] = readdirSync(join(folder, 'plans'))
  expect(await run('apply', file, '--steps', '1')).toMatchObject({ code: 64 })
  expect(await run('apply', '--lock-timeout', 'soon')).toMatchObject({ code: 64, said: { error: { code: 'usage' } } })
})

test('a lock that is held longer than --lock-timeout is told, and nothing is changed', async () => {
  await other.execute('begin; lock table t')
  const { code, said } = await run('revert', '--allow', 'all', '--lock-timeout', '50ms')
  await other.execute('rollback')
  expect({ code, error: (said.error as { code: string }).code }).toEqual({ code: 1, error: 'step-failed' })
  expect(await columns()).toEqual(['a', 'b', 'c'])
})

test('a connection that is lost on the way is renewed', async () => {
  await other.execute('begin; lock table t')
  const running = schemactl(folder, ['revert', '--allow', 'all', '--lock-timeout', '0'])
  await other.query('select pg_terminate_backend($1)', [await waiting()])
  await other.execute('rollback')
  const { code, stderr } = await running
  expect({ code, lost: stderr.includes('the connection was lost') }).toEqual({ code: 0, lost: true })
  expect(await columns()).toEqual(['a', 'b'])
})
