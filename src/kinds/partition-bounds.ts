import type { CatalogObject } from '../catalog/catalog.js'
import { namesOf, quoteIdentifier, quoteLiteral } from '../sql/quote.js'
import { namesIn } from './key-columns.js'
import type { Context } from './kind.js'

export type Bounded = CatalogObject<{ readonly parent: string; readonly bound: string }>

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
  const [, values] = /^FOR VALUES IN \((.*)\)$/s.exec(bound) ?? []
  return values === undefined ? null : listed(listOf(values), columns[0] ?? '')
}

/** LIST, RANGE or HASH, and the columns; null where it has more than columns, compared as those are. */
export function partitionKey(parent: string, context: Context): { readonly way: string; readonly names: readonly string[] | null } {
  const [, way = '', list = ''] = /^(LIST|RANGE|HASH) \((.*)\)$/s.exec(keyOf(parent, context)) ?? []
  return { way, names: namesIn(list) }
}

function keyOf(parent: string, { find, former }: Context): string {
  const id = { kind: 'table', path: namesOf(parent) ?? [] }
  const [key, before] = [find(id)?.definition.partitionKey, former(id)?.definition.partitionKey]
  return typeof key === 'string' && key === before ? key : ''
}

function theRest(others: readonly Bounded[], context: Context): string | null {
  const conditions = others.map((other) => takes(other, [], context))
  return conditions.includes(null) ? null : ['true', ...conditions.map((condition) => `(${condition}) is not true`)].join(' and ')
}

function hashed(bound: string, parent: string, columns: readonly string[]): string | null {
  const [, modulus, remainder] = /^FOR VALUES WITH \(modulus (\d+), remainder (\d+)\)$/.exec(bound) ?? []
  return modulus === undefined
    ? null
    : `pg_catalog.satisfies_hash_partition(${quoteLiteral(parent)}::pg_catalog.regclass, ${modulus}, ${remainder}, ${columns.join(', ')})`
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

function splitEnds(bound: string): readonly [readonly string[], readonly string[]] | null {
  const inner = `((?:'(?:[^']|'')*'|[^')])*)`
  const [, from, to] = new RegExp(`^FOR VALUES FROM \\(${inner}\\) TO \\(${inner}\\)$`, 's').exec(bound) ?? []
  return from === undefined || to === undefined ? null : [listOf(from), listOf(to)]
}

/** Constants as pg_get_expr prints them in bounds: quoted, or words and numbers. */
function listOf(text: string): string[] {
  return text.match(/'(?:[^']|'')*'|[^\s,']+/g) ?? []
}
