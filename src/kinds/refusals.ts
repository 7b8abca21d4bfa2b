import type { CatalogObject, Value } from '../catalog/catalog.js'
import { isQualified, namesOf, quoteIdentifier, quoteLiteral, quoteName } from '../sql/quote.js'
import { rowLabel } from '../sql/rows.js'
import { referenceOf } from './foreign-key.js'
import { namesIn } from './key-columns.js'
import type { LiveContext, Refusal } from './kind.js'
import { type LiveTable, ownRowsOf, rowsWith, tableOf } from './live-table.js'
import { type Bounded, partitionKey, takes } from './partition-bounds.js'

/*
 * Rows that would refuse a change, as `from` clauses over the table as `t`. Where a text is more than its columns tell (expressions,
 * operator classes), nothing is asked: what is told must be so.
 */

interface ConstraintFacts {
  readonly [attribute: string]: Value
  readonly type: string
  readonly text: string
  readonly validated: boolean
  readonly enforced: boolean
}
type Constraint = CatalogObject<ConstraintFacts>
type Index = CatalogObject<{ readonly [attribute: string]: Value; readonly text: string }>

export function constraintRefusals(before: Constraint | undefined, after: Constraint, live: LiveContext): Refusal[] {
  const { type, text, validated, enforced } = after.definition
  const known = before?.definition.text === text && before.definition.validated && before.definition.enforced
  const table = tableOf(after, live)
  if (known || !validated || !enforced || !table) return []
  if (type === 'check') return checkRefusals(table, text, after, live)
  if (type === 'foreign key') return foreignKeyRefusals(table, text, live)
  return type === 'unique' || type === 'primary key'
    ? uniqueRefusals(
        table,
        /^(?:UNIQUE|PRIMARY KEY) (NULLS NOT DISTINCT )?\(((?:"(?:[^"]|"")*"|[^")])*)\)(?: INCLUDE .*)?$/s.exec(text),
        null,
        live,
      )
    : []
}

function checkRefusals(table: LiveTable, text: string, { id }: Constraint, live: LiveContext): Refusal[] {
  const [, expression, alone] = /^CHECK \((.*)\)( NO INHERIT)?$/s.exec(text) ?? []
  if (expression === undefined) return []
  const what = `not satisfying ${id.path.at(-1)}`
  const added = newColumnsOf(table, expression, live)
  if (added.length === 0) return [refusal(table, what, `${alone ? table.own : table.name} t where not (${expression})`)]
  const rows = rowsWith(table, added, live)
  return rows === null ? [] : [refusal(table, `${what}${rows.because}`, `${rows.from} t where not (${expression})`)]
}

/** Columns that come, by the names in the expression; a word that only looks like one does no harm. */
function newColumnsOf({ object }: LiveTable, expression: string, live: LiveContext): string[] {
  const names = expression.match(/"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*/gu) ?? []
  const column = (name: string) => ({ kind: 'column', path: [...object.id.path, name] })
  return [...new Set(names.flatMap((name) => namesOf(name) ?? []))].filter((name) => live.coming(column(name)) !== undefined)
}

function foreignKeyRefusals(table: LiveTable, text: string, live: LiveContext): Refusal[] {
  const found = referenceOf(text)
  const rows = found && rowsWith(table, found.columns, live)
  if (!rows) return []
  const { columns, keys } = found
  const id = { kind: table.object.id.kind, path: found.table }
  const target = live.find(id)
  if (!target && !live.coming(id)) return []
  const given = columns.map((name) => `t.${quoteIdentifier(name)} is not null`).join(' and ')
  const same = columns.map((name, i) => `p.${quoteIdentifier(keys[i] ?? '')} = t.${quoteIdentifier(name)}`).join(' and ')
  return [
    refusal(
      table,
      `referring to no row of ${id.path.join('.')}${target ? '' : ', which is new'}${rows.because}`,
      `${rows.from} t where ${given}${target ? ` and not exists (select from ${ownRowsOf(target)} p where ${same})` : ''}`,
    ),
  ]
}

export function indexRefusals(before: Index | undefined, after: Index, live: LiveContext): Refusal[] {
  const table = tableOf(after, live)
  const { text } = after.definition
  if (before?.definition.text === text || !table) return []
  const found =
    /^CREATE UNIQUE INDEX .+? USING btree \((.*?)\)(?: INCLUDE \(.*?\))?( NULLS NOT DISTINCT)?(?: WITH \(.*?\))?(?: WHERE (.*))?$/s.exec(
      text,
    )
  return found ? uniqueRefusals(table, ['', found[2] ?? '', found[1] ?? ''], found[3] ?? null, live) : []
}

function uniqueRefusals(table: LiveTable, found: readonly string[] | null, where: string | null, live: LiveContext): Refusal[] {
  const columns = namesIn(found?.[2] ?? '')
  const known = columns && rowsWith(table, columns, live)
  if (!known) return []
  const list = columns.map(quoteIdentifier).join(', ')
  const counted = [
    ...(found?.[1] ? [] : columns.map((name) => `${quoteIdentifier(name)} is not null`)),
    ...(where === null ? [] : [`(${where})`]),
  ]
  const rows = `select ${known.all}, count(*) over (partition by ${list}) as "schemactl count" from ${known.from} r${counted.length > 0 ? ` where ${counted.join(' and ')}` : ''}`
  return [refusal(table, `sharing their ${columns.join(', ')} with another${known.because}`, `(${rows}) t where "schemactl count" > 1`)]
}

interface ColumnFacts {
  readonly [attribute: string]: Value
  readonly type: string
  readonly notNull: boolean
  readonly notNullNoInherit: boolean
}

/** `widens` says that no value of the one type is lost in the other. */
export function columnRefusals(
  before: CatalogObject<ColumnFacts> | undefined,
  after: CatalogObject<ColumnFacts>,
  live: LiveContext,
  widens: (from: string, to: string) => boolean,
): Refusal[] {
  const table = tableOf(after, live)
  if (!before || !table) return []
  const name = after.id.path.at(-1) ?? ''
  const column = `t.${quoteIdentifier(name)}`
  const [from, to] = [before.definition.type, after.definition.type]
  const misfit = from === to || widens(from, to) ? null : misfits(column, from, to, live.major)
  return [
    ...(after.definition.notNull && !before.definition.notNull
      ? [refusal(table, `with no ${name}`, `${after.definition.notNullNoInherit ? table.own : table.name} t where ${column} is null`)]
      : []),
    ...(misfit === null ? [] : [refusal(table, `holding a ${name} that is no ${to}`, `${table.name} t where ${misfit}`)]),
    ...(from === to ? [] : domainRules(to, live)).map(({ text, what, type }) =>
      refusal(table, what(name), `${table.name} t where ${refuses(text, `(${column})::${type}`)}`),
    ),
  ]
}

/** What the type asks of values that it did not have before: nothing, but for a domain, which may be one of another domain. */
function domainRules(type: string, live: LiveContext): (ValueRule & { readonly type: string })[] {
  const id = { kind: 'domain', path: namesOf(type) ?? [] }
  const domain = live.coming(id) ?? live.find(id)
  if (!domain) return []
  const { type: base, notNull } = domain.definition
  const checks = new Map([...live.children(domain.id), ...live.comingOf(domain.id)].map((check) => [check.key, check]))
  return [
    ...domainRules(String(base), live),
    ...(notNull ? [{ text: 'NOT NULL', type: String(base), what: (column: string) => `with no ${column}` }] : []),
    ...[...checks.values()].flatMap(({ id: { path }, definition }) =>
      definition.validated ? [{ text: String(definition.text), type: String(base), what: notSatisfying(path.at(-1) ?? '') }] : [],
    ),
  ]
}

const RANGES: Readonly<Record<string, readonly [string, string]>> = {
  smallint: ['-32768', '32767'],
  integer: ['-2147483648', '2147483647'],
  bigint: ['-9223372036854775808', '9223372036854775807'],
}

/** When a value of the one type cannot become one of the other; null where that is not for us to tell. */
function misfits(column: string, from: string, to: string, major: number): string | null {
  const length = /^character(?: varying)?\((\d+)\)$/.exec(to)
  if (length) return `pg_catalog.char_length(pg_catalog.rtrim(${column}::text)) > ${length[1]}`
  const vector = /^((?:.+\.)?)(?:vector|halfvec)\((\d+)\)$/.exec(to)
  if (vector && /(?:vector|halfvec)(?:\(\d+\))?$/.test(from)) return `${vector[1]}vector_dims(${column}) <> ${vector[2]}`
  if (isQualified(from)) return null
  const number = /^(smallint|integer|bigint|numeric|real|double precision)\b/.test(from)
  const range = RANGES[to]
  if (range && number) return `${column} not between ${range[0]} and ${range[1]}`
  const numeric = /^numeric\((\d+),(\d+)\)$/.exec(to)
  if (numeric && number) return `abs(round(${column}::numeric, ${numeric[2]})) >= 1e${Number(numeric[1]) - Number(numeric[2])}`
  if (!/^(text|character varying|character)\b(?!.*\[\])/.test(from)) return null
  if (major >= 16) return `not pg_catalog.pg_input_is_valid(${column}::text, ${quoteLiteral(to)})`
  return range ? `${column}::text !~ '^\\s*[-+]?\\d+\\s*$'` : null
}

/** Rows that say by a removed label what the new type cannot. */
export function labelRefusals(removed: readonly string[], columns: readonly CatalogObject[], live: LiveContext): Refusal[] {
  if (removed.length === 0) return []
  const list = removed.map(quoteLiteral).join(', ')
  return columns.flatMap((column) => {
    const table = tableOf(column, live)
    const name = column.id.path.at(-1) ?? ''
    return table
      ? [refusal(table, `holding a removed label in ${name}`, `${table.name} t where t.${quoteIdentifier(name)}::text in (${list})`)]
      : []
  })
}

/** What a domain is to ask of its values, and how that is told. */
interface ValueRule {
  /** As pg_get_constraintdef() writes it: `CHECK ((VALUE > 0))`, or `NOT NULL`. */
  readonly text: string
  readonly what: (column: string) => string
}

export interface DomainRule extends ValueRule {
  /** The key of the domain. */
  readonly domain: string
}

export function notSatisfying(constraint: string): ValueRule['what'] {
  return (column) => `with a ${column} not satisfying ${constraint}`
}

/** Rows of columns of the domain itself; what arrays and other types hold of it, only PostgreSQL looks at. */
export function domainRefusals({ domain, text, what }: DomainRule, live: LiveContext): Refusal[] {
  const name = quoteName(...(live.at(domain)?.id.path ?? []))
  return live.users(domain).flatMap((user) => {
    const table = user.echoes === undefined && 'notNull' in user.definition ? tableOf(user, live) : null
    if (!table || !isNamed(user.definition.type, name)) return []
    const column = user.id.path.at(-1) ?? ''
    return [refusal(table, what(column), `${table.name} t where ${refuses(text, `t.${quoteIdentifier(column)}`)}`)]
  })
}

/** A condition that holds where the rule refuses this value. */
function refuses(text: string, value: string): string {
  const [, check] = /^CHECK \((.*)\)$/s.exec(text) ?? []
  return check === undefined ? `${value} is null` : `not (${check.replace(VALUE, (token) => (token === 'VALUE' ? value : token))})`
}

const VALUE = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\bVALUE\b/g

function isNamed(type: Value | undefined, name: string): boolean {
  const path = namesOf(String(type))
  return path !== null && quoteName(...path) === name
}

/** Of a table that becomes a partition. Which rows a default partition takes, the others say. */
export function partitionRefusals(before: CatalogObject | undefined, after: Bounded, live: LiveContext): Refusal[] {
  const table = tableOf(after, live)
  const { bound, parent } = after.definition
  if (!table || before || bound === 'DEFAULT') return []
  const chain = withAncestors(after, live)
  const conditions = chain.map((one) => takes(one, [], live)).filter((condition) => condition !== null)
  const columns = new Set(chain.flatMap((one) => partitionKey(one.definition.parent, live).names ?? []))
  const rows = conditions.length === 0 ? null : rowsWith(table, [...columns], live)
  if (rows === null) return []
  const refused = `(${conditions.map((condition) => `(${condition})`).join(' and ')}) is not true`
  return [refusal(table, `that ${parent} does not take there (${bound})${rows.because}`, `${rows.from} t where ${refused}`)]
}

/** What is in a partition is in all those that this is in. */
function withAncestors(partition: Bounded, live: LiveContext): readonly Bounded[] {
  const outer = live.coming({ kind: partition.id.kind, path: namesOf(partition.definition.parent) ?? [] })
  return outer ? [partition, ...withAncestors(outer as Bounded, live)] : [partition]
}

function refusal({ object, key }: LiveTable, what: string, from: string): Refusal {
  return { what, table: object.id, label: rowLabel(key, 't'), from }
}
