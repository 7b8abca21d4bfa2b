import type { Session } from '../postgres/session.js'
import { isQualified, quoteIdentifier, quoteLiteral, quoteName } from '../sql/quote.js'

/*
 * Values for synthetic rows, as SQL.
 */

export interface ColumnRow {
  readonly name: string
  readonly type: string
  readonly base: string
  readonly typtype: string
  /** Of an enum, in order. */
  readonly labels: readonly string[]
  readonly notNull: boolean
  readonly filled: boolean
}

/** The columns of a table, in order. */
export function columnsOf(session: Session, path: readonly string[]): Promise<ColumnRow[]> {
  return session.query<ColumnRow>(
    `select a.attname::text as name, pg_catalog.format_type(a.atttypid, a.atttypmod) as type,
            pg_catalog.format_type(coalesce(nullif(t.typbasetype, 0), t.oid), null) as base, coalesce(b.typtype, t.typtype)::text as typtype,
            array(select e.enumlabel from pg_catalog.pg_enum e where e.enumtypid = coalesce(b.oid, t.oid) order by e.enumsortorder)::text[] as labels,
            a.attnotnull as "notNull",
            (a.atthasdef or a.attidentity <> '' or a.attgenerated <> '') as filled
     from pg_catalog.pg_attribute a
     join pg_catalog.pg_type t on t.oid = a.atttypid
     left join pg_catalog.pg_type b on b.oid = nullif(t.typbasetype, 0)
     where a.attrelid = $1::pg_catalog.regclass and a.attnum > 0 and not a.attisdropped
     order by a.attnum`,
    [quoteName(...path)],
  )
}

/** What a row must be like: a constraint, or the place in a partitioned table, or what a plan asks of the rows that it finds. */
export interface Condition {
  /** By which a refusal names it. */
  readonly name: string
  readonly columns: readonly string[]
  readonly text: string
}

/** A condition that is told by its text alone: of the columns that this names. */
export function conditionOf(name: string, text: string, columns: readonly ColumnRow[]): Condition {
  return { name, text, columns: columns.flatMap((column) => (names(text, column.name) ? [column.name] : [])) }
}

/** How many rows are tried before a table stays empty. */
export const TRIES = 100

/** Other values for the columns of the condition, by their places in the row, first of all those that it names itself. */
export function* combinations(
  columns: readonly ColumnRow[],
  condition: Condition,
): Generator<readonly (readonly [index: number, value: string])[]> {
  const indexes = columns.flatMap((column, i) => (condition.columns.includes(column.name) ? [i] : []))
  const choices = indexes.map((i) => candidates(columns[i], condition.text))
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

/** Literals of the text and their neighbours, then values of common shapes. */
function candidates(column: ColumnRow | undefined, text: string): string[] {
  const strings = [...text.matchAll(/'((?:[^']|'')*)'/g)].map(([literal]) => literal)
  const numbers = [...text.matchAll(/(?<![\w'.])-?\d+(?:\.\d+)?/g)].map(([number]) => Number(number))
  const near = numbers.flatMap((n) => [n, n + 1, n - 1]).map((n) => `'${n}'`)
  const long = numbers.filter((n) => n > 0 && n < 1000 && Number.isInteger(n)).map((n) => `'${'a'.repeat(n)}'`)
  const isText = column !== undefined && /^(text|character|name|citext)/.test(column.base)
  const labels = column?.labels.map(quoteLiteral) ?? []
  const nothing = column?.notNull ? [] : ['null']
  const hashed = text.includes('satisfies_hash_partition') ? spread(column) : []
  const shapes = isText ? [...long, ...SHAPES] : column?.base === 'boolean' ? ['true', 'false'] : labels
  return [...new Set([...hashed, ...strings, ...near, ...shapes, ...nothing])]
}

const SHAPES = [
  `'a'`,
  `'abc'`,
  `'AB'`,
  `'ABC'`,
  `'a@example.com'`,
  `'https://example.com'`,
  `'abcdefghijkl'`,
  `'+4912345678'`,
  `'#aabbcc'`,
  `'2020-01-01'`,
  `'00000000-0000-0000-0000-000000000001'`,
  `'{}'`,
  `'true'`,
  `'10.0.0.1'`,
]

/** Values some of which fall into each of a few hash partitions. */
function spread(column: ColumnRow | undefined): string[] {
  const numbers = Array.from({ length: 40 }, (_, i) => i)
  if (column?.base === 'uuid') return numbers.map((n) => `'00000000-0000-0000-0000-0000000000${String(n).padStart(2, '0')}'`)
  if (column !== undefined && /^(timestamp|date)/.test(column.base)) return numbers.map((n) => `'20${String(n).padStart(2, '0')}-01-01'`)
  return numbers.map((n) => `'${n}'`)
}

/** A value that most columns of the type take; null where there is none to guess. */
export function sample({ type, base, typtype, labels: [label] }: ColumnRow): string | null {
  if (typtype === 'e') return label === undefined ? null : quoteLiteral(label)
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

/** Does the text name it? A word that only looks like it does no harm. */
function names(text: string, name: string): boolean {
  const quoted = quoteIdentifier(name).replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`(?<![\\w$"])${quoted}(?![\\w$"])`).test(text)
}
