import { readFile } from 'node:fs/promises'
import { describe, expect, test } from '@jest/globals'
import { jsonSchema } from '../../src/source/yaml/json-schema.js'
import { readYaml, refusal } from './folder.js'

const texts = async (yaml: string) => (await readYaml(yaml)).statements.map((statement) => statement.text)

describe('YAML to statements', () => {
  test('checks that CREATE TABLE would take as valid, or that call functions, are added to their table', async () => {
    expect(
      await texts(`
tables:
  nota:
    columns: {id: int}
    checks:
      corto: {expression: id > 3, notValid: true}
      largo: "f(nota)"
      otro: {expression: id > 4, notValid: false}
`),
    ).toEqual([
      'create table public.nota (\n  id int,\n  constraint otro check (id > 4)\n)',
      'alter table public.nota add constraint corto check (id > 3) not valid',
      'alter table public.nota add constraint largo check (f(nota))',
    ])
  })

  test('a table with all that belongs to it', async () => {
    const { statements } = await readYaml(`
tables:
  documentos:
    comment: Los documentos
    renamedFrom: docs
    columns:
      id: uuid primary key default gen_random_uuid()
      título: {type: "numeric(10, 2)", notNull: true, default: 1.10, renamedFrom: titulo}
    checks:
      positivo: |
        título > 0
        and título < 100
    indexes:
      por_título: {columns: [{column: título, order: desc}], method: btree, where: título is not null}
    rowSecurity: true
`)
    expect(statements.map(({ text, line }) => [line, text])).toEqual([
      [
        3,
        'create table public.documentos (\n  id uuid primary key default gen_random_uuid(),\n  "título" numeric(10, 2) default (1.10) not null,\n' +
          '  constraint positivo check (título > 0\nand título < 100\n)\n)',
      ],
      [14, 'create index "por_título" on public.documentos using btree ("título" desc) where título is not null'],
      [15, 'alter table public.documentos enable row level security'],
      [4, "comment on table public.documentos is 'Los documentos'"],
    ])
    expect(statements[0]?.parts.map(({ name, line }) => [name, line])).toEqual([
      ['id', 7],
      ['título', 8],
      ['positivo', 10],
    ])
    expect(statements[0]?.directives).toEqual([
      { name: 'renamed', argument: 'docs', line: 5 },
      { name: 'renamed', argument: 'titulo', column: 'título', line: 8 },
    ])
  })

  test('embeddings, as SQL or as a mapping', async () => {
    expect(
      await texts(`
extensions: [vector]
tables:
  fragmentos:
    columns: {embedding: vector(768)}
    indexes:
      a: {columns: embedding, method: hnsw, opclass: {embedding: vector_cosine_ops}, with: {m: 16}}
      b: using hnsw (embedding vector_cosine_ops) with (m = 16)
`),
    ).toEqual([
      'create extension if not exists vector',
      'create table public.fragmentos (\n  embedding vector(768)\n)',
      "create index a on public.fragmentos using hnsw (embedding vector_cosine_ops) with (m = '16')",
      'create index b on public.fragmentos using hnsw (embedding vector_cosine_ops) with (m = 16)',
    ])
  })

  test('keys, references and triggers', async () => {
    expect(
      await texts(`
tables:
  a:
    columns: {id: {type: bigint, identity: {generation: always, start: 5}}, b: {type: int, references: {table: b, columns: id, onDelete: set null}}}
    primaryKey: {name: a_pk, columns: [id, b]}
    uniques: {u: {columns: b, nullsNotDistinct: true, initiallyDeferred: true}}
    foreignKeys: {f: {columns: b, references: b (id) match full, notValid: true}}
    triggers: {t: {timing: before, events: [insert, update], columns: [b], forEach: row, execute: f('x'), enabled: always}}
`),
    ).toEqual([
      'create table public.a (\n  id bigint generated always as identity ( start with 5),\n  b int references public.b (id) on delete set null,\n' +
        '  constraint a_pk primary key (id, b),\n  constraint u unique nulls not distinct (b) initially deferred\n)',
      'alter table public.a add constraint f foreign key (b) references b (id) match full not valid',
      "create trigger t before insert or update of b on public.a for each row execute function f('x')",
      'alter table public.a enable always trigger t',
    ])
  })

  test('types, views, routines, grants, comments and SQL', async () => {
    expect(
      await texts(`
schema: app
schemas: {app: {owner: amo}}
enums: {estado: [borrador, "a'b"]}
domains: {correo: text check (value ~ '@')}
types: {punto: {attributes: {x: float8}}}
sequences: {s: {start: 10, increment: -1}}
functions:
  f: {arguments: a int default 1, returns: int, language: sql, volatility: stable, set: {search_path: "app, pg_temp"}, body: select a, comment: c}
views: {v: {query: "select 1 as a, 2 as b", options: {security_barrier: true}, grants: {public: select}}}
materializedViews: {m: select 1 as a}
sql:
  - create event trigger e on ddl_command_end execute function f();
grants: [usage on schema app to lector, lector to amo]
comments: {"column app.v.a": "it's"}
`),
    ).toEqual([
      'set search_path = app, public',
      'create schema if not exists app',
      'alter schema app owner to amo',
      "create type app.estado as enum ('borrador', 'a''b')",
      "create domain app.correo as text check (value ~ '@')",
      'create type app.punto as (x float8)',
      'create sequence app.s start with 10 increment by -1',
      "create function app.f(a int default 1) returns int\nlanguage sql stable set search_path to 'app', 'pg_temp'\nas $body$select a$body$",
      "comment on function app.f is 'c'",
      "create view app.v with (security_barrier = 'true') as\nselect 1 as a, 2 as b",
      'grant select on table app.v to public',
      'create materialized view app.m as\nselect 1 as a',
      'create event trigger e on ddl_command_end execute function f()',
      'grant usage on schema app to lector',
      'grant lector to amo',
      "comment on column app.v.a is 'it''s'",
    ])
  })
})

describe('hostile YAML', () => {
  test('names are taken letter by letter', async () => {
    const [text] = await texts(`tables: {'x" (); drop table y; --': {columns: {"a b": int, select: int, "1.0": int, "__proto__": int}}}`)
    expect(text).toBe('create table public."x"" (); drop table y; --" (\n  "a b" int,\n  "select" int,\n  "1.0" int,\n  __proto__ int\n)')
  })

  test.each([
    ['a second statement', 'int); drop table y; --'],
    ['a second column', 'int, b int'],
    ['a closing bracket', 'int) tablespace (x'],
    ['an open quote', "text default 'x"],
    ['an open comment', 'int /* x'],
    ['an open dollar quote', 'text default $$x'],
    ['nothing but a comment', '-- int'],
  ])('a column cannot hold %s', async (_, fragment) => {
    const [message, ...rest] = await refusal(readYaml(`tables:\n  t:\n    columns:\n      a: ${JSON.stringify(fragment)}\n      b: int\n`))
    expect(rest).toEqual([])
    expect(message).toMatchObject({ file: 'a.yaml', line: 4 })
  })

  test('a comment in a fragment ends with its line', async () => {
    expect(await texts('tables: {t: {columns: {a: "int -- a number", b: int}}}')).toEqual([
      'create table public.t (\n  a int -- a number\n,\n  b int\n)',
    ])
  })

  test('a body may hold the tag that bodies are quoted by', async () => {
    const [text] = await texts("functions: {f: {language: sql, returns: text, body: 'select $body$x$body$; drop table t'}}")
    expect(text).toContain('as $body1$select $body$x$body$; drop table t$body1$')
  })

  test('an item of sql is one statement', async () => {
    const [message] = await refusal(readYaml('sql:\n  - create table a ()\n  - create table b (); create table c ()\n'))
    expect(message).toMatchObject({ line: 3, message: 'one statement is expected here, not 2' })
  })

  test('aliases of aliases are not followed for ever', async () => {
    const levels = Array.from(
      { length: 6 },
      (_, level) => `x${level}: &a${level} [${Array.from({ length: 20 }, () => (level === 0 ? 'x' : `*a${level - 1}`)).join(', ')}]`,
    )
    expect((await refusal(readYaml(`${levels.join('\n')}\nsql: *a5\n`))).length).toBeGreaterThan(0)
    const tables = Array.from({ length: 2000 }, (_, index) => `t${index}: *t`).join(', ')
    const columns = Array.from({ length: 2000 }, (_, index) => `c${index}: int`).join(', ')
    const messages = await refusal(readYaml(`tables: {t: &t {columns: {${columns}}}, ${tables}}`))
    expect(messages[0]?.message).toBe('the file is too large')
  })
})

describe('mistakes in YAML', () => {
  test.each([
    ['a duplicate key', 'tables:\n  a: {}\n  a: {}\n', 3, 3, 'Map keys must be unique'],
    ['a misspelt key', 'tables:\n  a:\n    colums: {}\n', 3, 5, "a table has no key 'colums'"],
    ['a wrong type', 'tables:\n  a:\n    columns: [id]\n', 3, 14, 'expected a mapping'],
    [
      'a wrong word',
      'tables:\n  a:\n    triggers: {t: {timing: befor, events: insert, execute: f()}}\n',
      3,
      28,
      "'befor' is not one of before, after, instead of",
    ],
    ['a missing key', 'functions:\n  f: {language: sql}\n', 2, 6, "a function needs 'body'"],
    ['broken YAML', 'tables:\n\ta: {}\n', 2, 1, 'Tabs are not allowed as indentation'],
    ['SQL that is none', 'tables:\n  á:\n    columns:\n      ñ: int frm x\n', 4, 14, 'syntax error at or near "frm"'],
    ['SQL that is none in a block', 'views:\n  v: |\n    select ñ\n    frm x y\n', 4, 9, 'syntax error at or near "x"'],
    ['rows', 'sql:\n  - insert into t values (1)\n', 2, 5, 'INSERT is not schema'],
  ])('%s is told where it stands', async (_, yaml, line, column, message) => {
    const [found, ...rest] = await refusal(readYaml(yaml))
    expect(rest).toEqual([])
    expect(found).toMatchObject({ line, column, message })
  })

  test('a hint names what was meant', async () => {
    const [message] = await refusal(readYaml('tables: {a: {primary_key: id}}'))
    expect(message?.hint).toBe("did you mean 'primaryKey'?")
  })
})

// After a change of what YAML may say: UPDATE_SCHEMA=1 rewrites the file through the failing test's output.
test('the published JSON Schema is what the reader knows', async () => {
  expect(JSON.parse(await readFile(new URL('../../schemas/schema.json', import.meta.url), 'utf8'))).toEqual(jsonSchema())
})
