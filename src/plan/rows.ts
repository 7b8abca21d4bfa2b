import type { Catalog, CatalogObject } from '../catalog/catalog.js'
import { idOf } from '../catalog/id.js'
import { DatabaseError } from '../postgres/database-error.js'
import type { Session } from '../postgres/session.js'
import { isQualified, quoteIdentifier, quoteName } from '../sql/quote.js'

export interface SeededRows {
  readonly inserted: { readonly [table: string]: number }
  readonly caveats: readonly string[]
}

interface ColumnRow {
  readonly name: string
  readonly type: string
  readonly base: string
  readonly typtype: string
  readonly label: string | null
  readonly notNull: boolean
  readonly filled: boolean
}

/**
 * Puts one synthetic row into every table of the replica, foreign keys and triggers aside; the same values everywhere, so that most
 * foreign keys hold. A table whose
 * CHECKs no simple value meets stays empty, and the plan says so.
 */
export async function seedRows(session: Session, replica: Catalog, tables = seedable(replica)): Promise<SeededRows> {
  const inserted: Record<string, number> = {}
  const caveats: string[] = []
  for (const table of tables) {
    const name = quoteName(...table.id.path)
    if (await insertRow(session, table.id.path)) inserted[table.id.path.join('.')] = 1
    else caveats.push(`rehearsed without rows in ${name}: no simple value satisfies its constraints`)
  }
  for (const name of await orphans(session)) {
    await session.execute(
      `set session_replication_role = replica; delete from ${quoteName(...name)}; set session_replication_role = origin`,
    )
    delete inserted[name.join('.')]
  }
  return { inserted, caveats }
}

interface Reference {
  readonly from: readonly string[]
  readonly to: readonly string[]
}

/** Tables whose row refers to a table that has none: no real database is so, and no foreign key could be made again. */
async function orphans(session: Session): Promise<readonly (readonly string[])[]> {
  const references = await session.query<Reference>(
    `select distinct array[fn.nspname, f.relname]::text[] as from, array[tn.nspname, t.relname]::text[] as to
     from pg_catalog.pg_constraint k
     join pg_catalog.pg_class f on f.oid = k.conrelid join pg_catalog.pg_namespace fn on fn.oid = f.relnamespace
     join pg_catalog.pg_class t on t.oid = k.confrelid join pg_catalog.pg_namespace tn on tn.oid = t.relnamespace
     where k.contype = 'f' and k.conparentid = 0 order by 1, 2`,
  )
  const empty = new Set<string>()
  for (const { to } of references) if (!(await hasRow(session, to))) empty.add(to.join('.'))
  const found: (readonly string[])[] = []
  const next = () => references.find(({ from, to }) => empty.has(to.join('.')) && !empty.has(from.join('.')))
  for (let orphan = next(); orphan; orphan = next()) {
    empty.add(orphan.from.join('.'))
    found.push(orphan.from)
  }
  return found
}

async function hasRow(session: Session, path: readonly string[]): Promise<boolean> {
  const rows = await session.query(`select from ${quoteName(...path)} limit 1`)
  return rows.length > 0
}

/** Plain tables: what can be inserted into by itself. */
export function seedable(replica: Catalog): CatalogObject[] {
  return [...replica.objects.values()].filter(
    (object) => object.definition.partitionKey === null && object.definition.isPartition === false,
  )
}

async function insertRow(session: Session, path: readonly string[]): Promise<boolean> {
  const columns = await session.query<ColumnRow>(
    `select a.attname::text as name, pg_catalog.format_type(a.atttypid, a.atttypmod) as type,
            pg_catalog.format_type(coalesce(nullif(t.typbasetype, 0), t.oid), null) as base, coalesce(b.typtype, t.typtype)::text as typtype,
            (select e.enumlabel::text from pg_catalog.pg_enum e where e.enumtypid = coalesce(b.oid, t.oid) order by e.enumsortorder limit 1) as label,
            a.attnotnull as "notNull",
            (a.atthasdef or a.attidentity <> '' or a.attgenerated <> '') as filled
     from pg_catalog.pg_attribute a
     join pg_catalog.pg_type t on t.oid = a.atttypid
     left join pg_catalog.pg_type b on b.oid = nullif(t.typbasetype, 0)
     where a.attrelid = $1::pg_catalog.regclass and a.attnum > 0 and not a.attisdropped
     order by a.attnum`,
    [quoteName(...path)],
  )
  const given = columns.filter((column) => !column.filled)
  const full = given.map((column) => sample(column) ?? (column.notNull ? "''" : 'null'))
  const sparse = given.map((column, i) => (column.notNull ? (full[i] ?? 'null') : 'null'))
  const checks = await checksOf(session, path)
  for (const values of [full, sparse]) if (await insertChecked(session, path, given, values, checks)) return true
  return false
}

interface Check {
  readonly name: string
  readonly columns: readonly string[]
  readonly definition: string
}

/** Those of the table, and those of the domains of its columns. */
function checksOf(session: Session, path: readonly string[]): Promise<Check[]> {
  return session.query<Check>(
    `select k.conname::text as name, pg_catalog.pg_get_constraintdef(k.oid) as definition,
            array(select a.attname from pg_catalog.pg_attribute a
                  where a.attrelid = $1::pg_catalog.regclass and a.attnum > 0
                    and (a.attnum = any (k.conkey) or a.atttypid = k.contypid))::text[] as columns
     from pg_catalog.pg_constraint k
     where k.contype = 'c' and (k.conrelid = $1::pg_catalog.regclass
       or k.contypid in (select a.atttypid from pg_catalog.pg_attribute a where a.attrelid = $1::pg_catalog.regclass and a.atttypid > 0))
     order by 1`,
    [quoteName(...path)],
  )
}

/** How many rows are tried before a table stays empty. */
const TRIES = 100

/** Tries other values for the columns of the CHECK that refuses the row, first of all those that the CHECK itself names. */
async function insertChecked(
  session: Session,
  path: readonly string[],
  columns: readonly ColumnRow[],
  first: readonly string[],
  checks: readonly Check[],
): Promise<boolean> {
  const values = [...first]
  const searches = new Map<string, Generator<readonly (readonly [index: number, value: string])[]>>()
  for (let tries = 0; tries < TRIES; tries++) {
    const refused = await tryInsert(session, insertOf(path, columns, values))
    if (refused === null) return true
    const check = checks.find(({ name }) => name === refused)
    if (!check) return false
    const search = searches.get(check.name) ?? combinations(columns, check)
    searches.set(check.name, search)
    const next = search.next()
    if (next.done) return false
    for (const [index, value] of next.value) values[index] = value
  }
  return false
}

function insertOf(path: readonly string[], columns: readonly ColumnRow[], values: readonly string[]): string {
  return columns.length === 0
    ? `insert into ${quoteName(...path)} default values`
    : `insert into ${quoteName(...path)} (${columns.map((c) => quoteIdentifier(c.name)).join(', ')}) values (${values.join(', ')})`
}

function* combinations(columns: readonly ColumnRow[], check: Check): Generator<readonly (readonly [number, string])[]> {
  const indexes = columns.flatMap((column, i) => (check.columns.includes(column.name) ? [i] : []))
  const choices = indexes.map((i) => candidates(columns[i], check.definition))
  const total = choices.reduce((product, list) => product * list.length, indexes.length === 0 ? 0 : 1)
  for (let n = 0; n < Math.min(total, TRIES); n++) {
    let rest = n
    yield indexes.map((index, i) => {
      const list = choices[i] ?? []
      const value = list[rest % list.length] ?? 'null'
      rest = Math.floor(rest / list.length)
      return [index, value] as const
    })
  }
}

/** Literals of the CHECK and their neighbours, then values of common shapes. */
function candidates(column: ColumnRow | undefined, definition: string): string[] {
  const strings = [...definition.matchAll(/'((?:[^']|'')*)'/g)].map(([text]) => text)
  const numbers = [...definition.matchAll(/(?<![\w'.])-?\d+(?:\.\d+)?/g)].map(([text]) => Number(text))
  const near = numbers.flatMap((n) => [n, n + 1, n - 1]).map((n) => `'${n}'`)
  const long = numbers.filter((n) => n > 0 && n < 1000 && Number.isInteger(n)).map((n) => `'${'a'.repeat(n)}'`)
  const shapes = column && /^(text|character|name|citext)/.test(column.base) ? SHAPES : []
  const nothing = column?.notNull ? [] : ['null']
  return [...new Set([...strings, ...near, ...(shapes.length > 0 ? long : []), ...shapes, ...nothing])]
}

const SHAPES = [`'a'`, `'abc'`, `'AB'`, `'ABC'`, `'a@example.com'`, `'https://example.com'`, `'abcdefghijkl'`, `'+4912345678'`, `'#aabbcc'`]

/** Null where it worked, else the name of the constraint that refused it, or an empty text. */
async function tryInsert(session: Session, sql: string): Promise<string | null> {
  await session.execute('begin')
  try {
    await session.execute(`set local session_replication_role = replica; ${sql}`)
    await session.execute('commit')
    return null
  } catch (error) {
    await session.execute('rollback')
    return error instanceof DatabaseError ? (error.constraint ?? '') : ''
  }
}

/** A value that most columns of the type take, as SQL; null where there is none to guess. */
function sample({ type, base, typtype, label }: ColumnRow): string | null {
  if (typtype === 'e') return label === null ? null : `'${label.replaceAll("'", "''")}'`
  if (base.endsWith('[]')) return `'{}'`
  const vector = /\b(?:half)?vec(?:tor)?\((\d+)\)$/.exec(type)
  if (vector) return `'[${Array(Number(vector[1])).fill('0.1').join(',')}]'`
  if (isQualified(base)) return typtype === 'r' ? `'empty'` : null
  if (/^(smallint|integer|bigint|numeric|real|double precision|money|oid)\b/.test(base)) return '1'
  if (base === 'boolean') return 'true'
  if (/^(text|character|"char"|name|citext|bytea)/.test(base)) return `'1'`
  if (/^(timestamp|date)/.test(base)) return `'2020-01-01'`
  if (base.startsWith('time')) return `'01:00'`
  if (base === 'interval') return `'1 day'`
  if (base === 'uuid') return `'00000000-0000-0000-0000-000000000001'`
  if (base === 'json' || base === 'jsonb') return `'{}'`
  if (base === 'inet' || base === 'cidr') return `'10.0.0.1'`
  if (base.startsWith('bit')) return null
  return base.endsWith('range') ? `'empty'` : null
}

/** What the rows of every plain table come to, by its name. */
export async function rowDigests(session: Session, replica: Catalog): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>()
  for (const { id } of seedable(replica)) {
    const name = quoteName(...id.path)
    const [row] = await session.query<{ digest: string | null }>(
      // As JSON, which does not tell the order of columns: one that was dropped comes back as the last.
      `select pg_catalog.md5(pg_catalog.string_agg(row, e'\\n' order by row collate "C")) as digest
       from (select pg_catalog.to_jsonb(t)::text as row from only ${name} as t) as rows`,
    )
    digests.set(name, row?.digest ?? '')
  }
  return digests
}

/** What is in these tables and columns, each as one text. */
export async function valueDigests(
  session: Session,
  objects: readonly { readonly object: string }[],
): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>()
  for (const { object } of objects) {
    const { path } = idOf(object)
    const value = path[2] === undefined ? 't' : `t.${quoteIdentifier(path[2])}`
    const [row] = await session.query<{ digest: string | null }>(
      `select pg_catalog.md5(pg_catalog.string_agg(v, e'\\n' order by v collate "C")) as digest
       from (select ${value}::text as v from only ${quoteName(path[0] ?? '', path[1] ?? '')} as t) x`,
    )
    digests.set(object, row?.digest ?? '')
  }
  return digests
}
