import { visible } from '../catalog/id.js'
import { meantBy } from '../config/nearest.js'
import { messageOf } from '../errors.js'
import { recordOf } from '../source/data/record.js'
import { type DataFile, type DataRow, SourceError } from '../source/read.js'
import { quoteIdentifier, quoteLiteral, quoteName } from '../sql/quote.js'
import { PINNED_SETTINGS } from './introspect.js'
import { type Copied, type ForeignKey, foreignKeysOf, type Orphan, orphansIn } from './row-references.js'
import { type ColumnType, type RowColumn, textOf } from './row-text.js'
import type { Session } from './session.js'

/** A row as PostgreSQL spells it; columns that the file says nothing of are absent. */
export interface RowText {
  readonly [column: string]: string | null
}

/** The rows that the files declare of one table, as a database with the files' schema reads them. */
export interface WantedRows {
  readonly table: readonly [schema: string, name: string]
  readonly key: readonly string[]
  /** Other columns, or sets of them, that no two rows may share. */
  readonly unique: readonly (readonly string[])[]
  /** Rows that are not declared are deleted. */
  readonly delete: boolean
  /** All that any row gives a value for. */
  readonly columns: readonly RowColumn[]
  readonly rows: readonly RowText[]
  /** `schema/data/public.paises.yaml:3` of the first row, or of the file. */
  readonly source: string
  /** A key is given for a GENERATED ALWAYS column. */
  readonly overriding: boolean
  /** A constraint on it can be checked at COMMIT. */
  readonly deferrable: boolean
  /** Foreign keys of the table, with the rows that need one of the live table of the parent. */
  readonly references: readonly (ForeignKey & { readonly orphans: readonly Orphan[] })[]
}

/** As read, before it is known what its rows refer to. */
interface Read extends Copied {
  readonly rows: Omit<WantedRows, 'references'>
  readonly places: readonly string[]
  readonly parents: readonly string[]
}

interface Facts {
  readonly columns: ReadonlyMap<string, ColumnType & RowColumn & { readonly generated: boolean; readonly identity: string }>
  readonly primary: readonly string[] | null
  readonly unique: readonly (readonly string[])[]
  readonly parents: readonly string[]
  readonly deferrable: boolean
}

/**
 * Reads declared rows through PostgreSQL, in the open transaction of a shadow that the files were loaded into: into a temporary copy of
 * each table, with its checks and keys, and out again. Parents come before what refers to them. Throws SourceError with file and line.
 */
export async function loadRows(session: Session, data: readonly DataFile[], home: string): Promise<WantedRows[]> {
  const groups = new Map<string, { readonly table: readonly [string, string]; readonly files: DataFile[] }>()
  for (const file of data) {
    const [schema = '', name] = file.table
    const table = name === undefined ? ([home, schema] as const) : ([schema, name] as const)
    const group = groups.get(table.join('\0')) ?? { table, files: [] }
    group.files.push(file)
    groups.set(table.join('\0'), group)
  }
  await session.execute(`savepoint schemactl_rows; ${PINNED_SETTINGS}`)
  const found: Read[] = []
  for (const { table, files } of groups.values()) {
    const facts = await factsOf(session, table)
    if (facts === null)
      throw refuse(files[0], 1, `there is no table ${table.join('.')} in the schema files`, 'name the file as the table, or say table:')
    found.push({ ...(await wantedOf(session, { table, files, facts, number: found.length })), parents: facts.parents })
  }
  const referring = await withReferences(session, found)
  await session.execute('rollback to savepoint schemactl_rows; release savepoint schemactl_rows')
  return parentsFirst(referring)
}

async function wantedOf(
  session: Session,
  {
    table,
    files,
    facts,
    number,
  }: { readonly table: readonly [string, string]; readonly files: readonly DataFile[]; readonly facts: Facts; readonly number: number },
): Promise<Omit<Read, 'parents'>> {
  const key = keyOf(files, table, facts)
  const rows = files.flatMap((file) => file.rows.map((row) => ({ file, row })))
  const texts = rows.map(({ file, row }) => rowText(file, row, key, facts))
  const names = [...new Set([...key, ...texts.flatMap((text) => Object.keys(text))])]
  const columns = names.flatMap((name) => facts.columns.get(name) ?? [])
  const [first] = rows
  const copy = `schemactl_rows_${number}`
  const read = await throughCopy(session, { table, copy, columns }, rows, texts)
  const places = rows.map(({ file, row }) => `${file.file}:${row.line}`)
  return {
    table,
    copy: rows.length === 0 ? null : quoteName('pg_temp', copy),
    places,
    rows: {
      table,
      key,
      unique: facts.unique.filter((names) => names.length !== key.length || !names.every((name) => key.includes(name))),
      delete: files.some((file) => file.delete),
      columns: columns.map(({ name, type, comparable }) => ({ name, type, comparable })),
      rows: read,
      source: first ? `${first.file.file}:${first.row.line}` : `${files[0]?.file}:1`,
      overriding: columns.some(({ identity }) => identity === 'a'),
      deferrable: facts.deferrable,
    },
  }
}

/** Throws where a row refers to one of a table that holds declared rows alone, and there is none. */
async function withReferences(session: Session, found: readonly Read[]): Promise<{ rows: WantedRows; parents: readonly string[] }[]> {
  const nameOf = ([schema, name]: Copied['table']) => JSON.stringify([schema, name])
  const tables = new Map(found.map((read) => [nameOf(read.table), read]))
  const keys = await foreignKeysOf(
    session,
    found.map(({ table }) => table),
  )
  const referring: { rows: WantedRows; parents: readonly string[] }[] = []
  for (const read of found) {
    const references: WantedRows['references'][number][] = []
    for (const key of keys.filter(({ child }) => nameOf(child) === nameOf(read.table))) {
      const parent = tables.get(nameOf(key.parent))
      const orphans = (await orphansIn(session, read, key, parent)).flatMap(({ i, values }) => orphanOf(read, key, i, values))
      if (parent?.rows.delete && orphans[0]) throw refersToNothing(orphans[0], key)
      references.push({ ...key, orphans })
    }
    referring.push({ rows: { ...read.rows, references }, parents: read.parents })
  }
  return referring
}

/** None where the file leaves a column to its default: the live row may hold another value. */
function orphanOf({ rows: { rows, key }, places }: Read, { columns }: ForeignKey, i: number, values: readonly string[]): Orphan[] {
  const row = rows[i]
  const place = places[i]
  if (row === undefined || place === undefined || !columns.every((name) => name in row)) return []
  const shown = [...new Set([...key, ...columns])].map((name) => visible(`${name} ${row[name]}`))
  return [{ place, row: shown.join(', '), values, declared: i }]
}

function refersToNothing({ place, row }: Orphan, { constraint, parent }: ForeignKey): SourceError {
  const [, file = place, line = '1'] = /^(.*):(\d+)$/s.exec(place) ?? []
  return refuse(
    { file },
    Number(line),
    `the row ${row} refers to no row of ${parent.join('.')} (constraint ${constraint}), whose files declare all rows that it is to hold`,
    `declare that row of ${parent.join('.')}, or correct this one`,
  )
}

function keyOf(files: readonly DataFile[], table: readonly string[], { primary, unique, columns }: Facts): readonly string[] {
  const said = files.find((file) => file.key !== null)
  const key = said?.key ?? primary
  if (key === null)
    throw refuse(
      files[0],
      1,
      `${table.join('.')} has no primary key to tell rows apart by`,
      'give it one; or name the columns of a unique key in a YAML file of the table, under key:',
    )
  const missing = key.find((name) => !columns.has(name))
  if (missing !== undefined) throw refuse(said, 1, `${table.join('.')} has no column ${missing}`, 'correct key:')
  if (!unique.some((names) => names.length === key.length && names.every((name) => key.includes(name))))
    throw refuse(said, 1, `nothing keeps ${key.join(', ')} unique in ${table.join('.')}`, 'add a unique constraint, or correct key:')
  return key
}

function rowText(file: DataFile, { line, cells }: DataRow, key: readonly string[], { columns }: Facts): RowText {
  const text = Object.entries(cells).map(([name, cell]) => {
    const column = columns.get(name)
    if (!column) throw refuse(file, line, `the table has no column ${name}`, meantBy(name, [...columns.keys()], 'it has'))
    if (column.generated) throw refuse(file, line, `${name} is a generated column`, 'leave it out: PostgreSQL computes it')
    const value = textOf(cell, column)
    if (value === null)
      throw refuse(
        file,
        line,
        `a ${Array.isArray(cell) ? 'list' : 'mapping'} is no value of ${name}, which is ${column.type}`,
        'write it as a text',
      )
    return [name, value.text] as const
  })
  const row = recordOf(text)
  const absent = key.find((name) => (row[name] ?? null) === null)
  if (absent !== undefined) throw refuse(file, line, `the row has no ${absent}, by which rows are told apart`, null)
  return row
}

/** How many rows one statement takes. */
const BATCH = 500

/** The copy is left under its name, with the rows in their order. */
async function throughCopy(
  session: Session,
  {
    table,
    copy: name,
    columns,
  }: { readonly table: readonly [string, string]; readonly copy: string; readonly columns: readonly RowColumn[] },
  rows: readonly { readonly file: DataFile; readonly row: DataRow }[],
  texts: readonly RowText[],
): Promise<RowText[]> {
  if (rows.length === 0) return []
  const copy = quoteName('pg_temp', table[1])
  const all = 'including defaults including identity including generated including constraints including indexes'
  await session.execute(`create temporary table ${quoteIdentifier(table[1])} (like ${quoteName(...table)} ${all})`)
  for (let from = 0; from < rows.length; from += BATCH) {
    const batch = texts.slice(from, from + BATCH).map((row) => insertRow(copy, row))
    if (await tried(session, batch.join(';\n')).then((error) => error === null)) continue
    for (const [i, sql] of batch.entries()) {
      const error = await tried(session, sql)
      const at = rows[from + i]
      if (error !== null && at) throw refuse(at.file, at.row.line, refusalOf(error), 'mend this row, or what the schema files ask of it')
    }
  }
  const list = columns.map((column) => `${quoteIdentifier(column.name)}::text`).join(', ')
  // Rows of a table that was only inserted into lie in that order.
  const read = await session.query<{ row: (string | null)[] }>(`select array[${list}] as row from ${copy} order by ctid`)
  await session.execute(`alter table ${copy} rename to ${quoteIdentifier(name)}`)
  return read.map(({ row }, i) =>
    recordOf(columns.flatMap((column, j) => (column.name in (texts[i] ?? {}) ? [[column.name, row[j] ?? null] as const] : []))),
  )
}

/** PostgreSQL's words: its detail says which value it is. */
function refusalOf(error: unknown): string {
  const { detail } = error as { readonly detail?: string }
  return `${messageOf(error)}${detail ? ` (${detail.replace(/\.$/, '')})` : ''}`
}

/** `into` is a quoted name. */
export function insertRow(into: string, row: RowText): string {
  const names = Object.keys(row).map(quoteIdentifier).join(', ')
  const values = Object.values(row).map((value) => (value === null ? 'null' : quoteLiteral(value)))
  return `insert into ${into} (${names}) overriding system value values (${values.join(', ')})`
}

async function tried(session: Session, sql: string): Promise<unknown> {
  try {
    await session.execute(`savepoint schemactl_row;\n${sql}\n;release savepoint schemactl_row`)
    return null
  } catch (error) {
    await session.execute('rollback to savepoint schemactl_row; release savepoint schemactl_row')
    return error
  }
}

async function factsOf(session: Session, table: readonly [string, string]): Promise<Facts | null> {
  const [row] = await session.query<{ facts: string }>(FACTS, [...table])
  if (!row) return null
  const { columns, keys, parents, deferrable } = JSON.parse(row.facts) as {
    columns: (ColumnType & RowColumn & { generated: boolean; identity: string })[] | null
    keys: { names: string[]; primary: boolean }[] | null
    parents: string[] | null
    deferrable: boolean | null
  }
  return {
    columns: new Map((columns ?? []).map((column) => [column.name, column])),
    primary: keys?.find(({ primary }) => primary)?.names ?? null,
    unique: keys?.map(({ names }) => names) ?? [],
    parents: parents ?? [],
    deferrable: deferrable ?? false,
  }
}

const FACTS = `
select pg_catalog.json_build_object(
  'columns', (
    select pg_catalog.json_agg(pg_catalog.json_build_object(
      'name', a.attname, 'type', pg_catalog.format_type(a.atttypid, a.atttypmod), 'generated', a.attgenerated <> '', 'identity', a.attidentity,
      'base', b.typname, 'isArray', b.typcategory = 'A',
      'comparable', exists (select from pg_catalog.pg_operator o
        where o.oprname = '=' and o.oprleft = e.oid and o.oprright = o.oprleft) or e.typtype in ('e', 'r', 'm')
      ) order by a.attnum)
    from pg_catalog.pg_attribute a
    join pg_catalog.pg_type t on t.oid = a.atttypid
    join pg_catalog.pg_type b on b.oid = coalesce(nullif(t.typbasetype, 0), t.oid)
    join pg_catalog.pg_type e on e.oid = case b.typcategory when 'A' then b.typelem else b.oid end
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
  'keys', (
    select pg_catalog.json_agg(pg_catalog.json_build_object('primary', i.indisprimary, 'names',
      (select pg_catalog.json_agg(a.attname order by k.n)
       from pg_catalog.unnest(i.indkey::int2[]) with ordinality as k(attnum, n)
       join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum where k.n <= i.indnkeyatts)) order by i.indisprimary desc, i.indexrelid)
    from pg_catalog.pg_index i
    where i.indrelid = c.oid and i.indisunique and i.indpred is null and i.indexprs is null),
  'parents', (
    select pg_catalog.json_agg(distinct pn.nspname || E'\\x01' || p.relname)
    from pg_catalog.pg_constraint f
    join pg_catalog.pg_class p on p.oid = f.confrelid join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
    where f.contype = 'f' and f.conrelid = c.oid and f.confrelid <> c.oid),
  'deferrable', (select pg_catalog.bool_or(k.condeferrable) from pg_catalog.pg_constraint k where c.oid in (k.conrelid, k.confrelid))
)::text as facts
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p')`

/** By foreign keys, then by name; where they go in circles, by name. */
function parentsFirst(found: readonly { readonly rows: WantedRows; readonly parents: readonly string[] }[]): WantedRows[] {
  const nameOf = ({ rows }: (typeof found)[number]) => rows.table.join('\x01')
  const left = [...found].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
  const result: WantedRows[] = []
  while (left.length > 0) {
    const waiting = new Set(left.map(nameOf))
    const next = Math.max(
      0,
      left.findIndex(({ parents }) => !parents.some((parent) => waiting.has(parent))),
    )
    result.push(...left.splice(next, 1).map(({ rows }) => rows))
  }
  return result
}

function refuse(file: Pick<DataFile, 'file'> | undefined, line: number, message: string, hint: string | null): SourceError {
  return new SourceError([{ file: file?.file ?? '', line, column: 1, message, hint, excerpt: '' }])
}
