import { equal } from '../catalog/canonical.js'
import { groupBy } from '../catalog/group.js'
import { visible } from '../catalog/id.js'
import type { Step } from '../diff/steps.js'
import type { RowText, WantedRows } from '../postgres/load-rows.js'
import type { RowColumn } from '../postgres/row-text.js'
import { recordOf } from '../source/data/record.js'
import { quoteIdentifier, quoteLiteral, quoteName } from '../sql/quote.js'
import { guardsOf, type Referrer } from './referrers.js'
import { type RowChanges, type RowUpdate, rowsDigest } from './row-changes.js'
import type { RowProbes } from './row-probes.js'

/** Steps that change rows, and those that undo them; both in the order in which they run. */
export interface RowSteps {
  readonly up: readonly Step[]
  readonly down: readonly Step[]
}

interface Pair {
  readonly title: string
  readonly up: readonly string[]
  readonly down: readonly string[]
  readonly count: number
  readonly sample: readonly string[]
  readonly probes?: RowProbes['come'] | undefined
}

/** Rows that go, or change, along with those of the table. */
export function actingOn({ referrers }: Pick<RowTable, 'referrers'>): Referrer[] {
  return referrers.filter(({ acts }) => acts)
}

/** What a step on rows of a table is about, and what others have to do with these rows. */
export interface RowTable extends Pick<Step, 'objects' | 'impact'> {
  /** Whose rows refer to rows of the table. */
  readonly referrers: readonly Referrer[]
  readonly probes: RowProbes
}

/**
 * Parents get their rows before what refers to them, and lose them after it. Each statement counts the rows that it finds as they were
 * when the plan was made: with one less, it fails, and its transaction with it.
 */
export function rowSteps(known: readonly { readonly change: RowChanges; readonly table: RowTable }[]): RowSteps {
  const going = known.toReversed().map(({ change, table }) => ({ change, table, ...partedDeletes(change, table) }))
  const steps = [
    ...going.map(({ change, table, first }) => ({ change, table, pairs: deleted({ ...change, deletes: first }, table) })),
    ...known.map(({ change, table }) => ({ change, table, pairs: [...inserted(change, table), ...updated(change, table)] })),
    ...going.map(({ change, table, last }) => ({ change, table, pairs: deleted({ ...change, deletes: last }, table) })),
  ].flatMap(({ change, table, pairs }) => pairs.map((pair) => ({ pair, table, wanted: change.wanted })))
  const step = ({ pair, table: { objects, impact }, wanted }: (typeof steps)[number], way: 'up' | 'down'): Step => ({
    title: pair.title,
    sql: pair[way],
    verb: 'alter',
    hazards: [],
    transactional: true,
    objects,
    impact,
    ...(pair.probes && pair.probes.length > 0 && { probes: pair.probes }),
    source: wanted.source,
    rows: { count: pair.count, sample: pair.sample, wanted: rowsDigest(wanted) },
  })
  const deferrable = known.some(({ change }) => change.wanted.deferrable)
  return {
    up: checkedTogether(
      steps.map((one) => step(one, 'up')),
      deferrable,
    ),
    down: checkedTogether(
      steps
        .toReversed()
        .map((one) => step(one, 'down'))
        .filter(({ sql }) => sql.length > 0),
      deferrable,
    ),
  }
}

/**
 * Rows that may be referred to go last, when what refers to them is changed; those to which nothing can refer, and those that hold a unique
 * value which another row is to have, first.
 */
function partedDeletes({ wanted, inserts, updates, deletes }: RowChanges, { referrers }: RowTable) {
  if (referrers.length === 0) return { first: deletes, last: [] }
  const sharedValue = (row: RowText, names: readonly string[]) => {
    const values = names.map((name) => row[name] ?? null)
    return values.includes(null) ? null : JSON.stringify([names, values])
  }
  const coming = [...inserts, ...updates.map(({ live, after }) => ({ ...live, ...after }))]
  const taken = new Set(coming.flatMap((row) => wanted.unique.flatMap((names) => sharedValue(row, names) ?? [])))
  const inTheWay = (row: RowText) => wanted.unique.some((names) => taken.has(sharedValue(row, names) ?? ''))
  return { first: deletes.filter(inTheWay), last: deletes.filter((row) => !inTheWay(row)) }
}

/** Rows of tables that refer to one another: foreign keys that can wait do so until all rows are there, and no longer. */
function checkedTogether(steps: readonly Step[], deferrable: boolean): Step[] {
  const last = steps.length - 1
  return steps.map((step, i) => {
    const before = deferrable && i === 0 ? ['set constraints all deferred'] : []
    const after = deferrable && i === last ? ['set constraints all immediate'] : []
    return { ...step, sql: [...before, ...step.sql, ...after] }
  })
}

/** Declared rows that a table does not hold, or not as declared, and rows that it should not hold. */
export interface RowDifference {
  readonly table: string
  readonly what: 'missing' | 'different' | 'undeclared'
  readonly count: number
  /** The first of them: `codigo ES: nombre Espanya → España`, from what is found to what is declared. */
  readonly sample: readonly string[]
}

export function rowDifferences({ wanted, inserts, updates, deletes }: RowChanges): RowDifference[] {
  const all = [
    { what: 'missing' as const, lines: inserts.map(sampleOf) },
    { what: 'different' as const, lines: updates.map(({ key, before, after }) => `${sampleOf(key)}: ${changeOf(before, after)}`) },
    { what: 'undeclared' as const, lines: deletes.map(sampleOf) },
  ]
  return all.filter(({ lines }) => lines.length > 0).map(({ what, lines }) => ({ table: wanted.table.join('.'), what, ...shown(lines) }))
}

/** How many rows one statement takes, unless they refer to one another. */
const BATCH = 500
const SAMPLE = 3

function inserted({ wanted, inserts }: RowChanges, table: RowTable): Pair[] {
  // Of rows that refer to one another, none can come before the others.
  const all = refersToItself(wanted) ? (inserts.length === 0 ? [] : [inserts]) : groups(inserts, Object.keys)
  return all.map((rows) => ({
    title: `insert ${counted(rows)} into ${wanted.table.join('.')}`,
    up: batches(rows, wanted).map((batch) => insertSql(wanted, batch)),
    down: batches(rows, wanted).map((batch) => deleteSql(wanted, wanted.columns, batch, batch, actingOn(table))),
    probes: table.probes.come,
    ...shown(rows.map((row) => sampleOf(row))),
  }))
}

function updated({ wanted, updates, steady }: RowChanges, { probes }: RowTable): Pair[] {
  return groups(updates, ({ after, before }) => [...Object.keys(after), '', ...Object.keys(before)]).map((rows) => {
    const known = Object.keys(rows[0]?.before ?? {})
    const back = rows.map(({ key, after, before, live }) => ({ key, after: before, before: after, live }))
    return {
      title: `update ${counted(rows)} of ${wanted.table.join('.')}`,
      up: batches(rows, wanted).map((batch) => updateSql(wanted, batch, (name) => steady.has(name))),
      // A column that is new with this plan goes with it again: there is no value to come back to.
      down: known.length === 0 ? [] : batches(back, wanted).map((batch) => updateSql(wanted, batch, () => true)),
      probes: probes.come,
      ...shown(rows.map(({ key, after, before }) => `${sampleOf(key)}: ${changeOf(before, after)}`)),
    }
  })
}

function deleted({ wanted, deletes, columns, steady }: RowChanges, table: RowTable): Pair[] {
  if (deletes.length === 0) return []
  const checked = wanted.columns.filter(({ name }) => steady.has(name))
  const seen = (row: RowText) => recordOf(checked.map(({ name }) => [name, row[name] ?? null]))
  return [
    {
      title: `delete ${counted(deletes)} from ${wanted.table.join('.')}`,
      up: batches(deletes, wanted).map((batch) => deleteSql(wanted, columns, batch, batch.map(seen), actingOn(table))),
      probes: table.probes.go,
      down: batches(deletes, wanted).map((batch) => insertSql({ ...wanted, overriding: true }, batch)),
      ...shown(deletes.map((row) => sampleOf(row))),
    },
  ]
}

function insertSql({ table, overriding }: WantedRows, rows: readonly RowText[]): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const values = rows.map((row) => `  (${names.map((name) => (name in row ? literal(row[name] ?? null) : 'default')).join(', ')})`)
  return `insert into ${quoteName(...table)} (${names.map(quoteIdentifier).join(', ')})${overriding ? ' overriding system value' : ''} values\n${values.join(',\n')}`
}

/** `seen` holds what the rows are expected to hold. */
function deleteSql(
  { table, key, columns: wanted }: WantedRows,
  live: readonly RowColumn[],
  rows: readonly RowText[],
  seen: readonly RowText[],
  acting: readonly Referrer[],
): string {
  const columns = new Map([...live, ...wanted].map((column) => [column.name, column]))
  const names = [...key, ...Object.keys(seen[0] ?? {}).filter((name) => !key.includes(name))]
  const list = names.map((name) => ({
    column: column(columns, name),
    values: rows.map((row, i) => (key.includes(name) ? row : (seen[i] ?? {}))[name] ?? null),
  }))
  const where = list.map(({ column }, i) =>
    key.includes(column.name) ? `t.${quoteIdentifier(column.name)} = w.c${i}` : same(column, `w.c${i}`),
  )
  const keys = list.slice(0, key.length)
  const sameRow = (alias: string) => key.map((name, i) => `${alias}.${quoteIdentifier(name)} = w.c${i}`).join(' and ')
  const gone = `(values\n${valuesOf(keys)}\n  ) as w (${aliases(keys)})`
  return checked(
    table,
    rows.length,
    guardsOf(table, acting, { gone, match: sameRow('t'), sameRow }),
    `delete from ${quoteName(...table)} as t\n  using (values\n${valuesOf(list)}\n  ) as w (${aliases(list)})\n  where ${where.join(' and ')}`,
  )
}

function updateSql({ table, key, columns: wanted }: WantedRows, rows: readonly RowUpdate[], isChecked: (name: string) => boolean): string {
  const columns = new Map(wanted.map((column) => [column.name, column]))
  const [first] = rows
  const set = Object.keys(first?.after ?? {})
  const check = Object.keys(first?.before ?? {}).filter(isChecked)
  const list = [
    ...key.map((name) => ({ column: column(columns, name), values: rows.map((row) => row.key[name] ?? null) })),
    ...set.map((name) => ({ column: column(columns, name), values: rows.map((row) => row.after[name] ?? null) })),
    ...check.map((name) => ({ column: column(columns, name), values: rows.map((row) => row.before[name] ?? null) })),
  ]
  const sets = set.map((name, i) => `${quoteIdentifier(name)} = w.c${key.length + i}`)
  const where = [
    ...key.map((name, i) => `t.${quoteIdentifier(name)} = w.c${i}`),
    ...check.map((name, i) => same(column(columns, name), `w.c${key.length + set.length + i}`)),
  ]
  return checked(
    table,
    rows.length,
    [],
    `update ${quoteName(...table)} as t set ${sets.join(', ')}\n  from (values\n${valuesOf(list)}\n  ) as w (${aliases(list)})\n  where ${where.join(' and ')}`,
  )
}

interface Values {
  readonly column: RowColumn
  readonly values: readonly (string | null)[]
}

/** The first row says the types, which a list of values has to itself. */
function valuesOf(list: readonly Values[]): string {
  const rows =
    list[0]?.values.map((_, i) => list.map(({ values, column }) => literal(values[i] ?? null) + (i === 0 ? `::${column.type}` : ''))) ?? []
  return rows.map((row) => `    (${row.join(', ')})`).join(',\n')
}

function aliases(list: readonly Values[]): string {
  return list.map((_, i) => `c${i}`).join(', ')
}

function same({ name, comparable }: RowColumn, value: string): string {
  const mine = `t.${quoteIdentifier(name)}`
  return comparable ? `${mine} is not distinct from ${value}` : `${mine}::text is not distinct from ${value}::text`
}

function column(columns: ReadonlyMap<string, RowColumn>, name: string): RowColumn {
  const found = columns.get(name)
  if (!found) throw new Error(`a row has a column ${name} that its table lacks`)
  return found
}

function checked(table: readonly string[], count: number, guards: readonly string[], statement: string): string {
  const tag = dollarTag([...guards, statement].join())
  return `do ${tag}
#variable_conflict use_column
declare
  schemactl_found bigint;
begin
${guards.map((guard) => `  ${guard}\n`).join('')}  ${statement};
  get diagnostics schemactl_found = row_count;
  if schemactl_found <> ${count} then
    raise exception using message = format(${quoteLiteral(`%s of ${count} rows of ${table.join('.').replaceAll('%', '%%')} are as they were when the plan was made`)}, schemactl_found);
  end if;
end ${tag}`
}

function dollarTag(text: string): string {
  for (let i = 0; ; i++) if (!text.includes(`$rows${i || ''}$`)) return `$rows${i || ''}$`
}

function literal(value: string | null): string {
  return value === null ? 'null' : quoteLiteral(value)
}

function groups<T>(items: readonly T[], namesOf: (item: T) => readonly string[]): T[][] {
  return [...groupBy(items, (item) => JSON.stringify(namesOf(item))).values()]
}

function batches<T>(items: readonly T[], wanted: WantedRows): (readonly T[])[] {
  if (refersToItself(wanted)) return items.length === 0 ? [] : [items]
  return Array.from({ length: Math.ceil(items.length / BATCH) }, (_, i) => items.slice(i * BATCH, (i + 1) * BATCH))
}

/** PostgreSQL looks at a foreign key where a statement ends. */
function refersToItself({ table, references }: WantedRows): boolean {
  return references.some(({ parent }) => equal(parent, table))
}

function counted(rows: readonly unknown[]): string {
  return `${rows.length} ${rows.length === 1 ? 'row' : 'rows'}`
}

function shown(lines: readonly string[]): Pick<Pair, 'count' | 'sample'> {
  return { count: lines.length, sample: lines.slice(0, SAMPLE) }
}

function sampleOf(row: RowText): string {
  return Object.entries(row)
    .map(([name, value]) => visible(`${name} ${short(value)}`))
    .join(', ')
}

function changeOf(before: RowText, after: RowText): string {
  return Object.entries(after)
    .map(([name, value]) => visible(`${name} ${name in before ? `${short(before[name] ?? null)} → ` : ''}${short(value)}`))
    .join(', ')
}

function short(value: string | null): string {
  if (value === null) return 'null'
  const [line = ''] = value.split('\n')
  const characters = [...line]
  return characters.length > 40 ? `${characters.slice(0, 39).join('')}…` : line
}
