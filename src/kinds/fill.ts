import type { CatalogObject } from '../catalog/catalog.js'
import { namesOf, quoteIdentifier, quoteLiteral } from '../sql/quote.js'
import { type Condition, conditionOf, suiting } from './check-values.js'
import { referenceOf } from './foreign-key.js'
import type { Context, Filled } from './kind.js'
import { neutral } from './neutral.js'

/** What rows get in a new column that must have a value and was given none. */
export type Fill =
  /** The same for all. */
  | { readonly value: string }
  /** A number each, counted from `start` on, as an expression of that number: nothing else keeps a key unique. */
  | { readonly numbered: (number: string) => string; readonly start: number }

/** A value that says nothing, that the checks take, and that is no other row's where it is part of a key; null where the type has none. */
export function fillOf(column: CatalogObject, around: readonly CatalogObject[], context: Context): Fill | null {
  const base = baseOf(String(column.definition.type), context)
  const plain = neutral(base, context)
  if (plain === null) return null
  // No row elsewhere is to be referred to that nobody chose: where rows wait for one, PostgreSQL refuses this.
  if (refers(column, around)) return { value: plain }
  const conditions = conditionsOn(column, around, context)
  const numbered = isInKey(column, around) ? numbering(base, conditions) : null
  if (numbered !== null) return numbered
  const own = labelsOf(base, context) ?? [ownValue(plain), ...(plain === "''" ? ['-'] : [])]
  const value = suiting(own, conditions)
  return { value: value === null || value === own[0] ? plain : written(value, plain) }
}

/** The type under domains. */
function baseOf(type: string, context: Context): string {
  const domain = context.find({ kind: 'domain', path: namesOf(type) ?? [] })
  return domain ? baseOf(String(domain.definition.type), context) : type
}

/** Checks that speak of this column and of no other, and those of its domains. */
function conditionsOn(column: CatalogObject, around: readonly CatalogObject[], context: Context): Condition[] {
  const name = quoteIdentifier(column.id.path.at(-1) ?? '')
  const checks = around.flatMap(({ definition }) => (definition.type === 'check' ? (checkIn(definition.text) ?? []) : []))
  return [...checks.map((check) => conditionOf(check, name)), ...domainConditions(String(column.definition.type), context)]
}

function domainConditions(type: string, context: Context): Condition[] {
  const id = { kind: 'domain', path: namesOf(type) ?? [] }
  const domain = context.find(id)
  if (!domain) return []
  const own = context.children(id).flatMap(({ definition }) => checkIn(definition.text) ?? [])
  return [...own.map((check) => conditionOf(check, 'VALUE')), ...domainConditions(String(domain.definition.type), context)]
}

function checkIn(text: unknown): string | null {
  return /^CHECK \((.*)\)(?: NO INHERIT)?$/s.exec(String(text))?.[1] ?? null
}

function refers(column: CatalogObject, around: readonly CatalogObject[]): boolean {
  const name = column.id.path.at(-1) ?? ''
  return around.some(
    ({ definition: { type, text } }) => type === 'foreign key' && referenceOf(String(text))?.columns.includes(name) === true,
  )
}

const KEY = /^(?:PRIMARY KEY|UNIQUE|CREATE UNIQUE INDEX .*? USING)\b(.*?)(?: INCLUDE \(.*| WHERE .*)?$/s

function isInKey(column: CatalogObject, around: readonly CatalogObject[]): boolean {
  const name = column.id.path.at(-1) ?? ''
  return around.some(({ definition }) => {
    const words = KEY.exec(String(definition.text))?.[1]?.match(/"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*/gu) ?? []
    return words.some((word) => namesOf(word)?.[0] === name)
  })
}

function numbering(base: string, conditions: readonly Condition[]): Fill | null {
  const numbered = NUMBERED.find(([types]) => types.test(base))?.[1]
  if (!numbered) return null
  const suits = (start: number) => [start, start + 1, start + MANY].every((n) => conditions.every(({ holds }) => holds(String(n))))
  const starts = [1, ...conditions.flatMap(({ near }) => near.map(Number).filter(Number.isSafeInteger))]
  const start = starts.find(suits)
  return start === undefined ? null : { numbered, start }
}

const MANY = 1_000_000

/** By types, whatever their modifier: a number as a value of it. */
const NUMBERED: readonly (readonly [types: RegExp, value: (number: string) => string])[] = [
  [/^(smallint|integer|bigint|numeric|real|double precision|money|oid)\b/, (n) => n],
  [/^(text|character|name)\b|(^|\.)"?citext"?$/, (n) => `(${n})::text`],
  [/^uuid$/, (n) => `lpad(to_hex(${n}), 32, '0')::uuid`],
  [/^bytea$/, (n) => `int8send(${n})`],
  [/^date$/, (n) => `date 'epoch' + (${n})::integer`],
  [/^timestamp\b.* with time zone$/, (n) => `to_timestamp(${n})`],
  [/^timestamp\b/, (n) => `timestamp 'epoch' + ${n} * interval '1 second'`],
]

/** What the neutral expression comes to. */
function ownValue(plain: string): string {
  return plain === "'epoch'" ? '1970-01-01' : plain.replace(/^'(.*)'$/s, '$1')
}

/** As the neutral value of the type is written: a bare number or word, or quoted. */
function written(value: string, plain: string): string {
  return /^(-?\d|true$|false$)/.test(plain) ? value : quoteLiteral(value)
}

function labelsOf(base: string, context: Context): readonly string[] | null {
  const found = context.find({ kind: 'enum', path: namesOf(base) ?? [] })
  return found ? (found.definition.labels as readonly string[]) : null
}

/** A sequence of the session, whatever the search path. */
const COUNTER = 'schemactl_fill'

/** `add` is ALTER TABLE … ADD COLUMN, `alter` ALTER COLUMN. */
export function filled(fill: Fill | null, add: string, alter: string): Filled {
  if (fill === null) return { sql: null, rewrites: false }
  // A constant default is filled in without a rewrite (11 and later).
  if ('value' in fill) return { sql: [`${add} default ${fill.value}`, `${alter} drop default`], rewrites: false }
  const from = fill.start === 1 ? '' : ` start with ${fill.start}${fill.start < 1 ? ` minvalue ${fill.start}` : ''}`
  const sql = [
    `create temporary sequence ${COUNTER}${from}`,
    // As a default it reaches heirs and partitions as well, and is nothing that a trigger hears of.
    `${add} default ${fill.numbered(`nextval('pg_temp.${COUNTER}')`)}`,
    `${alter} drop default`,
    `drop sequence pg_temp.${COUNTER}`,
  ]
  return { sql, rewrites: true }
}
