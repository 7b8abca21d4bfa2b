import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { createDatabase, dropDatabase, query, runServers } from '../servers/index.js'
import { errorFrom, folderWith, removeFolders, schemactl, schemactlJson } from './schemactl.js'

const [server] = runServers()
if (!server) throw new Error('a test run has a server')

jest.setTimeout(120_000)

let url: string
let folder: string
beforeAll(async () => {
  url = await createDatabase(server)
  folder = folderWith({ 'schemactl.yaml': `url: ${url}\n`, 'schema/a.sql': 'create table a (id int primary key);' })
})
afterAll(async () => {
  removeFolders()
  await dropDatabase(url)
})

const run = (...args: string[]) => schemactlJson(folder, args)
const errorOf = (...args: string[]) => errorFrom(folder, args)
const fileOf = (title: string) => join(folder, 'plans', readdirSync(join(folder, 'plans')).find((name) => name.startsWith(title)) ?? title)
const parentOf = (title: string) => /^parent: (\w+)-/m.exec(readFileSync(fileOf(title), 'utf8'))?.[1]

test('plans made side by side are told, and one made to follow the other with its hand-written steps', async () => {
  expect(await run('plan', '-m', 'first')).toMatchObject({ code: 0 })
  expect(await run('apply')).toMatchObject({ code: 0 })

  // One branch.
  writeFileSync(join(folder, 'schema/x.sql'), 'create table x (a int references a (id));')
  expect(await run('plan', '-m', 'ex')).toMatchObject({ code: 0 })
  const [ex, away] = [fileOf('ex'), join(folder, 'ex.yaml')]
  renameSync(ex, away)
  rmSync(join(folder, 'schema/x.sql'))

  // The other, with steps by hand after its plan, on a table that no database has yet.
  writeFileSync(join(folder, 'schema/y.sql'), 'create table y (a int primary key);')
  expect(await run('plan', '-m', 'why')).toMatchObject({ code: 0 })
  writeFileSync(
    join(folder, 'plans/hand.draft.yaml'),
    'title: hand\nsteps: [{ title: rows, up: "insert into y values (1);", down: "delete from y;" }]\n',
  )
  expect(await run('plan', '--from', 'plans/hand.draft.yaml')).toMatchObject({ code: 0 })

  // Merged.
  renameSync(away, ex)
  writeFileSync(join(folder, 'schema/x.sql'), 'create table x (a int references a (id));')
  expect(await run('status')).toMatchObject({ said: { state: 'forked' } })
  const [aside] = readdirSync(join(folder, 'plans')).filter((name) => name.startsWith('why'))
  const follow = `Next: schemactl rebase ${aside?.replace('.yaml', '')} makes it follow the other`
  for (const command of ['status', 'check', 'apply']) {
    const { stdout, stderr } = await schemactl(folder, [command])
    expect(stdout + stderr).toContain(follow)
  }
  expect(await run('check')).toMatchObject({ code: 2 })
  expect(await errorOf('plan')).toEqual({ code: 1, error: 'forked' })
  expect(await errorOf('rebase')).toEqual({ code: 1, error: 'which-plan' })
  // What was signed is not what is left.
  writeFileSync(fileOf('why').replace('.yaml', '.0123456789ab.sig'), '')
  expect(await run('rebase', 'why')).toMatchObject({ code: 0 })
  expect([parentOf('why'), parentOf('hand')]).toEqual(['ex', 'why'])
  expect(readdirSync(join(folder, 'plans')).filter((name) => !name.startsWith('.'))).toHaveLength(4)
  expect(await run('check')).toMatchObject({ code: 0 })
  expect(await run('apply')).toMatchObject({ code: 0, said: { applied: [{ title: 'ex' }, { title: 'why' }, { title: 'hand' }] } })
  expect(await query(url, 'select a from y')).toEqual([{ a: 1 }])
  expect(await run('revert', '--to', 'first', '--allow', 'all')).toMatchObject({ code: 0 })
})

test('a plan whose parent is gone is made anew, and nothing is left of one that has nothing to do', async () => {
  for (const title of ['ex', 'hand']) rmSync(fileOf(title))
  expect(await run('status')).toMatchObject({ said: { state: 'behind', stranded: [expect.stringMatching(/^why-/)] } })
  expect(await errorOf('apply')).toEqual({ code: 1, error: 'missing-parent' })
  const again = /Next: schemactl rebase why-[0-9a-f]{8} makes it follow /
  expect((await schemactl(folder, ['apply'])).stderr).toMatch(again)
  // Not `apply`, which is refused, although something is pending.
  expect(await run('revert', '--all', '--allow', 'all')).toMatchObject({ code: 0 })
  expect((await schemactl(folder, ['status'])).stdout).toMatch(again)
  expect(await run('apply', '--to', 'first')).toMatchObject({ code: 0 })
  expect(await errorOf('verify', 'why')).toEqual({ code: 1, error: 'missing-parent' })
  rmSync(join(folder, 'schema/x.sql'))
  expect(await run('rebase')).toMatchObject({ code: 0 })
  expect(parentOf('why')).toBe('first')
  expect(await run('verify', 'why')).toMatchObject({ code: 0 })
  await query(url, 'create table y ()')
  expect(await errorOf('verify', 'why')).toEqual({ code: 1, error: 'footprint' })
  await query(url, 'drop table y')
  rmSync(join(folder, 'schema/y.sql'))
  expect(await run('rebase', 'why')).toMatchObject({ code: 0, said: { rebased: [{ plan: null }] } })
  expect(await run('status')).toMatchObject({ said: { state: 'current' } })
})

test('a rename that only a flag or a directive gone since asked for is kept by rebase', async () => {
  const url = await createDatabase(server)
  await query(url, `create table person ("Full name" text, born date, mail text); insert into person values ('Ana', '2000-01-01', 'a@b')`)
  const other = folderWith({ 'schemactl.yaml': `url: ${url}\n`, 'schema/p.sql': PERSON.join('\n') })
  expect(await schemactlJson(other, ['stamp', 'head'])).toMatchObject({ code: 0 })
  // One branch: a name by a flag, another by a line that is taken out again.
  const renamed = PERSON.with(1, '  name text,').with(2, '  -- @renamed from born\n  birthday date,').join('\n')
  writeFileSync(join(other, 'schema/p.sql'), renamed)
  const asked = 'column:public.person."Full name"=name'
  expect(await schemactlJson(other, ['plan', '-m', 'names', '--rename', 'public.person."Full name"=name'])).toMatchObject({
    code: 0,
    said: { plan: { renames: [asked, 'column:public.person.born=birthday'] } },
  })
  writeFileSync(join(other, 'schema/p.sql'), renamed.replace('  -- @renamed from born\n', ''))
  const plans = join(other, 'plans')
  const [names = ''] = readdirSync(plans).filter((name) => name.startsWith('names'))
  renameSync(join(plans, names), join(other, names))
  // The other.
  writeFileSync(join(other, 'schema/q.sql'), 'create table q (a int);')
  writeFileSync(join(other, 'schema/p.sql'), PERSON.join('\n'))
  expect(await schemactlJson(other, ['plan', '-m', 'queue'])).toMatchObject({ code: 0 })
  renameSync(join(other, names), join(plans, names))
  writeFileSync(join(other, 'schema/p.sql'), renamed.replace('  -- @renamed from born\n', ''))
  expect(await schemactlJson(other, ['rebase', names.replace('.yaml', '')])).toMatchObject({ code: 0 })
  expect(await schemactlJson(other, ['apply'])).toMatchObject({ code: 0 })
  expect(await query(url, 'select name, birthday::text from person')).toEqual([{ name: 'Ana', birthday: '2000-01-01' }])
  await dropDatabase(url)
})

const PERSON = ['create table person (', '  "Full name" text,', '  born date,', '  mail text', ');']

test('of several plans made in one branch, each keeps its part', async () => {
  const url = await createDatabase(server)
  const other = folderWith({ 'schemactl.yaml': `url: ${url}\n`, 'schema/a.sql': 'create table a (id int primary key);' })
  const run = (...args: string[]) => schemactlJson(other, args)
  const write = (name: string, sql: string) => writeFileSync(join(other, 'schema', name), sql)
  // Of each plan, in order, what its steps are called.
  const titles = () =>
    ['bee', 'fill', 'see'].map((title) => {
      const name = readdirSync(join(other, 'plans')).find((file) => file.startsWith(title)) ?? title
      return readFileSync(join(other, 'plans', name), 'utf8').match(/^ +- title: .*$/gm)
    })
  expect(await run('plan', '-m', 'first')).toMatchObject({ code: 0 })
  expect(await run('apply')).toMatchObject({ code: 0 })
  await query(url, 'insert into a values (1)')

  // One branch: a plan, one that fills what it asks for, and one more.
  write('b.sql', 'create table b (a int references a (id));')
  expect(await run('plan', '-m', 'bee')).toMatchObject({ code: 0 })
  write('a.sql', 'create table a (id int primary key, kind text not null);')
  writeFileSync(
    join(other, 'plans/fill.draft.yaml'),
    `title: fill\nsteps: [{ title: kinds, up: "update a set kind = 'x'; create table kept as select id, kind from a;", down: "drop table kept; update a set kind = null;" }]\n`,
  )
  expect(await run('plan', '--from', 'plans/fill.draft.yaml')).toMatchObject({ code: 0 })
  write('c.sql', 'create table kept (id int, kind text); create view c as select kind from a;')
  expect(await run('plan', '-m', 'see')).toMatchObject({ code: 0 })
  const before = titles()
  const away = readdirSync(join(other, 'plans')).filter((name) => /^(bee|fill|see)/.test(name))
  for (const name of away) renameSync(join(other, 'plans', name), join(other, name))

  // The other, which adds to the same table.
  for (const name of ['b.sql', 'c.sql']) rmSync(join(other, 'schema', name))
  write('a.sql', 'create table a (id int primary key, size int);')
  expect(await run('plan', '-m', 'size')).toMatchObject({ code: 0 })
  expect(await run('apply')).toMatchObject({ code: 0 })

  // Merged.
  for (const name of away) renameSync(join(other, name), join(other, 'plans', name))
  write('a.sql', 'create table a (id int primary key, size int, kind text not null);')
  write('b.sql', 'create table b (a int references a (id));')
  write('c.sql', 'create table kept (id int, kind text); create view c as select kind from a;')
  expect(await run('rebase', 'bee')).toMatchObject({ code: 0 })
  expect(titles()).toEqual(before)
  expect(await run('check')).toMatchObject({ code: 0 })
  expect(await run('apply')).toMatchObject({ code: 0, said: { applied: [{ title: 'bee' }, { title: 'fill' }, { title: 'see' }] } })
  expect(await query(url, 'select * from c')).toEqual([{ kind: 'x' }])
  expect(await run('revert', '--to', 'size', '--allow', 'all')).toMatchObject({ code: 0 })
  await dropDatabase(url)
})
