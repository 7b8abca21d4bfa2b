import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { plan } from '../../src/index.js'
import { createDatabase, dropDatabase, query, runServers } from '../servers/index.js'
import { folderWith, removeFolders, schemactl, schemactlJson } from './schemactl.js'

const [server] = runServers()
if (!server) throw new Error('a test run has a server')

afterAll(removeFolders)
jest.setTimeout(300_000)

const SCHEMA = `
create type zona as enum ('norte', 'sur');
create table "País" (código char(2) primary key, nombre text not null check (nombre <> ''), zona zona, datos jsonb, alias text[], desde timestamptz, punto point);
create table ciudad (id int generated always as identity primary key, país char(2) not null references "País" deferrable initially deferred, nombre text not null, unique (país, nombre));
`
const FIRST = `
delete: true
table: "public.País"
rows:
  - { código: ES, nombre: España, zona: sur, datos: { a: [1, 2.5] }, alias: [Spain, "l'Es\\\\p"], desde: 2020-01-01T00:00:00+02:00, punto: "(1,2)" }
  - { código: FR, nombre: Francia }
  - { código: PT, nombre: "Portugal $rows$" }
`
const SECOND = `
delete: true
table: "public.País"
rows:
  - { código: ES, nombre: Espanya, zona: norte, datos: null, alias: [], desde: 2020-01-01T00:00:00+02:00, punto: "(1,5)", n: 7 }
  - { código: FR, nombre: Francia }
  - { código: IT, nombre: "Ita'lia\\\\" }
`

describe('declared rows', () => {
  let url: string
  let folder: string
  const file = (path: string, text: string) => writeFileSync(join(folder, path), text)
  const run = (...args: string[]) => schemactlJson(folder, args)
  const countries = () => query(url, 'select to_json(p)::text as row from "País" p order by código')

  beforeAll(async () => {
    url = await createDatabase(server)
    folder = folderWith({
      'schemactl.yaml': `url: ${url}\n`,
      'schema/a.sql': SCHEMA,
      'schema/data/países.yaml': FIRST,
      'schema/data/ciudad.yaml': 'key: [país, nombre]\n',
      'schema/data/ciudad.csv': 'país,nombre\nES,Madrid\nFR,"París, la ""grande"""\n',
    })
  })
  afterAll(() => dropDatabase(url))

  test('come with their tables, parents first, in one transaction', async () => {
    const { stdout } = await schemactl(folder, ['plan', '-m', 'first'])
    expect(stdout).toMatch(/\+ insert 1 row into public\.País\n.*schema\/data\/países\.yaml:5\n.*código ES, nombre España, zona sur/)
    expect(await run('apply')).toMatchObject({ code: 0, said: { applied: [{ segments: 1 }] } })
    expect(await query(url, 'select país::text as p, nombre from ciudad order by 1')).toEqual([
      { p: 'ES', nombre: 'Madrid' },
      { p: 'FR', nombre: 'París, la "grande"' },
    ])
    expect(await run('plan', '--detailed-exitcode')).toMatchObject({ code: 0, said: { changes: false } })
    expect(await run('check')).toMatchObject({ code: 0 })
    expect(await run('drift')).toMatchObject({ code: 0 })
  })

  test('are inserted, updated and deleted beside a change of their table, and come back as they were', async () => {
    await query(url, `insert into "País" values ('XX', 'by hand', 'sur', '{"x": 1}', '{y}', '2021-02-03 04:05:06.789+00', '(3,4)')`)
    const before = await countries()
    file('schema/a.sql', SCHEMA.replace('punto point', 'punto point, n smallint not null default 3'))
    file('schema/data/países.yaml', SECOND)
    const { said } = await run('plan', '-m', 'second')
    const { segments } = said.plan as { segments: { steps: { title: string; rows?: { count: number } }[] }[] }
    expect(segments.map(({ steps }) => steps.filter(({ rows }) => rows).map(({ title }) => title))).toEqual([
      ['insert 1 row into public.País', 'update 1 row of public.País', 'delete 2 rows from public.País'],
    ])
    // What somebody changed since is not overwritten.
    await query(url, `update "País" set zona = 'norte' where código = 'ES'`)
    expect(await run('apply')).toMatchObject({
      code: 1,
      said: { error: { message: expect.stringContaining('0 of 1 rows of public.País') } },
    })
    await query(url, `update "País" set zona = 'sur' where código = 'ES'`)
    expect(await run('apply')).toMatchObject({ code: 0 })
    expect(await query(url, `select código::text as c, nombre, n from "País" order by 1`)).toEqual([
      { c: 'ES', nombre: 'Espanya', n: 7 },
      { c: 'FR', nombre: 'Francia', n: 3 },
      { c: 'IT', nombre: `Ita'lia\\`, n: 3 },
    ])
    expect(await run('plan', '--detailed-exitcode')).toMatchObject({ code: 0, said: { changes: false } })
    expect(await run('revert', '--allow', 'all')).toMatchObject({ code: 0 })
    expect(await countries()).toEqual(before)
    expect(await run('apply')).toMatchObject({ code: 0 })
  })

  test('drift tells those that are missing, different and not declared', async () => {
    expect(await run('drift')).toMatchObject({ code: 0, said: { drift: false } })
    await query(
      url,
      `update "País" set zona = 'sur' where código = 'ES'; delete from "País" where código = 'IT'; insert into "País" values ('XX', 'x')`,
    )
    const rows = [
      { table: 'public.País', what: 'missing', count: 1, sample: [`código IT, nombre Ita'lia\\`] },
      { table: 'public.País', what: 'different', count: 1, sample: ['código ES: zona sur → norte'] },
      { table: 'public.País', what: 'undeclared', count: 1 },
    ]
    expect(await run('drift')).toMatchObject({ code: 2, said: { drift: true, differences: [], rows } })
    expect(await run('drift', '--schema', 'schema')).toMatchObject({ code: 2, said: { rows } })
    expect((await schemactl(folder, ['drift'])).stdout).toContain('rows of public.País: 1 not as declared (found → declared)')
  })

  test('a plan that leads to them is known; one that leads to others is followed by what is left', async () => {
    const made = await run('plan', '-m', 'third')
    expect(made).toMatchObject({ code: 0, said: { changes: true } })
    expect(await run('plan')).toMatchObject({ said: { pending: [expect.stringContaining('third')] } })
    expect(await run('check')).toMatchObject({ code: 0 })
    file('schema/data/países.yaml', SECOND.replace('Francia', 'France'))
    expect(await run('check')).toMatchObject({ code: 2, said: { missing: true } })
    const { said } = await run('plan', '-m', 'fourth')
    expect(said).toMatchObject({ plan: { segments: [{ steps: [{ title: 'update 1 row of public.País' }] }] } })
    expect(await run('check')).toMatchObject({ code: 0 })
    expect(await run('apply')).toMatchObject({ code: 0, said: { applied: [{ title: 'third' }, { title: 'fourth' }] } })
    expect(await query(url, `select nombre from "País" where código = 'FR'`)).toEqual([{ nombre: 'France' }])
    expect(await run('revert', '--steps', '1')).toMatchObject({ code: 0 })
    expect(await query(url, `select nombre from "País" where código = 'FR'`)).toEqual([{ nombre: 'Francia' }])
  })

  test('a development database gets them at once', async () => {
    const { code, stderr } = await schemactl(folder, ['dev'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('update 1 row of public.País') })
    expect((await schemactl(folder, ['dev'])).stdout).toContain('Nothing to do')
  })

  test.each([
    ['a table that is none', 'rows: [{ a: 1 }]', /x\.yaml:1:1: there is no table public\.x/],
    [
      'a column that is none',
      'table: ciudad\nkey: [país, nombre]\nrows:\n  - { país: ES, nombre: a, wrong: 1 }',
      /x\.yaml:4:1: the table has no column wrong/,
    ],
    [
      'a value that the type refuses',
      'table: "País"\nrows:\n  - { código: DE, nombre: a }\n  - { código: NL, nombre: b, zona: este }',
      /x\.yaml:4:1: invalid input value for enum/,
    ],
    [
      'a row twice',
      'table: "País"\nrows:\n  - { código: DE, nombre: a }\n  - { código: DE, nombre: b }',
      /x\.yaml:4:1: duplicate key[\s\S]*DE/,
    ],
    ['a row that a check refuses', 'table: "País"\nrows: [{ código: DE, nombre: "" }]', /x\.yaml:2:1: .*check constraint/],
    ['a key that nothing keeps unique', 'table: "País"\nkey: nombre\nrows: []', /x\.yaml:1:1: nothing keeps nombre unique/],
    [
      'a list in a column that takes none',
      'table: "País"\nrows: [{ código: DE, nombre: [1] }]',
      /x\.yaml:2:1: a list is no value of nombre, which is text/,
    ],
    ['another word', 'row: []', /x\.yaml:1:1: row is not known here/],
  ])('are refused with file and line: %s', async (_, text, message) => {
    const other = folderWith({ 'schemactl.yaml': 'shadow: server\n', 'schema/a.sql': SCHEMA, 'schema/data/x.yaml': text })
    await expect(plan({ cwd: other, url })).rejects.toThrow(message)
  })

  const vectors = server.withoutVector === null ? test : test.skip
  vectors('are refused where an element of a vector is no number, which pgvector would take for one', async () => {
    const own = await createDatabase(server)
    const lists: readonly (readonly [list: string, type: string])[] = [
      ['[1, null, 3]', 'vector(3)'],
      ['[1, true, 3]', 'vector(3)'],
      ['[[1, 2], 3, 4]', 'vector(3)'],
      ['[1, null, 3]', 'sparsevec(3)'],
      ["[1, '', 3]", 'sparsevec(3)'],
    ]
    for (const [value, type] of lists) {
      const folder = folderWith({
        'schema/a.sql': `create extension vector; create table t (id int primary key, v ${type});`,
        'schema/data/public.t.yaml': `rows:\n  - { id: 1, v: ${value} }\n`,
        'schemactl.yaml': '',
      })
      const { code, stderr } = await schemactl(folder, ['plan', '--url', own, '--no-out'])
      expect([code, stderr]).toEqual([1, expect.stringMatching(/public\.t\.yaml:2:1: invalid input syntax for type (vector|sparsevec)/)])
    }
    await dropDatabase(own)
  })

  vectors('hold vectors as lists', async () => {
    const other = await createDatabase(server)
    const project = folderWith({
      'schemactl.yaml': `url: ${other}\n`,
      'schema/a.sql': 'create extension vector; create table ancla (id int primary key, v vector(3), s sparsevec(4), h halfvec(2));',
      'schema/data/ancla.yaml': 'rows:\n  - { id: 1, v: [1, 2.5, -3], s: [0, 1, 0, 2], h: "[1,2]" }\n',
    })
    expect(await schemactl(project, ['plan', '-m', 'v'])).toMatchObject({ code: 0 })
    expect(await schemactl(project, ['apply'])).toMatchObject({ code: 0 })
    expect(await query(other, 'select v::text, s::text, h::text from ancla')).toEqual([{ v: '[1,2.5,-3]', s: '{2:1,4:2}/4', h: '[1,2]' }])
    writeFileSync(join(project, 'schema/data/ancla.yaml'), 'rows:\n  - { id: 1, v: [1, 2.5, 3] }\n')
    expect((await schemactl(project, ['plan', '-m', 'w'])).stdout).toContain('id 1: v [1,2.5,-3] → [1,2.5,3]')
    expect(await schemactl(project, ['apply'])).toMatchObject({ code: 0 })
    expect(await schemactl(project, ['plan', '--detailed-exitcode'])).toMatchObject({ code: 0 })
    await dropDatabase(other)
  })
})
