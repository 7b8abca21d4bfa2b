import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { formatPlan } from '../../src/plan/plan-file.js'
import { planChanges } from '../../src/plan/stage.js'
import { connect } from '../../src/postgres/connect.js'
import type { Session } from '../../src/postgres/session.js'
import { temporaryDatabase } from '../../src/postgres/shadow.js'
import { serverIdentity } from '../../src/postgres/shadow-identity.js'
import { folderWith, removeFolders, schemactl } from '../cli/schemactl.js'
import { createDatabase, dropDatabase, query, runServers } from '../servers/index.js'
import { closeParser, sourceOf } from './source.js'

const [server] = runServers()
if (server === undefined) throw new Error('no server')

const FILE = `
create type state as enum ('draft', 'final');
create table document (id int primary key, title text not null check (title <> ''), state state default 'draft', parent int references document);
create view titles as select id, title from document;
create function f() returns bigint language sql as 'select count(*) from document';
comment on view titles is 'títulos';`

const folder = mkdtempSync(join(tmpdir(), 'schemactl-cache-'))
let url: string
let live: Session

jest.setTimeout(120_000)
beforeAll(async () => {
  url = await createDatabase(server)
  live = await connect({ kind: 'url', url })
})
afterAll(async () => {
  await live.close()
  await dropDatabase(url)
  await closeParser()
  removeFolders()
  rmSync(folder, { recursive: true })
})

/** The plan's bytes, and how many shadows were opened for it. */
async function planned(files: Readonly<Record<string, string>>, identity: string | null): Promise<{ text: string | null; opened: number }> {
  let opened = 0
  const { plan } = await planChanges({
    live,
    source: await sourceOf(files),
    shadow: () => {
      opened++
      return temporaryDatabase(live, { kind: 'url', url })
    },
    title: null,
    searchPath: ['public'],
    schemas: null,
    manage: [],
    ignore: [],
    allow: [],
    parent: null,
    formerly: new Set(),
    cache: identity === null ? undefined : { folder, identity: async () => identity },
  })
  return { text: plan && formatPlan(plan), opened }
}

const entries = () => readdirSync(folder).filter((name) => name.endsWith('.gz'))

test('what files came to is known again, and only that', async () => {
  const without = await planned({ 'a.sql': FILE }, null)
  expect(without.opened).toBe(1)
  const identity = await serverIdentity(live)
  expect((await planned({ 'a.sql': FILE }, identity)).text).toBe(without.text)
  // Opened for the rehearsal, but nothing is loaded.
  expect((await planned({ 'a.sql': FILE }, identity)).text).toBe(without.text)
  expect(entries()).toHaveLength(1)

  await live.execute(FILE)
  expect(await planned({ 'a.sql': FILE }, identity)).toEqual({ text: null, opened: 0 })
  expect(await planned({ 'a.sql': FILE }, 'another major')).toEqual({ text: null, opened: 1 })
  expect(await planned({ 'a.sql': `${FILE}\n` }, identity)).toEqual({ text: null, opened: 1 })
  expect(await planned({ 'b.sql': FILE }, identity)).toEqual({ text: null, opened: 1 })
  expect(entries()).toHaveLength(4)
})

test('a role more is another shadow', async () => {
  const before = await serverIdentity(live)
  expect(await serverIdentity(live)).toBe(before)
  await live.execute('begin; create role schemactl_test_identity')
  expect(await serverIdentity(live)).not.toBe(before)
  await live.execute('rollback')
})

test('an entry that is cut, foreign or altered is passed over and made anew; old ones go', async () => {
  for (const spoil of [
    (file: string) => truncateSync(file, 40),
    (file: string) => writeFileSync(file, 'not gzip'),
    (file: string) => writeFileSync(file, readFileSync(file).fill(0, 60, 80)),
  ]) {
    for (const name of entries()) rmSync(join(folder, name))
    await planned({ 'a.sql': FILE }, 'here')
    const [name = ''] = entries()
    spoil(join(folder, name))
    expect(await planned({ 'a.sql': FILE }, 'here')).toEqual({ text: null, opened: 1 })
    expect(await planned({ 'a.sql': FILE }, 'here')).toEqual({ text: null, opened: 0 })
  }
  for (let i = 0; i < 9; i++) writeFileSync(join(folder, `${i}.json.gz`), 'x')
  await planned({ 'a.sql': `${FILE} ` }, 'here')
  expect(entries()).toHaveLength(8)
})

test('a project keeps it; outside of one, nothing is kept', async () => {
  const database = await createDatabase(server)
  const project = folderWith({ 'schemactl.yaml': `url: ${database}\nshadow: server\n`, 'schema/a.sql': FILE })
  await query(database, FILE)
  expect(await schemactl(project, ['plan', '--detailed-exitcode'])).toMatchObject({ code: 0 })
  const cache = join(project, '.schemactl/cache')
  expect(readdirSync(cache).filter((name) => name.endsWith('.gz'))).toHaveLength(1)
  for (const command of ['plan', 'drift', 'check']) expect(await schemactl(project, [command])).toMatchObject({ code: 0 })
  expect(readdirSync(cache).filter((name) => name.endsWith('.gz'))).toHaveLength(1)
  expect(await schemactl(project, ['plan', '--shadow', 'embedded', '--detailed-exitcode'])).toMatchObject({ code: 0 })
  expect(readdirSync(cache).filter((name) => name.endsWith('.gz'))).toHaveLength(2)
  rmSync(join(project, '.schemactl'), { recursive: true })
  const outside = folderWith({ 'a.sql': FILE })
  expect(await schemactl(outside, ['drift', '--schema', 'a.sql', '--url', database])).toMatchObject({ code: 0 })
  expect(readdirSync(outside)).toEqual(['a.sql'])
  await dropDatabase(database)
})
