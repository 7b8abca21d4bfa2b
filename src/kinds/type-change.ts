import { isQualified } from '../sql/quote.js'

/** Between types without a cast of their own (two enums, a date and a number), text is the bridge that exists. */
export function castVia(before: string, after: string): string {
  const both = after.endsWith('[]') && before.endsWith('[]')
  const base = (type: string) => baseOf(both ? type.slice(0, -2) : type)
  return hasCast(base(before), base(after)) ? '' : `text${both ? '[]' : ''}::`
}

/** pg_cast of 14 to 18, and pgvector's: each type of a family has one to each other of it, and those of the list have more. */
const CAST_FAMILIES = [
  ['smallint', 'integer', 'bigint', 'numeric', 'real', 'double precision'],
  ['date', 'timestamp without time zone', 'timestamp with time zone'],
  ['json', 'jsonb'],
  ['inet', 'cidr'],
  ['bit', 'bit varying'],
]
const CASTS: Readonly<Record<string, readonly string[]>> = {
  integer: ['boolean', 'money', 'bit'],
  bigint: ['money', 'bit'],
  numeric: ['money'],
  money: ['numeric'],
  boolean: ['integer'],
  bit: ['integer', 'bigint'],
  jsonb: ['boolean', 'smallint', 'integer', 'bigint', 'numeric', 'real', 'double precision'],
  interval: ['time without time zone'],
  'time without time zone': ['interval', 'time with time zone'],
  'time with time zone': ['time without time zone'],
  'timestamp without time zone': ['time without time zone'],
  'timestamp with time zone': ['time without time zone', 'time with time zone'],
  vector: ['halfvec', 'real[]'],
  halfvec: ['vector', 'real[]'],
  ...Object.fromEntries(['integer[]', 'real[]', 'double precision[]', 'numeric[]'].map((array) => [array, ['vector', 'halfvec']])),
}

function hasCast(from: string, to: string): boolean {
  return from === to || CASTS[from]?.includes(to) === true || CAST_FAMILIES.some((family) => family.includes(from) && family.includes(to))
}

/** Without modifiers: `numeric`, `timestamp without time zone`; and those of pgvector without their schema. */
function baseOf(type: string): string {
  return type.replace(/\(.*?\)/, '').replace(/^.*\.(?=(?:vector|halfvec)$)/, '')
}

export function isText(type: string): boolean {
  return /^(text|character varying|character|"char"|name|citext)/.test(type) && !type.endsWith('[]') && !isQualified(type)
}

/** Assigned to one another without a word: USING would be refused where a partition is a foreign table. */
export function areNumbers(...types: readonly string[]): boolean {
  return types.every((type) => /^(smallint|integer|bigint|numeric|real|double precision)\b(?!.*\[\])/.test(type))
}

const WIDER: Readonly<Record<string, readonly string[]>> = {
  smallint: ['integer', 'bigint', 'numeric', 'real', 'double precision'],
  integer: ['bigint', 'numeric', 'double precision'],
  bigint: ['numeric'],
  real: ['double precision'],
  json: ['jsonb'],
  date: ['timestamp without time zone', 'timestamp with time zone'],
}

/** Every value of the one is a value of the other, and an assignment cast exists: nothing can be lost. */
export function widens(from: string, to: string): boolean {
  if (to === 'text' || WIDER[from]?.includes(to)) return !from.endsWith('[]')
  const a = /^(character varying|character|bit varying|numeric)(?:\((\d+)(?:,(\d+))?\))?$/.exec(from)
  const b = /^(character varying|character|bit varying|numeric)(?:\((\d+)(?:,(\d+))?\))?$/.exec(to)
  if (!a || !b || a[1] !== b[1]) return false
  if (b[2] === undefined) return true
  if (a[2] === undefined) return false
  if (a[1] === 'numeric')
    return Number(a[3] ?? 0) <= Number(b[3] ?? 0) && Number(a[2]) - Number(a[3] ?? 0) <= Number(b[2]) - Number(b[3] ?? 0)
  return Number(a[2]) <= Number(b[2])
}

/** No rewrite: PostgreSQL only checks or relabels (varchar(10) to varchar(20) or text). */
export function binaryCompatible(from: string, to: string): boolean {
  return (from.startsWith('character varying') && (to === 'text' || widens(from, to))) || (from.startsWith('numeric') && widens(from, to))
}
