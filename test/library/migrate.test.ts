import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { withLock } from '../../src/apply/lock.js'
import { migrate } from '../../src/index.js'
import { connect } from '../../src/postgres/connect.js'
import { startProxy } from '../apply/proxy.js'
import { folderWith, removeFolders, schemactl } from '../cli/schemactl.js'
import { createDatabase, dropDatabase, query, runServers } from '../servers/index.js'
import { ROOT } from '../servers/root.js'

const [server] = runServers()
if (!server) throw new Error('a test run has a server')

jest.setTimeout(120_000)

let url: string
let cwd: string
beforeAll(async () => {
  url = await createDatabase(server)
  cwd = folderWith({ 'schemactl.yaml': '', '.env': `DATABASE_URL=${url}`, 'schema/a.sql': 'create table a (id int primary key);' })
  expect(await schemactl(cwd, ['plan', '-m', 'first'])).toMatchObject({ code: 0 })
  writeFileSync(join(cwd, 'schema/b.sql'), 'create table b (a int references a);')
  expect(await schemactl(cwd, ['plan', '-m', 'second'])).toMatchObject({ code: 0 })
})
afterAll(async () => {
  removeFolders()
  await dropDatabase(url)
})

test('ten that start at once run each plan once', async () => {
  const results = await Promise.all(Array.from({ length: 10 }, () => migrate({ cwd, url })))
  expect(results.flatMap(({ applied }) => applied.map(({ title }) => title))).toEqual(['first', 'second'])
  expect(await query(url, `select count(*)::int as n from schemactl.event where action = 'apply'`)).toEqual([{ n: 2 }])
})

test('where nothing is pending, one query tells, and no lock is waited for', async () => {
  const line = await startProxy(url)
  const other = await connect({ kind: 'url', url })
  await withLock(other, async () => {
    line.cut(Number.POSITIVE_INFINITY, 'question')
    expect(await migrate({ cwd, url: line.url })).toEqual({ applied: [], ahead: [] })
  })
  expect(line.asked()).toBe(1)
  await other.close()
  await line.close()
})

test('a database that is ahead of the code is told apart', async () => {
  for (const name of readdirSync(join(cwd, 'plans')).filter((file) => file.startsWith('second'))) rmSync(join(cwd, 'plans', name))
  expect(await migrate({ cwd, url })).toEqual({ applied: [], ahead: [expect.stringMatching(/^second-/)] })
  await expect(migrate({ cwd, url, ifAhead: 'fail' })).rejects.toMatchObject({ code: 'ahead' })
  // Where the folder of plans was left out of an image, it has all that the code lacks.
  const packed = folderWith({ 'schemactl.yaml': '' })
  expect((await migrate({ cwd: packed, url })).ahead).toEqual([expect.stringMatching(/^first-/), expect.stringMatching(/^second-/)])
  await expect(migrate({ cwd: packed, url, ifAhead: 'fail' })).rejects.toMatchObject({ code: 'ahead' })
})

test('the example serves, started three times at once', async () => {
  const own = await createDatabase(server)
  const started = await Promise.all(Array.from({ length: 3 }, () => start(own)))
  const answers: string[] = []
  for (const { address } of started) answers.push(await (await fetch(address)).text())
  for (const { stop } of started) await stop()
  expect(answers).toEqual([1, 2, 3].map((n) => `You are visitor ${n}.\n`))
  expect(started.filter(({ said }) => said().includes('Applied visits-'))).toHaveLength(1)
  await dropDatabase(own)
})

async function start(own: string) {
  const { NODE_OPTIONS: _options, ...environment } = process.env
  const child = spawn(process.execPath, [join(ROOT, 'examples/http-server/server.js')], {
    env: { ...environment, DATABASE_URL: own, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (chunk) => {
    said += String(chunk)
  })
  const [first] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])) as [unknown]
  if (child.exitCode !== null) throw new Error(said)
  return {
    address: String(first).trim(),
    said: () => said,
    stop: async () => {
      child.kill()
      await once(child, 'exit')
    },
  }
}

test('an error that an application lets through is told in lines that can be read', async () => {
  const script = `import { migrate } from ${JSON.stringify(join(ROOT, 'dist/index.js'))}; await migrate({ url: 'postgres://postgres@127.0.0.1:1/x' })`
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { cwd, encoding: 'utf8' })
  expect(status).toBe(1)
  expect(stderr).toContain('UserError: No server answers at 127.0.0.1:1.')
  expect(Math.max(...stderr.split('\n').map((line) => line.length))).toBeLessThan(300)
})
