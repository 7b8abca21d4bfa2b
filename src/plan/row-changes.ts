import { digest } from '../catalog/canonical.js'
import { PINNED_SETTINGS } from '../postgres/introspect.js'
import type { RowText, WantedRows } from '../postgres/load-rows.js'
import type { RowColumn } from '../postgres/row-text.js'
import type { Session } from '../postgres/session.js'
import { recordOf } from '../source/data/record.js'
import { quoteIdentifier, quoteName } from '../sql/quote.js'
import { reading } from './unreadable.js'

export interface RowUpdate {
  readonly key: RowText
  /** Of the columns that differ alone. */
  readonly after: RowText
  /** Values that there are to come back to: of those columns that the live table has. */
  readonly before: RowText
  /** The whole row as it is. */
  readonly live: RowText
}

/** What brings the rows of one table to what the files declare. */
export interface RowChanges {
  readonly wanted: WantedRows
  readonly inserts: readonly RowText[]
  readonly updates: readonly RowUpdate[]
  /** Whole live rows, as far as columns stay. */
  readonly deletes: readonly RowText[]
  /** Columns of the live table that the new one has too, with its types. */
  readonly columns: readonly RowColumn[]
  /** Those whose type stays: what they hold can be compared on the way. */
  readonly steady: ReadonlySet<string>
}

/** The table as it is now, which the plan may rename or retype before the rows are changed. */
export interface LiveTable {
  readonly path: readonly string[]
  /** Name that the files use → name now. */
  readonly columns: ReadonlyMap<string, string>
}

interface LiveColumn {
  readonly name: string
  readonly type: string
}

/** Compares by key, within the columns that the files give values for. `live` null: the table is not there yet. */
export async function rowChanges(session: Session, wanted: WantedRows, live: LiveTable | null): Promise<RowChanges> {
  const found = live && (await rowsIn(session, wanted, live))
  if (!found) return { wanted, inserts: wanted.rows, updates: [], deletes: [], columns: [], steady: new Set() }
  const types = new Map(wanted.columns.map((column) => [column.name, column]))
  const columns = found.columns.map(({ name, type }) => types.get(name) ?? { name, type, comparable: false })
  const steady = new Set(found.columns.flatMap(({ name, type }) => ((types.get(name)?.type ?? type) === type ? [name] : [])))
  return { ...between(wanted, found.rows), columns, steady }
}

/** What a table holds of the declared rows, or all of it where undeclared ones are to go, by the names of the files; null where it has no such key. */
export async function rowsIn(
  session: Session,
  wanted: WantedRows,
  live: LiveTable,
): Promise<{ readonly columns: readonly LiveColumn[]; readonly rows: readonly RowText[] } | null> {
  await session.execute(`begin isolation level repeatable read read only; ${PINNED_SETTINGS}`)
  try {
    const found = await liveColumns(session, live.path)
    const pairs = [...live.columns].flatMap(([name, now]) =>
      found.filter((column) => column.name === now).map((column) => ({ name, column })),
    )
    if (!wanted.key.every((name) => pairs.some((pair) => pair.name === name))) return null
    const columns = pairs.map(({ name, column: { type } }) => ({ name, type }))
    return { columns, rows: await liveRows(session, wanted, live.path, pairs) }
  } finally {
    await session.execute('rollback')
  }
}

function between(wanted: WantedRows, rows: readonly RowText[]): Pick<RowChanges, 'wanted' | 'inserts' | 'updates' | 'deletes'> {
  const keyText = (row: RowText) => JSON.stringify(wanted.key.map((name) => row[name]))
  const live = new Map(rows.map((row) => [keyText(row), row]))
  const declared = new Set(wanted.rows.map(keyText))
  const updates = wanted.rows.flatMap((row) => {
    const now = live.get(keyText(row))
    if (!now) return []
    const differ = Object.keys(row).filter((name) => !(name in now) || now[name] !== row[name])
    return differ.length === 0 ? [] : [{ key: pick(row, wanted.key), after: pick(row, differ), before: pick(now, differ), live: now }]
  })
  return {
    wanted,
    inserts: wanted.rows.filter((row) => !live.has(keyText(row))),
    updates,
    deletes: wanted.delete
      ? [...live]
          .filter(([key]) => !declared.has(key))
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([, row]) => row)
      : [],
  }
}

export function isEmpty({ inserts, updates, deletes }: RowChanges): boolean {
  return inserts.length + updates.length + deletes.length === 0
}

/** What the files declare of a table, as a few digits: a plan knows by them whether another led to the same rows. */
export function rowsDigest({ table, key, columns, rows, delete: deletes }: WantedRows): string {
  return digest({ table: [...table], key: [...key], columns: columns.map(({ name }) => name), rows: [...rows], deletes }).slice(0, 16)
}

function pick(row: RowText, names: readonly string[]): RowText {
  return recordOf(names.flatMap((name) => (name in row ? [[name, row[name] ?? null] as const] : [])))
}

/** Those that can be written: generated ones cannot. */
function liveColumns(session: Session, path: readonly string[]): Promise<LiveColumn[]> {
  return session.query<LiveColumn>(
    `select a.attname::text as name, pg_catalog.format_type(a.atttypid, a.atttypmod) as type
     from pg_catalog.pg_attribute a
     join pg_catalog.pg_class c on c.oid = a.attrelid
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
     order by a.attnum`,
    [path[0], path[1]],
  )
}

/** All of the table where undeclared rows are to go; otherwise those with a declared key. */
async function liveRows(
  session: Session,
  wanted: WantedRows,
  path: readonly string[],
  pairs: readonly { readonly name: string; readonly column: LiveColumn }[],
): Promise<RowText[]> {
  const list = pairs.map(({ column }) => `t.${quoteIdentifier(column.name)}::text`).join(', ')
  const keys = wanted.key.flatMap((name) => pairs.find((pair) => pair.name === name) ?? [])
  const types = new Map(wanted.columns.map(({ name, type }) => [name, type]))
  const match = keys.map(({ name, column }, i) => {
    const mine = `t.${quoteIdentifier(column.name)}`
    return types.get(name) === column.type ? `${mine} = w.k${i}::${column.type}` : `${mine}::text = w.k${i}`
  })
  const declared = `join unnest(${keys.map((_, i) => `$${i + 1}::text[]`).join(', ')}) as w(${keys.map((_, i) => `k${i}`).join(', ')}) on ${match.join(' and ')}`
  const rows = await reading(session, [path], () =>
    session.query<{ row: (string | null)[] }>(
      `select array[${list}] as row from ${quoteName(...path)} t ${wanted.delete ? '' : declared}`,
      wanted.delete ? [] : wanted.key.map((name) => wanted.rows.map((row) => row[name])),
    ),
  )
  return rows.map(({ row }) => recordOf(pairs.map(({ name }, i) => [name, row[i] ?? null])))
}
