import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { openEmbedded } from '../../src/postgres/embedded.js'
import { lockFolder } from '../../src/postgres/folder-lock.js'

const home = mkdtempSync(join(tmpdir(), 'schemactl-test-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

describe('in memory', () => {
  test('has pgvector and the contrib extensions', async () => {
    const session = await openEmbedded()
    await session.execute('create extension vector; create extension hstore; create extension citext; create extension "uuid-ossp"')
    await session.execute('create table d (v vector(3)); create index on d using hnsw (v vector_cosine_ops)')
    await session.execute(`insert into d values ('[1,2,3]')`)
    expect(
      await session.query(`select v::text, 'A'::citext = 'a' as same, 'a=>1'::hstore -> 'a' as one from d order by v <=> '[1,1,1]'`),
    ).toEqual([{ v: '[1,2,3]', same: true, one: '1' }])
    const available = await session.query<{ name: string }>('select name from pg_available_extensions')
    expect(available.map(({ name }) => name)).toEqual(expect.arrayContaining(['btree_gist', 'ltree', 'pg_trgm', 'pgcrypto', 'vector']))
    await session.close()
  })

  test('can be opened more than once', async () => {
    const sessions = await Promise.all([openEmbedded(), openEmbedded()])
    await sessions[0]?.execute('create table t ()')
    expect(await sessions[1]?.query(`select to_regclass('t') as t`)).toEqual([{ t: null }])
    for (const session of sessions) await session.close()
  })

  test('runs as the given role', async () => {
    const session = await openEmbedded({ role: 'Ana "A"' })
    await session.execute('create table t (); create role other')
    expect(
      await session.query(
        `select current_user::text as me, session_user::text as session, tableowner::text as owner from pg_tables where tablename = 't'`,
      ),
    ).toEqual([{ me: 'Ana "A"', session: 'Ana "A"', owner: 'Ana "A"' }])
    await session.close()
  })

  test('has PostgreSQL’s own search path and protects system catalogs', async () => {
    const session = await openEmbedded()
    expect(await session.query('show search_path')).toEqual([{ search_path: '"$user", public' }])
    await expect(session.execute('create table pg_catalog.mine ()')).rejects.toMatchObject({ code: '42501' })
    await session.close()
  })

  test('survives a recursion that is too deep', async () => {
    const session = await openEmbedded()
    await session.execute('create function f(n int) returns int language plpgsql as $$ begin return f(n + 1); end $$')
    await expect(session.query('select f(1)')).rejects.toMatchObject({ code: '54001' })
    expect(await session.query('select 1 as one')).toEqual([{ one: 1 }])
    await session.close()
  })

  test('is ended by its time limit', async () => {
    const session = await openEmbedded({ statementTimeout: 500 })
    await expect(session.query('select count(*) from generate_series(1, 1000000000000)')).rejects.toMatchObject({ code: '57014' })
    await expect(session.query('select 1')).rejects.toMatchObject({ name: 'DatabaseError' })
    await session.close()
  })

  test('says so when it has broken, and never answers again', async () => {
    const session = await openEmbedded()
    await expect(session.execute('create temp table c (a int); copy c from stdin')).rejects.toMatchObject({ code: '57P02' })
    await expect(session.query('select 1')).rejects.toMatchObject({ name: 'DatabaseError' })
    await session.close()
  })

  test('answers with many rows', async () => {
    const session = await openEmbedded()
    const rows = await session.query<{ n: number }>(`select n, repeat('x', 500) from generate_series(1, 10000) n`)
    expect([rows.length, rows.at(-1)?.n]).toEqual([10000, 10000])
    await session.close()
  })
})

describe('in a folder', () => {
  test('stays', async () => {
    const folder = join(home, 'new/database')
    const first = await openEmbedded({ folder })
    await first.execute('create extension vector; create table kept (v vector(2))')
    await first.close()
    expect(existsSync(`${folder}.lock`)).toBe(false)
    const second = await openEmbedded({ folder })
    expect(
      await second.query(
        `select format_type(atttypid, atttypmod) as type from pg_attribute where attrelid = 'kept'::regclass and attnum = 1`,
      ),
    ).toEqual([{ type: 'vector(2)' }])
    await second.close()
  })

  test('is refused to a second opener, who learns who has it', async () => {
    const folder = join(home, 'taken')
    const first = await openEmbedded({ folder })
    await expect(openEmbedded({ folder })).rejects.toMatchObject({
      name: 'UserError',
      code: 'database-in-use',
      message: expect.stringContaining(`process ${process.pid}`),
      next: expect.any(String),
    })
    await first.close()
    await (await openEmbedded({ folder })).close()
  })

  test('is waited for', async () => {
    const folder = join(home, 'waited')
    const lock = await lockFolder(folder)
    setTimeout(() => lock.release(), 500)
    await (await openEmbedded({ folder })).close()
  })

  test('is taken over from a process that is gone', async () => {
    const folder = join(home, 'left')
    const { pid } = spawnSync(process.execPath, ['-e', ''])
    const { hostname } = await import('node:os')
    writeFileSync(`${folder}.lock`, JSON.stringify({ pid, host: hostname(), started: '' }))
    const lock = await lockFolder(folder)
    expect(JSON.parse(readFileSync(`${folder}.lock`, 'utf8'))).toMatchObject({ pid: process.pid })
    lock.release()
    writeFileSync(`${folder}.lock`, 'half a lo')
    ;(await lockFolder(folder)).release()
  })

  test('is not opened by another major version', async () => {
    const folder = join(home, 'old')
    await (await openEmbedded({ folder })).close()
    writeFileSync(join(folder, 'PG_VERSION'), '17\n')
    await expect(openEmbedded({ folder })).rejects.toMatchObject({ code: 'embedded-version' })
  })
})

describe('a process', () => {
  /** Sources in plain JavaScript: Node 20 reads no TypeScript. */
  async function program(text: string): Promise<string> {
    const { build } = await import('esbuild')
    const outfile = join(home, 'program.mjs')
    await build({
      stdin: { contents: text, resolveDir: join(import.meta.dirname, '../..'), loader: 'ts' },
      bundle: true,
      format: 'esm',
      platform: 'node',
      outfile,
      external: ['pg-native'],
      banner: { js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)` },
    })
    return outfile
  }

  test('ends although a session was never closed, and on Ctrl-C leaves no lock', async () => {
    const folder = join(home, 'unclosed')
    const dist = join(import.meta.dirname, '../../dist/embedded.worker.js')
    const file = await program(`
      import { openEmbedded } from './src/postgres/embedded.js'
      const session = await openEmbedded({ folder: process.argv[2] })
      await session.execute('select 1')
      console.log('open')
      if (process.argv[3] === 'stay') setInterval(() => {}, 1000)`)
    // The worker is looked for beside the program.
    writeFileSync(join(home, 'embedded.worker.js'), `import ${JSON.stringify(dist)}`)
    writeFileSync(join(home, 'package.json'), '{"type":"module"}')
    expect(spawnSync(process.execPath, [file, folder], { timeout: 30_000, encoding: 'utf8' })).toMatchObject({
      status: 0,
      stdout: 'open\n',
    })
    expect(existsSync(`${folder}.lock`)).toBe(false)
    const child = spawn(process.execPath, [file, folder, 'stay'], { stdio: ['ignore', 'pipe', 'inherit'] })
    await new Promise((resolve) => child.stdout.once('data', resolve))
    expect(existsSync(`${folder}.lock`)).toBe(true)
    const ended = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)))
    child.kill('SIGINT')
    expect(await ended).toBe('SIGINT')
    expect(existsSync(`${folder}.lock`)).toBe(false)
  })
})
