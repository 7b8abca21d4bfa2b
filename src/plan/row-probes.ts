import { equal } from '../catalog/canonical.js'
import type { Catalog, CatalogObject } from '../catalog/catalog.js'
import type { Probe } from '../diff/steps.js'
import type { WantedRows } from '../postgres/load-rows.js'
import { quoteIdentifier, quoteLiteral } from '../sql/quote.js'
import { rowLabel } from '../sql/rows.js'
import { tableAt } from './declared-table.js'
import { countQuery } from './preflight.js'
import { keyOfTable, ownRowsAt, type Referrer, referrersOf } from './referrers.js'
import type { LiveTable, RowChanges } from './row-changes.js'

/** What the live rows are asked before declared ones are changed. */
export interface RowProbes {
  /** Before rows are inserted and updated: is what they refer to there? */
  readonly come: readonly Probe[]
  /** Before rows are deleted: does anything refer to them? */
  readonly go: readonly Probe[]
}

export const NO_PROBES: RowProbes = { come: [], go: [] }

export interface RowSurroundings {
  readonly target: Catalog
  /** The live database before renames. */
  readonly live: Catalog
  /** A table of `target` as it is now. */
  readonly at: (table: CatalogObject) => LiveTable | null
  readonly changes: readonly RowChanges[]
}

export function rowProbes(change: RowChanges, table: CatalogObject, around: RowSurroundings): RowProbes {
  return {
    come: change.wanted.references.flatMap((reference) => refersToNothing(change, reference, around)),
    go: change.deletes.length === 0 ? [] : referrersOf(table, around.target).flatMap((referrer) => referredTo(change, referrer, around)),
  }
}

const SAMPLE = 3

type Reference = WantedRows['references'][number]

function refersToNothing(change: RowChanges, reference: Reference, { target, live, at }: RowSurroundings): Probe[] {
  const changed = changedRows(change, reference.columns)
  const orphans = distinct(reference.orphans.filter(({ declared }) => changed.has(declared)))
  if (orphans.length === 0) return []
  const parent = tableAt(reference.parent, target)
  const now = parent && at(parent)
  const object = now && tableAt(now.path, live)
  const names = reference.columns.map((_, i) => `c${i}`)
  const rows = orphans.map(
    ({ place, row, values, count }, i) => `    (${[i, quoteLiteral(`${place} (${row})`), count, ...values.map(quoteLiteral)].join(', ')})`,
  )
  const same = names.map((name, i) => {
    const column = now?.columns.get(reference.parentColumns[i] ?? '') ?? ''
    return `p.${quoteIdentifier(column)} ${reference.operators[i]} t.${name}::${reference.types[i]}`
  })
  return [
    {
      what: `referring to no row of ${reference.parent.join('.')}, as constraint ${reference.constraint} asks`,
      query: [
        `select coalesce(sum(t.n), 0)::int as count, (array_agg(t.label order by t.i))[1:${SAMPLE}] as sample`,
        `from (values\n${rows.join(',\n')}\n  ) as t (i, label, n, ${names.join(', ')})`,
        ...(object && now ? [`where not exists (select from ${ownRowsAt(now.path, object)} p where ${same.join(' and ')})`] : []),
      ].join('\n'),
    },
  ]
}

/** Declared rows, by their index, that come or get other values in these columns. */
function changedRows({ wanted, inserts, updates }: RowChanges, columns: readonly string[]): Set<number> {
  const keyText = (row: RowChanges['inserts'][number]) => JSON.stringify(wanted.key.map((name) => row[name]))
  const updated = updates.filter(({ after }) => columns.some((name) => name in after)).map(({ key }) => key)
  const changed = new Set([...inserts, ...updated].map(keyText))
  return new Set(wanted.rows.flatMap((row, i) => (changed.has(keyText(row)) ? [i] : [])))
}

/** One of each that refer to the same, and how many they are. */
function distinct(orphans: Reference['orphans']): (Reference['orphans'][number] & { count: number })[] {
  const found = new Map<string, Reference['orphans'][number] & { count: number }>()
  for (const orphan of orphans) {
    const same = found.get(JSON.stringify(orphan.values))
    if (same) same.count += 1
    else found.set(JSON.stringify(orphan.values), { ...orphan, count: 1 })
  }
  return [...found.values()]
}

function referredTo(change: RowChanges, { child, columns, keys, constraint }: Referrer, around: RowSurroundings): Probe[] {
  const { target, live, at, changes } = around
  const now = at(child)
  const object = now && tableAt(now.path, live)
  const mine = columns.map((name) => now?.columns.get(name))
  const types = keys.map((name) => change.columns.find((column) => column.name === name)?.type)
  if (!now || !object || mine.includes(undefined) || types.includes(undefined)) return []
  const gone = change.deletes.map((row) => keys.map((name) => row[name] ?? null))
  const refers = mine.map((name, i) => `t.${quoteIdentifier(name ?? '')} = w.c${i}::${types[i]}`)
  const label = rowLabel(
    keyOfTable(child, target).flatMap((name) => now.columns.get(name) ?? []),
    't',
  )
  const leaving = changes.filter(({ wanted }) => equal(wanted.table, child.id.path)).flatMap((other) => whatLeaves(other, columns, now))
  const where = [`exists (select from ${valuesAs('w', gone)} where ${refers.join(' and ')})`, ...leaving]
  return [
    {
      what: `of table ${child.id.path.join('.')} referring to rows that are to go (constraint ${constraint})`,
      query: countQuery(label, `${ownRowsAt(now.path, object)} t\n  where ${where.join('\n    and ')}`),
    },
  ]
}

/** Not those that go, or refer to others, before. */
function whatLeaves({ wanted, updates, deletes }: RowChanges, columns: readonly string[], { columns: names }: LiveTable): string[] {
  const other = updates.filter(({ after }) => columns.some((name) => name in after)).map(({ key }) => key)
  const rows = [...deletes, ...other].map((row) => wanted.key.map((name) => row[name] ?? null))
  if (rows.length === 0) return []
  const same = wanted.key.map((name, i) => `t.${quoteIdentifier(names.get(name) ?? name)}::text = v.c${i}`)
  return [`not exists (select from ${valuesAs('v', rows)} where ${same.join(' and ')})`]
}

function valuesAs(alias: string, rows: readonly (readonly (string | null)[])[]): string {
  const texts = rows.map((row) => `(${row.map((value) => (value === null ? 'null' : quoteLiteral(value))).join(', ')})`)
  return `(values ${texts.join(', ')}) as ${alias} (${(rows[0] ?? []).map((_, i) => `c${i}`).join(', ')})`
}
