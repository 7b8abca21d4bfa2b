import type { CatalogObject } from '../catalog/catalog.js'
import { groupBy } from '../catalog/group.js'
import { once } from '../catalog/once.js'
import { namesOf, quoteIdentifier, quoteLiteral } from '../sql/quote.js'
import { namesIn } from './key-columns.js'
import type { Context } from './kind.js'

export type Bounded = CatalogObject<{ readonly parent: string; readonly bound: string }>

/** The partitions of a partitioned table, by its qualified name. */
export function partitionsOf(whole: string, { ofKind }: Pick<Context, 'ofKind'>): readonly Bounded[] {
  return byWhole(ofKind('partition') as readonly Bounded[]).get(whole) ?? []
}

const byWhole = once((partitions: readonly Bounded[]) => groupBy(partitions, ({ definition }) => definition.parent))

/**
 * The condition that a row of these bounds fulfils; null where the key is more than columns of its table, compared as those are. `others`
 * are the partitions beside it, by which a default one is told.
 */
export function takes(partition: Bounded, others: readonly Bounded[], context: Context): string | null {
  const { parent, bound } = partition.definition
  const { way, names } = partitionKey(parent, context)
  const columns = names?.map(quoteIdentifier)
  if (!columns) return null
  if (bound === 'DEFAULT') return theRest(others, context)
  if (way === 'HASH') return hashed(bound, parent, columns)
  if (way === 'RANGE') return ranged(bound, columns)
  const values = valuesOf(bound)
  return values === null ? null : listed(values, columns[0] ?? '')
}

function valuesOf(bound: string): readonly string[] | null {
  const [, values] = /^FOR VALUES IN \((.*)\)$/s.exec(bound) ?? []
  return values === undefined ? null : listOf(values)
}

/** Do these take every row of those bounds? False also where that cannot be told from the constants. */
export function coverAll(bound: string, others: readonly Bounded[]): boolean {
  const bounds = others.map(({ definition }) => definition.bound)
  if (bounds.includes('DEFAULT')) return true
  const values = valuesOf(bound)
  if (values !== null) {
    const taken = new Set(bounds.flatMap((other) => valuesOf(other) ?? []))
    return values.every((value) => taken.has(value))
  }
  const ends = splitEnds(bound)
  if (ends !== null)
    return isCovered(
      ends,
      bounds.map(splitEnds).filter((range) => range !== null),
    )
  const shares = bounds.map((other) => 1 / Number(hashOf(other)?.modulus))
  return Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1) < 1e-9
}

type Ends = readonly [from: readonly string[], to: readonly string[]]

/** From end to end, by ranges that follow on each other. */
function isCovered([from, to]: Ends, ranges: readonly Ends[]): boolean {
  let reached = from
  while (!isUpTo(to, reached)) {
    const next = ranges.find(([start, end]) => isUpTo(start, reached) && !isUpTo(end, reached))
    if (!next) return false
    reached = next[1]
  }
  return true
}

/** Is the one bound the other, or before it? False where they cannot be told apart by their text. */
function isUpTo(one: readonly string[], other: readonly string[]): boolean {
  for (const [i, value] of one.entries()) {
    const order = compareConstants(value, other[i] ?? '')
    if (order === null || order > 0) return false
    if (order < 0 || value === 'MINVALUE' || value === 'MAXVALUE') return true
  }
  return true
}

/** Numbers by their values, texts of one form (`2024-01-01`) by their digits; null for others that are not the same. */
function compareConstants(one: string, other: string): number | null {
  if (one === other) return 0
  if (one === 'MINVALUE' || other === 'MAXVALUE') return -1
  if (one === 'MAXVALUE' || other === 'MINVALUE') return 1
  const [bare, bareOther] = [one, other].map((text) => text.replace(/^'(.*)'$/s, '$1')) as [string, string]
  if (NUMBER.test(bare) && NUMBER.test(bareOther)) return Number(bare) - Number(bareOther)
  const isDated = /^\d{4}-\d\d-\d\d/.test(bare) && bare.replace(/\d/g, '0') === bareOther.replace(/\d/g, '0')
  return isDated ? (bare < bareOther ? -1 : 1) : null
}

/** Exact in double precision. */
const NUMBER = /^-?\d{1,15}$/

/** LIST, RANGE or HASH, and the columns; null where it has more than columns, compared as those are. */
export function partitionKey(parent: string, context: Context): { readonly way: string; readonly names: readonly string[] | null } {
  const [, way = '', list = ''] = /^(LIST|RANGE|HASH) \((.*)\)$/s.exec(keyOf(parent, context)) ?? []
  return { way, names: namesIn(list) }
}

function keyOf(parent: string, { find, former }: Context): string {
  const id = { kind: 'table', path: namesOf(parent) ?? [] }
  const [key, before] = [find(id)?.definition.partitionKey, former(id)]
  return typeof key === 'string' && (before === undefined || before.definition.partitionKey === key) ? key : ''
}

function theRest(others: readonly Bounded[], context: Context): string | null {
  const conditions = others.map((other) => takes(other, [], context))
  return conditions.includes(null) ? null : ['true', ...conditions.map((condition) => `(${condition}) is not true`)].join(' and ')
}

function hashed(bound: string, parent: string, columns: readonly string[]): string | null {
  const hash = hashOf(bound)
  return (
    hash &&
    `pg_catalog.satisfies_hash_partition(${quoteLiteral(parent)}::pg_catalog.regclass, ${hash.modulus}, ${hash.remainder}, ${columns.join(', ')})`
  )
}

function hashOf(bound: string): { readonly modulus: string; readonly remainder: string } | null {
  const [, modulus, remainder] = /^FOR VALUES WITH \(modulus (\d+), remainder (\d+)\)$/.exec(bound) ?? []
  return modulus === undefined || remainder === undefined ? null : { modulus, remainder }
}

function listed(values: readonly string[], column: string): string {
  const given = values.filter((value) => value !== 'NULL')
  const isOne = given.length === 0 ? 'false' : `${column} in (${given.join(', ')})`
  return given.length === values.length ? isOne : `${column} is null or ${isOne}`
}

/** From the lower bounds on, short of the upper ones, compared column by column. */
function ranged(bound: string, columns: readonly string[]): string | null {
  const ends = splitEnds(bound)
  if (!ends) return null
  const [from, to] = ends
  return [...columns.map((column) => `${column} is not null`), `(${beyond(columns, from)})`, `not (${beyond(columns, to)})`].join(' and ')
}

/** Is the row at the bounds or beyond? */
function beyond(columns: readonly string[], bounds: readonly string[]): string {
  const [column = '', ...others] = columns
  const [value = '', ...rest] = bounds
  if (value === 'MINVALUE') return 'true'
  if (value === 'MAXVALUE') return 'false'
  return others.length === 0 ? `${column} >= ${value}` : `${column} > ${value} or (${column} = ${value} and (${beyond(others, rest)}))`
}

function splitEnds(bound: string): Ends | null {
  const inner = `((?:'(?:[^']|'')*'|[^')])*)`
  const [, from, to] = new RegExp(`^FOR VALUES FROM \\(${inner}\\) TO \\(${inner}\\)$`, 's').exec(bound) ?? []
  return from === undefined || to === undefined ? null : [listOf(from), listOf(to)]
}

/** Constants as pg_get_expr prints them in bounds: quoted, or words and numbers. */
function listOf(text: string): string[] {
  return text.match(/'(?:[^']|'')*'|[^\s,']+/g) ?? []
}
