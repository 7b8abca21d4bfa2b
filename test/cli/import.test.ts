import { appendFileSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { createDatabase, dropDatabase, query, runServers } from '../servers/index.js'
import { folderWith, removeFolders, schemactl, schemactlJson } from './schemactl.js'

const [server] = runServers()
if (!server) throw new Error('a test run has a server')

jest.setTimeout(120_000)

let url: string
beforeAll(async () => {
  url = await createDatabase(server)
  await query(
    url,
    `create schema app;
     create table app.doc (id int primary key, title text not null);
     create view titles as select title from app.doc;
     create table alembic_version (version_num varchar(32) not null, constraint alembic_version_pkc primary key (version_num));
     comment on table alembic_version is 'not ours';
     insert into alembic_version values ('1975ea83b712')`,
  )
})
afterAll(async () => {
  removeFolders()
  await dropDatabase(url)
})

test('a database that Alembic kept becomes a project without changes', async () => {
  const folder = folderWith({ '.env': `DATABASE_URL=${url.replace('postgres://', 'postgresql+psycopg2://')}\n` })
  const run = (...args: string[]) => schemactlJson(folder, args)
  const imported = await schemactl(folder, ['import', 'alembic', '--url', url])
  expect(imported).toMatchObject({ code: 0, stdout: expect.stringContaining('Alembic stood at 1975ea83b712') })
  expect(readFileSync(join(folder, 'schemactl.yaml'), 'utf8')).toMatch(/# Which files say[\s\S]*^ignore: \[public\.alembic_version\]$/m)
  expect(readFileSync(join(folder, 'schemactl.yaml'), 'utf8').match(/\bignore:/g)).toHaveLength(1)
  expect(await run('plan', '--detailed-exitcode')).toMatchObject({
    code: 0,
    said: { changes: false, unmanaged: {}, ignored: ['table public.alembic_version'] },
  })
  const { stdout, stderr } = await schemactl(folder, ['plan'])
  expect(stdout + stderr).toContain('Ignored, as ignore: says: table public.alembic_version.')
  expect(stdout + stderr).not.toContain('not managed')
  expect(await run('status')).toMatchObject({ said: { state: 'current', current: { title: 'alembic 1975ea83b712' } } })
  expect(await run('drift')).toMatchObject({ code: 0 })
  expect(await run('check')).toMatchObject({ code: 0 })
  expect(await run('import', 'alembic')).toMatchObject({ code: 1, said: { error: { code: 'journal-exists' } } })
})

test('nothing is overwritten, and a database of another kind is told', async () => {
  const own = await createDatabase(server)
  const folder = folderWith({ 'schemactl.yaml': `url: ${own}\nignore: [public.tmp_*]\n`, 'schema/a.sql': '-- mine\n' })
  const errorOf = async () => JSON.parse((await schemactl(folder, ['import', 'alembic', '--json'])).stdout) as unknown
  expect(await errorOf()).toMatchObject({ error: { code: 'not-alembic' } })
  await query(own, 'create table alembic_version (version_num text); create table t (i int)')
  expect(await errorOf()).toMatchObject({ error: { code: 'folder-in-use' } })
  expect(readFileSync(join(folder, 'schemactl.yaml'), 'utf8')).not.toContain('alembic')
  expect(await query(own, `select to_regclass('schemactl.plan') as journal`)).toEqual([{ journal: null }])
  expect(await schemactl(folder, ['import', 'mongo'])).toMatchObject({ code: 64 })
  await dropDatabase(own)
})

test('where Alembic has made nothing yet, no example takes its place', async () => {
  const own = await createDatabase(server)
  await query(own, 'create table alembic_version (version_num text)')
  const folder = folderWith({})
  expect(await schemactl(folder, ['import', 'alembic', '--url', own])).toMatchObject({ code: 0 })
  expect(readdirSync(join(folder, 'schema'))).toEqual(['.gitkeep'])
  await dropDatabase(own)
})

test('what was taken over can be made of an empty database, and another one that Alembic kept follows the same plans', async () => {
  const [second, empty] = [await createDatabase(server), await createDatabase(server)]
  const own = await createDatabase(server)
  const made = `create table doc (id serial primary key, title text); create index by_title on doc (title); create table alembic_version (version_num text)`
  const third = await createDatabase(server)
  for (const database of [own, second, third]) await query(database, made)
  const folder = folderWith({})
  const run = (...args: string[]) => schemactlJson(folder, args)
  const { said } = await run('import', 'alembic', '--url', own)
  expect(readdirSync(join(folder, 'plans'))).toContain(`${String(said.plan)}.yaml`)

  // One that is the same in all can be imported, too.
  expect(await run('import', 'alembic', '--url', third)).toMatchObject({ code: 0, said: { plan: said.plan, planFile: null } })
  expect(readFileSync(join(folder, 'schemactl.yaml'), 'utf8')).toContain('\nignore: [public.alembic_version]\n')

  appendFileSync(join(folder, 'schema/public/tables/doc.sql'), 'create index by_both on doc (title, id);')
  expect(await run('plan', '-m', 'both', '--url', own)).toMatchObject({ code: 0 })
  expect(await run('apply', '--url', own)).toMatchObject({ code: 0, said: { applied: [{ title: 'both' }] } })

  expect(await run('import', 'alembic', '--url', second)).toMatchObject({ code: 1, said: { error: { code: 'folder-in-use' } } })
  expect(await run('stamp', String(said.plan), '--url', second)).toMatchObject({ code: 0, said: { unlike: [] } })
  expect(await run('apply', '--url', second)).toMatchObject({ code: 0, said: { applied: [{ title: 'both' }] } })
  expect(await run('apply', '--url', third)).toMatchObject({ code: 0 })
  expect(await run('apply', '--url', empty)).toMatchObject({ code: 0, said: { applied: [{ title: 'alembic base' }, { title: 'both' }] } })
  for (const database of [own, second, third, empty]) {
    expect(await run('drift', '--url', database)).toMatchObject({ code: 0 })
    expect(await run('plan', '--detailed-exitcode', '--no-out', '--url', database)).toMatchObject({ code: 0 })
    await dropDatabase(database)
  }
})
