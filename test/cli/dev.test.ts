import { spawn } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { createDatabase, dropDatabase, query, runServers } from '../servers/index.js'
import { ROOT } from '../servers/root.js'
import { folderWith, removeFolders, schemactl } from './schemactl.js'

const [server] = runServers()
if (!server) throw new Error('a test run has a server')

afterAll(removeFolders)
jest.setTimeout(300_000)

const AUTHOR = 'create table author (id int primary key, name text not null);\n'
const BOOK = 'create table book (id int primary key, author int references author, title text);\n'

describe('a development database', () => {
  let url: string
  let folder: string
  beforeAll(async () => {
    url = await createDatabase(server)
    folder = folderWith({
      'schemactl.yaml': `url: ${url}\nseed: seed\nenvironments:\n  production: { url: "${url}", protected: true }\n  empty: {}\n`,
      'schema/author.sql': AUTHOR,
      'schema/book.sql': `${BOOK}create view titles as select id, title from book;`,
      'seed/1.sql': `insert into author values (1, 'Ana'); insert into book values (1, 1, 'Uno')`,
    })
  })
  afterAll(() => dropDatabase(url))
  const run = async (...args: string[]) => {
    const { code, stdout } = await schemactl(folder, [...args, '--json'])
    return { code, said: stdout === '' ? null : (JSON.parse(stdout) as { [name: string]: unknown }) }
  }
  const unprotect = () => writeFileSync(join(folder, 'schemactl.yaml'), `url: ${url}\nseed: seed\n`)

  test('is none where its environment is protected, however it is named', async () => {
    for (const args of [['dev'], ['reset', '--yes'], ['dev', '--env', 'production']])
      expect(await run(...args)).toMatchObject({ code: 1, said: { error: { code: 'protected' } } })
    expect(await query(url, `select from pg_class where relname = 'book'`)).toEqual([])
    unprotect()
  })

  test('is brought to the files, and again where they change', async () => {
    const first = await schemactl(folder, ['dev'])
    expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining('Done: 3 steps') })
    expect(first.stderr).toContain('create table public.book')
    expect(await schemactl(folder, ['dev'])).toMatchObject({ code: 0, stdout: 'Nothing to do: the database is what the files say.\n' })
    await query(url, `insert into author values (1, 'Ana'); insert into book values (1, 1, '12')`)
    writeFileSync(
      join(folder, 'schema/book.sql'),
      'create table book (id bigint primary key, author int references author, title varchar(80), pages int not null default 1);create view titles as select id, title, pages from book;',
    )
    expect(await run('dev')).toMatchObject({
      code: 1,
      said: { error: { code: 'data-loss', message: expect.stringContaining('narrow-type') } },
    })
    const { code, stderr } = await schemactl(folder, ['dev', '--allow', 'narrow-type'])
    expect(code).toBe(0)
    expect(stderr).toMatch(/This loses data, as was allowed:\n[\s\S]*narrow-type[\s\S]*alter table public\.book: .*column title: type text/)
    expect(await query(url, 'select * from titles')).toEqual([{ id: '1', title: '12', pages: 1 }])
  })

  test('is told as such, and is nothing to plan from', async () => {
    expect(await run('status')).toMatchObject({ code: 0, said: { state: 'development', applied: 0, development: { action: 'dev' } } })
    expect(await run('drift')).toMatchObject({ code: 0, said: { drift: false, against: 'the schema files' } })
    await query(url, 'alter table book add column by_hand int')
    expect(await run('drift')).toMatchObject({ code: 2 })
    for (const command of ['plan', 'check'])
      expect(await run(command)).toMatchObject({ code: 1, said: { error: { code: 'development-database' } } })
    expect(await run('plan', '--no-out', '--allow', 'drop-column', '--strict')).toMatchObject({
      code: 0,
      said: { changes: true, unmodelled: [] },
    })
    expect(await run('dev')).toMatchObject({ code: 1, said: { error: { code: 'data-loss' } } })
    expect((await schemactl(folder, ['history', '--verbose'])).stdout).toMatch(/Without any plan\n.*dev: 3 steps without a plan/)
  })

  test('a step that PostgreSQL refuses is told, and its transaction undone', async () => {
    const text = `create table book (id bigint primary key, author int references author, title varchar(80), pages int not null default 1,
      by_hand int, constraint many check (pages > 1)); create view titles as select id, title, pages from book; create table later (id int);`
    writeFileSync(join(folder, 'schema/book.sql'), text)
    expect(await run('dev')).toMatchObject({ code: 1, said: { error: { code: 'step-failed', message: expect.stringContaining('many') } } })
    expect(await query(url, `select from pg_class where relname = 'later'`)).toEqual([])
  })

  test('is made anew, with its seed, when that is meant; what others made stays', async () => {
    await query(url, 'create schema other; create table other.kept (id int)')
    expect(await run('reset')).toMatchObject({ code: 1, said: { error: { code: 'needs-yes' } } })
    expect(await query(url, 'select id from author')).toEqual([{ id: 1 }])
    writeFileSync(join(folder, 'schema/book.sql'), BOOK)
    // A row that is refused, by itself and at COMMIT, and a name that is not there.
    const refused = async (seed: string) => {
      writeFileSync(join(folder, 'seed/2.sql'), seed)
      const { said } = await run('reset', '--yes')
      expect(await query(url, 'select id from author')).toEqual([{ id: 1 }])
      return said?.error
    }
    const at = (line: number) => ({ code: 'seed-failed', location: { file: 'seed/2.sql', line } })
    expect(await refused(`insert into author values (2, 'Eva');\n-- ñ\ninsert into author\nvalues (3, null);`)).toMatchObject(at(3))
    expect(await refused(`insert into author values (2, 'Eva');\n\ninsert into author\nvalues (3, nombre);`)).toMatchObject(at(4))
    expect(await refused(`insert into author values (2, 'Eva');\ninsert in author`)).toMatchObject(at(2))
    writeFileSync(join(folder, 'seed/2.sql'), `insert into author values (2, 'Eva')`)
    expect(await run('reset', '--yes')).toMatchObject({ code: 0, said: { seeded: ['seed/1.sql', 'seed/2.sql'] } })
    expect(await query(url, 'select id, title from book')).toEqual([{ id: 1, title: 'Uno' }])
    expect(await query(url, 'select name from author order by 1')).toEqual([{ name: 'Ana' }, { name: 'Eva' }])
    expect(await query(url, 'select * from other.kept')).toEqual([])
    expect(await run('drift')).toMatchObject({ code: 0 })
    expect(await run('status')).toMatchObject({ said: { state: 'development', development: { action: 'reset' } } })
    rmSync(join(folder, 'seed/2.sql'))
  })

  test('plans that were made elsewhere are stamped, and then tell of it again; a reset ends them', async () => {
    const other = await createDatabase(server)
    expect(await run('plan', '-m', 'all', '--url', other)).toMatchObject({ code: 0 })
    expect(await run('stamp', 'head')).toMatchObject({ code: 0 })
    expect(await run('status')).toMatchObject({ said: { state: 'current', applied: 1, development: null } })
    expect(await run('check')).toMatchObject({ code: 0 })
    expect(await run('reset', '--yes')).toMatchObject({ code: 0 })
    expect(await run('status')).toMatchObject({ said: { state: 'development', applied: 0, pending: [{ title: 'all' }] } })
    await dropDatabase(other)
  })

  test('follows every save, shows what is wrong with the files, and ends at Ctrl-C', async () => {
    const watch = watching(folder)
    await watch.until('Nothing to do', 1)
    writeFileSync(join(folder, 'schema/tag.sql'), 'create table tag (id int primary key,);')
    await watch.until('syntax error', 1)
    writeFileSync(join(folder, 'schema/tag.sql'), 'create table tag (id int primary key);')
    await watch.until('create table public.tag', 1)
    await watch.until('Watching', 3)
    writeFileSync(join(folder, 'schema/author.sql'), `${AUTHOR}create index author_name on author (name);`)
    await watch.until('create index public.author_name', 1)
    await watch.until('Watching', 4)
    expect(await watch.end()).toBe(0)
    expect(await query(url, `select relname::text as name from pg_class where relname in ('tag', 'author_name') order by 1`)).toEqual([
      { name: 'author_name' },
      { name: 'tag' },
    ])
  })
})

function watching(folder: string) {
  const variables = Object.entries(process.env).filter(
    ([name]) => name !== 'DATABASE_URL' && !name.startsWith('PG') && name !== 'NODE_OPTIONS',
  )
  const child = spawn(process.execPath, [join(ROOT, 'bin/run.js'), 'dev', '--watch'], {
    cwd: folder,
    env: Object.fromEntries(variables),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data) => {
      text += String(data)
    })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  return {
    until: async (words: string, times: number) => {
      for (const start = Date.now(); text.split(words).length <= times; await new Promise((resolve) => setTimeout(resolve, 50)))
        if (Date.now() - start > 40_000) throw new Error(`${words} was not said ${times} times:\n${text}`)
    },
    end: () => {
      child.kill('SIGINT')
      return ended
    },
  }
}

test('an embedded database is developed and made anew alike', async () => {
  const folder = folderWith({
    'schemactl.yaml': '',
    'schema/a.sql': 'create table a (id int primary key); create index i on a (id);',
  })
  expect(await schemactl(folder, ['dev'])).toMatchObject({ code: 0, stdout: expect.stringContaining('Done: 2 steps') })
  expect(await schemactl(folder, ['reset', '--yes'])).toMatchObject({ code: 0, stdout: expect.stringContaining('Made anew') })
  expect(await schemactl(folder, ['dev'])).toMatchObject({ code: 0, stdout: expect.stringContaining('Nothing to do') })
})
