import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { connect } from '../../src/postgres/connect.js'
import { createDatabase, dropDatabase, query, runServers } from '../servers/index.js'
import { ROOT } from '../servers/root.js'
import { folderWith, removeFolders, schemactl } from './schemactl.js'

const [server] = runServers()
if (!server) throw new Error('a test run has a server')
jest.setTimeout(120_000)

let url: string
let folder: string
beforeAll(async () => {
  url = await createDatabase(server)
  await query(url, 'create table b (id int primary key)')
  folder = folderWith({ 'schemactl.yaml': '', 'schema/b.sql': 'create table b (id int primary key);' })
})
afterAll(async () => {
  removeFolders()
  await dropDatabase(url)
})

/** Sends the signal once the query finds a row; `$pid` in it is the process. */
async function cutShort(signal: NodeJS.Signals, once: string, ...args: readonly string[]) {
  const child = spawn(process.execPath, [join(ROOT, 'bin/run.js'), ...args, '--url', url], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  let text = ''
  child.stderr.on('data', (data) => {
    text += String(data)
  })
  const condition = once.replace('$pid', String(child.pid))
  while (child.exitCode === null && (await query(url, condition)).length === 0) await sleep(20)
  child.kill(signal)
  return { code: await ended, lines: text.trimEnd().split('\n').slice(1), left: await query(url, condition) }
}

test('Ctrl-C ends plan with one line, and leaves no file and no temporary database', async () => {
  const shadow = `select from pg_database where datname like 'schemactl\\_shadow\\_%\\_$pid\\_%'`
  const ended = await cutShort('SIGINT', shadow, 'plan')
  expect(ended).toEqual({ code: 130, lines: ['Interrupted: nothing was changed.'], left: [] })
  expect(readdirSync(folder).toSorted()).toEqual(['schema', 'schemactl.yaml'])
})

test('apply tells which plans stand, and goes on from there', async () => {
  const ids: string[] = []
  for (const column of ['x', 'y']) {
    const file = folderWith({
      'b.sql': `create table ${column} (); create table b (id int primary key${column === 'y' ? ', y int' : ''});`,
    })
    const { stdout } = await schemactl(folder, [
      'plan',
      '-m',
      column,
      '--url',
      url,
      '--schema',
      join(file, 'b.sql'),
      '--allow',
      'all',
      '--json',
    ])
    ids.push((JSON.parse(stdout) as { plan: { id: string } }).plan.id)
  }
  const other = await connect({ kind: 'url', url })
  await other.execute('begin; lock table b')
  const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
  const { code, lines, left } = await cutShort('SIGTERM', waiting, 'apply', '--lock-timeout', '0')
  await other.close()
  expect({ code, left }).toEqual({ code: 143, left: [] })
  expect(lines.slice(-3)).toEqual([
    'Stopping: what runs is rolled back.',
    `Interrupted: ${ids[0]} is applied.`,
    'Next: schemactl apply goes on from there.',
  ])
  expect(await schemactl(folder, ['apply', '--url', url])).toMatchObject({ code: 0, stdout: expect.stringMatching(`^Applied ${ids[1]}: `) })
})

test('purge that is cut short dropped all of it or nothing, and says so', async () => {
  const args = ['--url', url, '--schema', 'schema', '--drops', 'archive', '--allow', 'all', '--out', join(folder, 'gone.yaml')]
  expect(await schemactl(folder, ['plan', ...args])).toMatchObject({ code: 0 })
  expect(await schemactl(folder, ['apply', join(folder, 'gone.yaml'), '--url', url])).toMatchObject({ code: 0 })
  const [kept] = await query(url, `select relname from pg_class where relnamespace = 'schemactl_archive'::regnamespace and relkind = 'r'`)
  const other = await connect({ kind: 'url', url })
  await other.execute(`begin; lock table schemactl_archive."${kept?.relname}" in share mode`)
  const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
  const { code, lines } = await cutShort('SIGINT', waiting, 'purge', '--older-than', '0d', '--yes')
  await other.close()
  expect({ code, last: lines.at(-1) }).toEqual({
    code: 130,
    last: 'Interrupted: the kept rows are dropped, all of them or none; schemactl purge tells.',
  })
})
