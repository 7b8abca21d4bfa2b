import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { createDatabase, dropDatabase, query, runServers } from '../servers/index.js'
import { ROOT } from '../servers/root.js'
import { folderWith, removeFolders, schemactl } from './schemactl.js'

const [server] = runServers()
if (!server) throw new Error('a test run has a server')

jest.setTimeout(300_000)

const README = readFileSync(join(ROOT, 'README.md'), 'utf8')
const block = (start: string) => /^.*?(?=\n```$)/ms.exec(README.slice(README.indexOf(start)))?.[0] ?? ''

let url: string
beforeAll(async () => {
  url = await createDatabase(server)
})
afterAll(async () => {
  removeFolders()
  await dropDatabase(url)
})

/** Ids, sizes and the shadow are those of the machine. */
const comparable = (text: string) =>
  text
    .replaceAll(/-[0-9a-f]{8}\b/g, '-ID')
    .replaceAll(/\([\d.]+ MB\)|bytes: \d+/g, 'SIZE')
    .replaceAll(/(?<=\{) | (?=\})/g, '')
    .replace(/Proven on .*?: up/, 'Proven: up')
    .trim()

async function planned(folder: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await schemactl(folder, ['plan', ...args, '--url', url])
  expect([code, stderr]).toEqual([0, expect.stringMatching(/^Database: .*\n$/)])
  return stdout
}

const ifVector = server.withoutVector === null ? test : test.skip

ifVector('the plan of the README is what plan prints and writes', async () => {
  const folder = folderWith({})
  await schemactl(folder, ['init'])
  await planned(folder, '-m', 'documents')
  expect(await schemactl(folder, ['apply', '--url', url])).toMatchObject({ code: 0 })
  await query(
    url,
    `alter table documentos disable trigger all;
     insert into documentos (titulo) select 'Documento ' || i from generate_series(1, 120000) i;
     alter table documentos enable trigger all`,
  )
  await query(url, 'vacuum analyze documentos')
  const file = join(folder, 'schema/documentos.sql')
  writeFileSync(file, readFileSync(file, 'utf8').replace('titulo     text', 'titulo     varchar(200)'))
  const printed = await planned(folder, '-m', 'shorter titles', '--allow', 'narrow-type')
  expect(comparable(printed)).toBe(comparable(block('shorter titles: 5 steps')))
  const plan = readdirSync(join(folder, 'plans')).find((name) => name.startsWith('shorter')) ?? ''
  const step = block('- title: "alter column public.documentos.titulo').replaceAll(/^(?=.)/gm, '      ')
  expect(comparable(readFileSync(join(folder, 'plans', plan), 'utf8'))).toContain(comparable(step))

  // What is dropped in one segment and made again in another was there before: its lock matters.
  rmSync(join(folder, 'plans', plan))
  writeFileSync(file, readFileSync(file, 'utf8').replace("('borrador', ", "('borrador', 'leído', "))
  const several = await planned(folder, '-m', 'label', '--allow', 'narrow-type', '--online', 'never', '--no-out')
  expect(several).toContain('locks view public.documentos_publicados')
})

test('the steps by hand of the README are planned as it shows', async () => {
  const folder = folderWith({
    'schemactl.yaml': 'schemas: [public]\n',
    'schema/document.sql': 'create table document (id bigint primary key, title text not null);',
    'fill.yaml': block('title: fill slugs'),
  })
  const own = await createDatabase(server)
  const run = (...args: string[]) => schemactl(folder, [...args, '--url', own])
  await run('plan', '-m', 'documents')
  await run('apply')
  await query(own, `insert into document select i, 'Documento ' || i from generate_series(1, 120000) i`)
  await query(own, 'vacuum analyze document')
  writeFileSync(
    join(folder, 'schema/document.sql'),
    'create table document (id bigint primary key, title text not null, slug text not null);',
  )
  const { stdout } = await run('plan', '--from', 'fill.yaml', '--no-out')
  expect(comparable(stdout)).toContain(comparable(block('fill slugs: 3 steps')))
  await dropDatabase(own)
})
