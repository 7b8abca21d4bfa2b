import { describe, expect, test } from '@jest/globals'
import { readSql, readTexts, refusal } from './folder.js'

const texts = async (sql: string) => (await readSql(sql)).statements.map((statement) => statement.text)

describe('places', () => {
  test('count characters, not bytes, and lines from one', async () => {
    const { statements } = await readSql(
      'select pg_catalog.set_config(\'ñandú\', \'größe\', false); create table "ñ" (\n  "é" int,\n  constraint "ü" check ("é" > 0)\n);',
    )
    expect(statements[1]).toMatchObject({
      file: 'a.sql',
      line: 1,
      column: 56,
      node: 'CreateStmt',
      subject: { space: 'relation', name: ['ñ'] },
    })
    expect(statements[1]?.parts.map(({ name, line }) => [name, line])).toEqual([
      ['é', 2],
      ['ü', 3],
    ])
  })

  test('skip comments before a statement, nested ones too, and a byte order mark', async () => {
    const { statements } = await readSql('\ufeff-- one; two\n/* a /* b; */ */\n  create table t ()')
    expect(statements).toHaveLength(1)
    expect(statements[0]).toMatchObject({ text: 'create table t ()', line: 3, column: 3 })
  })

  test('a caret stands under the character that a syntax error is at', async () => {
    const [message] = await refusal(readSql('create table a (x int);\n\tcreate table ñandú (é int frm);\n'))
    expect(message).toMatchObject({ file: 'a.sql', line: 2, column: 28, message: 'syntax error at or near "frm"' })
    expect(message?.excerpt).toBe(`\tcreate table ñandú (é int frm);\n\t${' '.repeat(26)}^`)
  })
})

describe('statements', () => {
  test('BEGIN ATOMIC bodies, dollar quotes and rules hold semicolons', async () => {
    const body = 'create function f() returns int begin atomic select 1; select case when true then 2 end; end'
    const rule = 'create rule r as on insert to t do (select 1; select 2)'
    const block = "do $a$ begin perform ';'; end $a$"
    expect(await texts(`${body};\n${rule};\n${block}`)).toEqual([body, rule, block])
    // One mistake makes the reader go statement by statement: the others must still be found whole.
    const messages = await refusal(readSql(`${body};\n${rule};\ncreat table x ();\n${block};\ncreate tabel y ();`))
    expect(messages.map((message) => message.line)).toEqual([3, 5])
  })

  test('syntax that only 17 or 18 know', async () => {
    const { statements } = await readSql(
      'create table t (a int, b int generated always as (a) virtual, constraint n not null a, c int references t not enforced);\ncreate table u ()',
    )
    expect(statements.map((statement) => statement.line)).toEqual([1, 2])
    expect(statements[0]?.states).toEqual([{ aspect: 'not-null-name', on: { space: 'relation', name: ['t'] }, columns: ['a'] }])
  })

  test('CONCURRENTLY is cut, but not out of names', async () => {
    expect(
      await texts(
        'create index concurrently "concurrently x" on t (a);\ncreate /* concurrently */ index Concurrently if not exists i on t (a)',
      ),
    ).toEqual(['create index "concurrently x" on t (a)', 'create /* concurrently */ index if not exists i on t (a)'])
  })

  test('what pg_dump writes is read without a word', async () => {
    const { statements, warnings } = await readSql(
      [
        '\\restrict gk3bXl',
        'SET statement_timeout = 0;',
        "SELECT pg_catalog.set_config('search_path', '', false);",
        'CREATE SCHEMA public;',
        'CREATE EXTENSION IF NOT EXISTS plpgsql WITH SCHEMA pg_catalog;',
        "COMMENT ON EXTENSION plpgsql IS 'PL/pgSQL procedural language';",
        'CREATE PROCEDURAL LANGUAGE plpgsql;',
        'SET default_with_oids = false;',
        'SET default_table_access_method = heap;',
        'CREATE TABLE public.t (a integer);',
        'ALTER TABLE public.t OWNER TO amo;',
        '\\unrestrict gk3bXl',
        '',
      ].join('\n'),
    )
    expect(warnings).toEqual([])
    expect(statements.map((statement) => statement.line)).toEqual([2, 3, 9, 10, 11])
  })
})

describe('commands of psql', () => {
  test('that say nothing of the schema are passed over, however many there are', async () => {
    const talk = Array.from({ length: 300 }, (_, i) => `\\echo step ${i}`)
    const { statements, warnings } = await readSql(
      ['\\set ON_ERROR_STOP on', "\\echo 'it''s', $$ and --", "\\warn it's", ...talk, 'create table t (a int);', '\\d+ t', '\\x', ''].join(
        '\n',
      ),
    )
    expect(warnings).toEqual([])
    expect(statements.map(({ text, line }) => ({ text, line }))).toEqual([{ text: 'create table t (a int)', line: 304 }])
  })

  test('that say something of it are told by name', async () => {
    const told = await refusal(readSql('\\i other.sql\n\\connect app\n\\gset\n'))
    expect(told.map(({ message, line }) => `${line}: ${message}`)).toEqual([
      '1: \\i is a command of psql, not SQL',
      '2: \\connect is a command of psql, not SQL',
      '3: \\gset is a command of psql, not SQL',
    ])
  })
})

describe('what a statement states', () => {
  test('owners, privileges, versions, tablespaces', async () => {
    const { statements } = await readSql(
      [
        'alter function s.f(int) owner to x',
        'create schema s authorization x',
        'grant select (a, b), update (b) on s.t to x',
        'grant all on all tables in schema s to x',
        "create extension e version '1'",
        'create table t () tablespace fast',
        'alter default privileges in schema s grant select on tables to x',
        'revoke all on function f() from public',
      ].join(';\n'),
    )
    const relation = { space: 'relation', name: ['s', 't'] }
    expect(statements.flatMap((statement) => statement.states)).toEqual([
      { aspect: 'owner', on: { space: 'routine', name: ['s', 'f'] } },
      { aspect: 'owner', on: { space: 'schema', name: ['s'] } },
      { aspect: 'privileges', on: relation, columns: ['a', 'b'] },
      { aspect: 'privileges', on: { space: 'schema', name: ['s'] } },
      { aspect: 'version', on: { space: 'extension', name: ['e'] } },
      { aspect: 'tablespace', on: { space: 'relation', name: ['t'] } },
      { aspect: 'default-privileges', on: { space: 'schema', name: ['s'] } },
      { aspect: 'privileges', on: { space: 'routine', name: ['f'] } },
    ])
  })

  test('subjects of objects within a table', async () => {
    const { statements } = await readSql(
      'create trigger g after insert on s.t execute function f();\ncreate policy p on t;\ncomment on column s.t.c is null;\ncreate index i on s.t (a)',
    )
    expect(statements.map((statement) => statement.subject)).toEqual([
      { space: 'trigger', name: ['s', 't', 'g'] },
      { space: 'policy', name: ['t', 'p'] },
      { space: 'relation', name: ['s', 't'] },
      { space: 'relation', name: ['s', 'i'] },
    ])
  })

  test('directives hold for what follows or what they stand beside', async () => {
    const { statements } = await readSql(
      [
        '-- @renamed from old_t',
        'create table t (',
        '  a int, -- @renamed from b',
        '  /* @renamed from "D" */',
        '  c int',
        ');  -- @keep',
        "select '-- @renamed from x' into u;",
        'create table v ();',
      ].join('\n'),
    )
    expect(statements.map((statement) => statement.directives)).toEqual([
      [
        { name: 'renamed', argument: 'old_t', line: 1 },
        { name: 'renamed', argument: 'b', column: 'a', line: 3 },
        { name: 'renamed', argument: '"D"', column: 'c', line: 4 },
        { name: 'keep', argument: '', line: 6 },
      ],
      [],
      [],
    ])
  })
})

describe('what is no schema', () => {
  test.each([
    'insert into t values (1)',
    'update t set a = 1',
    'delete from t',
    'truncate t',
    'merge into t using u on true when matched then delete',
    'create temp table t ()',
    'rollback',
    'drop role r',
    'alter role r rename to s',
    'grant connect on database a, b to r',
    '\\connect x',
  ])('%s is refused', async (sql) => {
    const [message, ...rest] = await refusal(readSql(`create table t (a int);\n${sql}\n`))
    expect(rest).toEqual([])
    expect(message).toMatchObject({ line: 2, column: 1 })
    expect(message?.hint).toBeTruthy()
  })

  test('rows after COPY are one refusal', async () => {
    const messages = await refusal(readSql("COPY t (a) FROM stdin;\n1\tit's\n2;\n\\.\n\ncreate tabel x ();"))
    expect(messages.map((message) => message.line)).toEqual([1, 6])
  })

  test.each([
    'begin',
    'commit',
    "select setval('s', 3)",
    'vacuum t',
    'create database d',
    'refresh materialized view m',
    'lock t',
    'drop owned by r',
    'alter role all set work_mem = 1',
    'drop role if exists r',
    'grant set on parameter work_mem to public',
  ])('%s is ignored with a warning', async (sql) => {
    const { statements, warnings } = await readSql(`${sql};`)
    expect(statements).toEqual([])
    expect(warnings).toHaveLength(1)
  })

  test.each(['drop table t', 'select f()', 'call p()'])('%s is kept with a warning', async (sql) => {
    const { statements, warnings } = await readSql(`${sql};`)
    expect(statements).toHaveLength(1)
    expect(warnings[0]?.message).toContain('shadow')
  })
})

describe('roles', () => {
  test.each([
    ["create role r login password 'hush' createdb", 'create role r login createdb'],
    ["create role password encrypted password e'hu\\'sh'", 'create role password'],
    ["alter role r /* x */ password /* y */ 'hush' -- z", 'alter role r /* x */'],
    ['alter role r with password null valid until $$2030-01-01$$', 'alter role r with valid until $$2030-01-01$$'],
    ["create user r password U&'hush'", 'create user r'],
  ])('%s is read without the password, and shown without it', async (sql, text) => {
    const { statements, warnings } = await readSql(`${sql};`)
    expect(statements.map((statement) => statement.text)).toEqual([text])
    expect(warnings).toHaveLength(1)
    expect(JSON.stringify({ statements, warnings })).not.toMatch(/hu.*sh/)
  })

  test('tells where a database is named', async () => {
    const { statements } = await readSql(
      'alter role "é" in database "My db" set work_mem = 1; grant connect on database app to r; comment on database "App" is null;',
    )
    expect(statements.map(({ text, database }) => database && [database.name, text.slice(database.start, database.end)])).toEqual([
      ['My db', '"My db"'],
      ['app', 'app'],
      ['App', '"App"'],
    ])
  })
})

describe('hostile input', () => {
  test.each([
    ['parentheses', `${'('.repeat(50_000)}1${')'.repeat(50_000)}`],
    ['NOT', `${'not '.repeat(50_000)}true`],
    ['calls', `${'f('.repeat(9000)}1${')'.repeat(9000)}`],
    ['CASE', `${'case when a then b else '.repeat(9000)}1${' end'.repeat(9000)}`],
  ])('deeply nested %s is an error at its statement', async (_, expression) => {
    const [message, ...rest] = await refusal(readSql(`create table a ();\ncreate view v as select ${expression};\ncreate table b ();`))
    expect(rest).toEqual([])
    expect(message).toMatchObject({ line: 2, message: 'the statement is nested too deeply to be parsed' })
    expect(message?.excerpt.length).toBeLessThan(300)
  })

  test('moderately deep nesting is read', async () => {
    expect(await texts(`create view v as select ${'not '.repeat(1000)}true`)).toHaveLength(1)
    expect(await texts(`create view v as select ${"'a' || ".repeat(2000)}''`)).toHaveLength(1)
  })

  test('a quote that is never closed, and the mistakes before it', async () => {
    const messages = await refusal(readSql("creat table t ();\ncreate table u ();\nselect 'abc;\ncreate table v ();"))
    expect(messages.map(({ line, column }) => [line, column])).toEqual([
      [1, 1],
      [3, 8],
    ])
  })

  test('at most 20 mistakes are told', async () => {
    expect(await refusal(readSql('creat;\n'.repeat(50)))).toHaveLength(20)
  })
})

describe('files', () => {
  test('are read recursively, sorted, without what starts with a dot', async () => {
    const { files, hash, statements } = await readTexts({
      'b/z.sql': 'create table z ()',
      'a.sql': 'create table a ()',
      '.x.sql': 'nonsense',
      'b/readme.md': 'nonsense',
      'b/a.yml': 'tables: {y: {}}',
    })
    expect(files).toEqual(['a.sql', 'b/a.yml', 'b/z.sql'])
    expect(statements.map((statement) => statement.subject?.name.at(-1))).toEqual(['a', 'y', 'z'])
    expect(hash).toMatch(/^[0-9a-f]{64}$/)
  })

  test('that cannot be read are named, all of them', async () => {
    const messages = await refusal(
      readTexts(
        {
          'a.sql': new Uint8Array([0x2d, 0x2d, 0x0a, 0xff, 0x0a]),
          'b.sql': 'create table t ();\n\0',
          'c.sql': new Uint8Array([0xff, 0xfe, 0x41, 0]),
        },
        ['.', 'missing'],
      ),
    )
    expect(messages.map(({ file, line, message }) => [file, line, message])).toEqual([
      ['missing', 1, 'the file cannot be read: no such file or folder'],
      ['a.sql', 2, 'the file is not valid UTF-8'],
      ['b.sql', 2, 'the file holds a NUL byte'],
      ['c.sql', 1, 'the file is UTF-16, not UTF-8'],
    ])
  })
})
