import { afterAll, expect, jest, test } from '@jest/globals'
import { connect } from '../../src/postgres/connect.js'
import { createDatabase, dropDatabase, query, runServers } from '../servers/index.js'
import { folderWith, removeFolders, schemactl } from './schemactl.js'

const [server] = runServers()
if (!server) throw new Error('a test run has a server')

afterAll(removeFolders)
jest.setTimeout(300_000)

const PREPARED = `schemactl test ${process.pid}`

const BEFORE = `
create type estado as enum ('nuevo', 'viejo');
create table autor (id int primary key, "Correo" text);
create table libro (id int primary key, autor int, título text, páginas text, precio numeric, estado estado default 'nuevo', corto text, código char(4));
insert into autor values (1, 'a@x'), (2, 'a@x'), (3, null);
insert into libro select i, 1, 't' || i, i::text, i, 'nuevo', 'c', 'x' || i from generate_series(1, 20) i;
update libro set autor = 9 where id in (4, 5, 6, 7);
update libro set título = null where id = 8;
update libro set páginas = 'muchas' where id = 9;
update libro set precio = 123456 where id = 10;
update libro set precio = -1 where id = 11;
update libro set estado = 'viejo' where id = 12;
update libro set corto = 'demasiado' where id = 13;
update libro set código = 'x1' where id = 14;`

const AFTER = `
create type estado as enum ('nuevo');
create table autor (id int primary key, "Correo" text, constraint un_correo unique ("Correo"));
create table libro (id int primary key, autor int constraint su_autor references autor, título text not null, páginas int,
  precio numeric(6, 2) constraint positivo check (precio >= 0), estado estado default 'nuevo', corto varchar(5), código char(4), nuevo int not null default 1 check (nuevo > 0));
create unique index un_código on libro (código) where estado = 'nuevo';`

const IN_THE_WAY: readonly RegExp[] = [
  /constraint public\.autor\.un_correo: 2 rows of table public\.autor sharing their Correo with another: id 1; id 2$/m,
  /constraint public\.libro\.su_autor: 4 rows of table public\.libro referring to no row of public\.autor: id 4; id 5; id 6; …$/m,
  /alter table public\.libro: 1 row of table public\.libro with no título: id 8$/m,
  /alter table public\.libro: 1 row of table public\.libro holding a páginas that is no integer: id 9$/m,
  /alter table public\.libro: 1 row of table public\.libro holding a precio that is no numeric\(6,2\): id 10$/m,
  /constraint public\.libro\.positivo: 1 row of table public\.libro not satisfying positivo: id 11$/m,
  /: 1 row of table public\.libro holding a removed label in estado: id 12$/m,
  /alter table public\.libro: 1 row of table public\.libro holding a corto that is no character varying\(5\): id 13$/m,
  /index public\.un_código: 2 rows of table public\.libro sharing their código with another: id 1; id 14$/m,
]

test('rows that would be refused are told by plan, and stop apply before anything is locked', async () => {
  const url = await createDatabase(server)
  await query(url, BEFORE)
  const folder = folderWith({ 'schemactl.yaml': `url: ${url}\n`, 'schema/a.sql': AFTER })
  const planned = await schemactl(folder, ['plan', '-m', 'strict', '--allow', 'all'])
  for (const line of IN_THE_WAY) expect(planned.stdout).toMatch(line)
  expect(planned.stdout.match(/^ {2}.*: \d+ rows? of table/gm)).toHaveLength(IN_THE_WAY.length)

  expect(planned.stdout).toMatch(
    /\nMend these rows; or delete this plan, and plan anew .*\n\nWritten: .*\nNext: schemactl apply, once these rows are mended\n/,
  )

  const verified = await schemactl(folder, ['verify', 'strict'])
  expect(verified.code).toBe(0)
  for (const line of IN_THE_WAY) expect(verified.stdout + verified.stderr).toMatch(line)

  // A reader's lock would stop the plan, had it asked for its own.
  const reader = await connect({ kind: 'url', url })
  await reader.execute(`begin; lock autor in row share mode; prepare transaction '${PREPARED}'`)
  await reader.execute('begin; select from libro')
  const refused = await schemactl(folder, ['apply'])
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('Nothing was done.') })
  for (const line of IN_THE_WAY) expect(refused.stderr).toMatch(line)
  expect(refused.stderr).toMatch(
    /these may keep it waiting:\n.*process \d+ \(.*idle in transaction for .*\) holds AccessShareLock on public\.libro/,
  )
  expect(refused.stderr).toContain(`the prepared transaction ${PREPARED} of `)
  await reader.execute('rollback')
  await reader.execute(`rollback prepared '${PREPARED}'`)
  await reader.close()
  expect(await schemactl(folder, ['history'])).toMatchObject({ stdout: 'No plan was ever applied to this database.\n' })

  await query(
    url,
    `update autor set "Correo" = 'b@x' where id = 2; update libro set autor = null, título = 't', páginas = '1', precio = 1, estado = 'nuevo', corto = 'c', código = id`,
  )
  expect(await schemactl(folder, ['apply'])).toMatchObject({ code: 0 })
  expect(await schemactl(folder, ['plan', '--detailed-exitcode'])).toMatchObject({ code: 0 })
  await dropDatabase(url)
})

test('a plan over an empty or a new table asks nothing that is in the way', async () => {
  const url = await createDatabase(server)
  await query(url, 'create table t (a int, b text)')
  const folder = folderWith({
    'schemactl.yaml': `url: ${url}\n`,
    'schema/a.sql': `create table t (a int primary key, b int check (b > 0), c int not null); create table u (t int references t, unique (t));`,
  })
  const { stdout } = await schemactl(folder, ['plan', '--json', '--allow', 'all'])
  expect(JSON.parse(stdout)).toMatchObject({ preflight: { findings: [], bystanders: [] } })
  await query(url, 'insert into t values (1), (1)')
  expect((await schemactl(folder, ['apply'])).stderr).toContain('2 rows of table public.t sharing their a with another')
  const tried = await schemactl(folder, ['apply', '--no-preflight'])
  expect(tried.stderr).toContain('segment 1 of')
  expect(tried.stderr).toContain('Mend the rows that it names and run schemactl apply again, or plan anew')
  await dropDatabase(url)
})

test('a column whose new type comes with its schema is no question to the rows', async () => {
  const url = await createDatabase(server)
  await query(url, `create table k (x text default 'a'); insert into k values ('a')`)
  const files = `create schema s; create type s.e as enum ('a'); create table k (x s.e default 'a');`
  const folder = folderWith({ 'schemactl.yaml': `url: ${url}\n`, 'schema/a.sql': files })
  expect(await schemactl(folder, ['plan', '-m', 'label', '--allow', 'all'])).toMatchObject({ code: 0 })
  expect(await schemactl(folder, ['apply'])).toMatchObject({ code: 0 })
  await dropDatabase(url)
})

test('keys and checks that heirs do not inherit are asked of the table itself, and not of its heirs', async () => {
  const url = await createDatabase(server)
  await query(
    url,
    `create table note (id int, ref int); create table note_of_book (primary key (id)) inherits (note); create table book (id int primary key);
     create table edition () inherits (book);
     insert into note_of_book values (1, 1), (2, 2); insert into note values (2, 1); insert into book values (1); insert into edition values (9)`,
  )
  const files = (extra: string) =>
    `create table note (id int, ref int, ${extra} unique (id), constraint small_ref check (ref < 2) no inherit, foreign key (ref) references book);
     create table note_of_book (primary key (id)) inherits (note); create table book (id int primary key); create table edition () inherits (book);`
  const folder = folderWith({ 'schemactl.yaml': `url: ${url}\n`, 'schema/a.sql': files('') })
  const planned = await schemactl(folder, ['plan', '-m', 'own rows', '--json'])
  expect(JSON.parse(planned.stdout)).toMatchObject({ preflight: { findings: [] } })
  expect(await schemactl(folder, ['apply'])).toMatchObject({ code: 0 })

  // The rows of what inherits from the other table are no rows that one could refer to.
  await query(
    url,
    'alter table note drop constraint note_ref_fkey; alter table note drop constraint small_ref; update only note set ref = 9',
  )
  expect((await schemactl(folder, ['plan', '--no-out'])).stdout).toContain(
    '1 row of table public.note referring to no row of public.book: row (0,2)',
  )
  await dropDatabase(url)
})

test('rows are asked for values that a domain is to refuse', async () => {
  const url = await createDatabase(server)
  const tables = `create table item (id int primary key, size size, "VALUE" size); create table small () inherits (item);`
  await query(
    url,
    `create domain size as int; ${tables} insert into item values (1, 1, null), (2, -2, 5); insert into small values (3, -3, 0)`,
  )
  const folder = folderWith({
    'schemactl.yaml': `url: ${url}\n`,
    'schema/a.sql': `create domain size as int not null constraint positive check (value > 0 and 'VALUE' <> ''); ${tables}`,
  })
  const { stdout } = await schemactl(folder, ['plan', '-m', 'positive', '--allow', 'all'])
  for (const line of [
    /: 2 rows of table public\.item with a size not satisfying positive: id 2; id 3$/m,
    /: 1 row of table public\.item with a VALUE not satisfying positive: id 3$/m,
    /: 1 row of table public\.item with no VALUE: id 1$/m,
  ])
    expect(stdout).toMatch(line)
  expect(stdout.match(/: \d+ rows? of table/g)).toHaveLength(3)
  await dropDatabase(url)
})

test('rows of a table that becomes a partition are asked whether its bounds take them', async () => {
  const url = await createDatabase(server)
  const whole = 'create table log (id int, "at" int) partition by range ("at");'
  await query(url, `${whole} create table log_1 (id int primary key, "at" int); insert into log_1 values (1, 5), (2, 10), (3, null)`)
  const folder = folderWith({
    'schemactl.yaml': `url: ${url}\n`,
    'schema/a.sql': `${whole} create table log_1 (id int primary key, "at" int); alter table log attach partition log_1 for values from (1) to (10);`,
  })
  expect((await schemactl(folder, ['plan', '-m', 'attach', '--allow', 'all'])).stdout).toMatch(
    /2 rows of table public\.log_1 that public\.log does not take there \(FOR VALUES FROM \(1\) TO \(10\)\): id 2; id 3$/m,
  )
  await query(url, 'delete from log_1 where id > 1')
  expect(await schemactl(folder, ['apply'])).toMatchObject({ code: 0 })
  await dropDatabase(url)
})

test('rows are asked with the values that new columns will have in them', async () => {
  const url = await createDatabase(server)
  await query(
    url,
    `create table book (id int primary key); insert into book select generate_series(1, 3); create table shelf (id int); create domain twenty as bytea check (length(value) = 20)`,
  )
  const folder = folderWith({
    'schemactl.yaml': `url: ${url}\n`,
    'schema/a.sql': `
      create domain twenty as bytea check (length(value) = 20);
      create table shelf (id int primary key);
      create table author (id int primary key);
      create table book (id int primary key, slug text not null unique, shelf int not null default 7 references shelf, author smallint default (-1) references author,
        pages int not null check (pages > id), place int references shelf unique, code uuid default gen_random_uuid() unique, kind varchar(5) default 'novel', hash twenty default '\\x00' unique, number int generated always as identity unique,
        unique (kind, number), unique (kind, place));`,
  })
  await schemactl(folder, ['plan', '-m', 'more', '--allow', 'fill'])
  const { code, stderr } = await schemactl(folder, ['apply'])
  expect(code).toBe(1)
  for (const line of [
    /book_check: 3 rows of table public\.book not satisfying book_check, as pages is new and 0 in all rows: id 1; id 2; id 3$/m,
    /book_shelf_fkey: 3 rows of table public\.book referring to no row of public\.shelf, as shelf is new and 7 in all rows: id 1; id 2; id 3$/m,
    /book_author_fkey: 3 rows of table public\.book referring to no row of public\.author, which is new, as author is new and '-1' in all rows: id 1; id 2; id 3$/m,
  ])
    expect(stderr).toMatch(line)
  expect(stderr.match(/^ {2}.*: \d+ rows? of table/gm)).toHaveLength(3)
  expect(stderr).toContain('a step that mends them (schemactl new)')
  await dropDatabase(url)
})

test('and whether the bounds of all that it will be in take them, and a value that it is yet to get', async () => {
  const url = await createDatabase(server)
  const whole = `create table log (a int, b int) partition by range (a, b); create table log_1 (a int, b int) partition by range (b);
    create table tag (id int, kind text) partition by list (kind);`
  await query(
    url,
    `${whole} create table log_1_1 (a int, b int); insert into log_1_1 values (1, 2), (0, 3); create table tag_x (id int); insert into tag_x values (7)`,
  )
  const folder = folderWith({
    'schemactl.yaml': `url: ${url}\n`,
    'schema/a.sql': `${whole} create table log_1_1 (a int, b int); create table tag_x (id int, kind text);
      alter table log attach partition log_1 for values from (1, 2) to (1, 10);
      alter table log_1 attach partition log_1_1 for values from (2) to (5);
      alter table tag attach partition tag_x for values in ('x');`,
  })
  const { stdout } = await schemactl(folder, ['plan', '-m', 'attach', '--allow', 'all'])
  expect(stdout).toMatch(
    /1 row of table public\.log_1_1 that public\.log_1 does not take there \(FOR VALUES FROM \(2\) TO \(5\)\): row \(0,2\)$/m,
  )
  expect(stdout).toMatch(/1 row of table public\.tag_x that public\.tag does not take there \(FOR VALUES IN \('x'\)\): row \(0,1\)$/m)
  await dropDatabase(url)
})
