import { quoteIdentifier } from '../../sql/quote.js'
import { commentOn, deferral, names, parameters, when } from './attributes.js'
import { referenceSql } from './columns.js'
import type { KeyOptions, Names, Table } from './document.js'
import { type Draft, fragment, fragmentList, name, type Sql, sql } from './draft.js'
import type { At } from './place.js'
import type { Text } from './shape.js'

type Tables = Table['keys']

/** The constraints of a table as they stand in CREATE TABLE. */
export function constraintsSql(table: Tables): Sql[] {
  return [
    ...(table.primaryKey ? [primaryKey(table.primaryKey)] : []),
    ...(table.uniques?.entries ?? []).map(({ name: own, at, value }) => sql`${constraint(own, at)}${uniqueKey(value)}`),
    ...(table.checks?.entries ?? []).filter((entry) => !comesLater(entry)).map(namedCheck),
    ...(table.exclusions?.entries ?? []).map(({ name: own, at, value }) => sql`${constraint(own, at)}exclude ${exclusion(value)}`),
  ]
}

/** Foreign keys come after all tables, and calls after all functions, since they may go round in a circle; comments after what they are on. */
export function constraintDrafts(table: Tables, path: string, schema: string): Draft[] {
  const comments = [table.uniques, table.checks, table.exclusions, table.foreignKeys].flatMap((constraints) =>
    (constraints?.entries ?? []).flatMap(({ name: own, value }) =>
      'keys' in value ? commentOn(`constraint ${quoteIdentifier(own)} on ${path}`, value.keys.comment) : [],
    ),
  )
  const key = table.primaryKey
  return [
    ...(table.checks?.entries ?? [])
      .filter(comesLater)
      .map((entry) => ({ pieces: sql`alter table ${path} add ${namedCheck(entry)}`, at: entry.at })),
    ...(table.foreignKeys?.entries ?? []).map(({ name: own, at, value }) => ({
      pieces: sql`alter table ${path} add ${constraint(own, at)}${foreignKey(value, schema)}`,
      at,
    })),
    ...(key && 'keys' in key && key.keys.name
      ? commentOn(`constraint ${quoteIdentifier(key.keys.name.text)} on ${path}`, key.keys.comment)
      : []),
    ...comments,
  ]
}

// PostgreSQL locates a constraint at its first word.
function constraint(own: string, at: At): Sql {
  return sql`${{ text: 'constraint ', at }}${name({ text: own, at })} `
}

function primaryKey(key: NonNullable<Tables['primaryKey']>): Sql {
  const words = { text: 'primary key ', at: key.at }
  if (!('keys' in key)) return sql`${words}(${names(key)})`
  const { name: own, columns, ...options } = key.keys
  return sql`${own ? constraint(own.text, own.at) : ''}${words}(${columns && names(columns)})${keyOptions(options)}`
}

function uniqueKey(key: NonNullable<Tables['uniques']>['entries'][number]['value']): Sql {
  if (!('keys' in key)) return sql`unique (${names(key as Names)})`
  const { columns, nullsNotDistinct, ...options } = key.keys
  return sql`unique ${when(nullsNotDistinct, 'nulls not distinct ')}(${columns && names(columns)})${keyOptions(options)}`
}

function keyOptions({ include, with: storage, tablespace, ...options }: Omit<KeyOptions, 'comment'>): Sql {
  return [
    ...(include ? sql` include (${names(include)})` : []),
    ...(storage ? sql` with ${parameters(storage)}` : []),
    ...(tablespace ? sql` using index tablespace ${name(tablespace)}` : []),
    ...sql`${deferral(options)}`,
  ]
}

type Check = NonNullable<Tables['checks']>['entries'][number]

/** It may call a function that takes rows of its table; and in CREATE TABLE all checks are valid. */
function comesLater({ value }: Check): boolean {
  const expression = 'text' in value ? value : value.keys.expression
  if ('keys' in value && value.keys.notValid?.flag) return true
  return /[\p{L}\p{N}_$"]\s*\(/u.test(expression?.text ?? '')
}

function namedCheck({ name: own, at, value }: Check): Sql {
  return sql`${constraint(own, at)}${check(value)}`
}

function check(value: Check['value']): Sql {
  if ('text' in value) return sql`check (${fragment(value)})`
  const { expression, noInherit, notValid, notEnforced } = value.keys
  return sql`check (${expression && fragment(expression)})${when(noInherit, ' no inherit')}${when(notValid, ' not valid')}${when(notEnforced, ' not enforced')}`
}

function exclusion(value: NonNullable<Tables['exclusions']>['entries'][number]['value']): Sql {
  const definition: Text | undefined = 'text' in value ? value : value.keys.definition
  return definition ? [fragmentList(definition)] : []
}

function foreignKey(value: NonNullable<Tables['foreignKeys']>['entries'][number]['value'], schema: string): Sql {
  const { columns, references, notValid } = value.keys
  return sql`foreign key (${columns && names(columns)}) references ${references && referenceSql(references, schema)}${when(notValid, ' not valid')}`
}
