import type { Catalog, CatalogObject } from '../catalog/catalog.js'
import type { Session } from '../postgres/session.js'
import { quoteIdentifier, quoteName } from '../sql/quote.js'

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
export async function seedRows(session: Session, replica: Catalog): Promise<SeededRows> {
  const inserted: Record<string, number> = {}
  const caveats: string[] = []
  for (const table of tablesOf(replica)) {
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
function tablesOf(replica: Catalog): CatalogObject[] {
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
  const values = given.map(sample)
  const full = given.map((column, i) => (values[i] === null && column.notNull ? "''" : (values[i] ?? 'null')))
  const sparse = given.map((column, i) => (column.notNull ? (full[i] ?? 'null') : 'null'))
  for (const list of [full, sparse]) {
    const sql =
      given.length === 0
        ? `insert into ${quoteName(...path)} default values`
        : `insert into ${quoteName(...path)} (${given.map((c) => quoteIdentifier(c.name)).join(', ')}) values (${list.join(', ')})`
    if (await tryInsert(session, sql)) return true
  }
  return false
}

async function tryInsert(session: Session, sql: string): Promise<boolean> {
  await session.execute('begin')
  try {
    await session.execute(`set local session_replication_role = replica; ${sql}`)
    await session.execute('commit')
    return true
  } catch {
    await session.execute('rollback')
    return false
  }
}

/** A value that most columns of the type take, as SQL; null where there is none to guess. */
function sample({ type, base, typtype, label }: ColumnRow): string | null {
  if (typtype === 'e') return label === null ? null : `'${label.replaceAll("'", "''")}'`
  if (base.endsWith('[]')) return `'{}'`
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
  if (base.endsWith('range')) return `'empty'`
  const vector = /\b(?:half)?vec(?:tor)?\((\d+)\)$/.exec(type)
  return vector ? `'[${Array(Number(vector[1])).fill('0.1').join(',')}]'` : null
}

/** What the rows of every plain table come to, by its name. */
export async function rowDigests(session: Session, replica: Catalog): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>()
  for (const { id } of tablesOf(replica)) {
    const name = quoteName(...id.path)
    const [row] = await session.query<{ digest: string | null }>(
      `select pg_catalog.md5(pg_catalog.string_agg(t::text, e'\\n' order by t::text collate "C")) as digest from only ${name} as t`,
    )
    digests.set(name, row?.digest ?? '')
  }
  return digests
}
