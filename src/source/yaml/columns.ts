import { quoteIdentifier, quoteName } from '../../sql/quote.js'
import { commentOn, deferral, names, namesIn, path, sequenceOptions, when } from './attributes.js'
import type { Column, Reference } from './document.js'
import { type Draft, fragment, type Piece, type Sql, sql } from './draft.js'
import type { Entry } from './shape.js'

/** A column as it stands in CREATE TABLE. */
export function columnSql({ name, at, value }: Entry<Column>, schema: string): Sql {
  const own: Piece = { text: quoteIdentifier(name), at }
  if ('text' in value) return sql`${own} ${fragment(value)}`
  const {
    type,
    collation,
    compression,
    default: standard,
    notNull,
    generated,
    identity,
    primaryKey,
    unique,
    check,
    references,
  } = value.keys
  return [
    ...sql`${own} ${type && fragment(type)}`,
    ...(compression ? sql` compression ${compression.text}` : []),
    ...(collation ? sql` collate ${path(collation)}` : []),
    ...(standard ? sql` default (${fragment(standard)})` : []),
    ...(generated ? generatedSql(generated) : []),
    ...(identity ? identitySql(identity) : []),
    ...sql`${when(notNull, ' not null')}${when(primaryKey, ' primary key')}${when(unique, ' unique')}`,
    ...(check ? sql` check (${fragment(check)})` : []),
    ...(references ? sql` references ${referenceSql(references, schema)}` : []),
  ]
}

/** What CREATE TABLE cannot say of a column, or not in every version. */
export function columnDrafts(entry: Entry<Column>, table: string): Draft[] {
  if ('text' in entry.value) return []
  const { comment, storage, statistics } = entry.value.keys
  const column = quoteIdentifier(entry.name)
  const alter = (what: Sql): Draft => ({ pieces: sql`alter table ${table} alter column ${column} set ${what}`, at: entry.at })
  return [
    // STORAGE in CREATE TABLE is an error before PostgreSQL 16.
    ...(storage ? [alter(sql`storage ${storage.text}`)] : []),
    ...(statistics ? [alter(sql`statistics ${fragment(statistics)}`)] : []),
    ...commentOn(`column ${table}.${column}`, comment),
  ]
}

/** What follows REFERENCES. */
export function referenceSql(reference: Piece | Reference, schema: string): Sql {
  if ('text' in reference) return [{ ...reference, fragment: 'one' }]
  const { schema: other, table, columns, match, onDelete, onUpdate, ...options } = reference.keys
  return [
    ...(table ? [{ text: quoteName(other?.text ?? schema, table.text), at: table.at }] : []),
    ...(namesIn(columns).length > 0 && columns ? sql` (${names(columns)})` : []),
    ...(match ? sql` match ${match.text}` : []),
    ...(onDelete ? sql` on delete ${onDelete.text}` : []),
    ...(onUpdate ? sql` on update ${onUpdate.text}` : []),
    ...sql`${deferral(options)}`,
  ]
}

type Mapping = Extract<Column, { keys: unknown }>['keys']

function generatedSql(generated: NonNullable<Mapping['generated']>): Sql {
  if ('text' in generated) return sql` generated always as (${fragment(generated)}) stored`
  const { expression, virtual } = generated.keys
  return sql` generated always as (${expression && fragment(expression)}) ${virtual?.flag ? 'virtual' : 'stored'}`
}

function identitySql(identity: NonNullable<Mapping['identity']>): Sql {
  if ('text' in identity) return sql` generated ${identity.text} as identity`
  const { generation, ...options } = identity.keys
  const sequence = sequenceOptions(options)
  return sql` generated ${generation?.text ?? 'by default'} as identity${sequence.length > 0 ? sql` (${sequence})` : []}`
}
