import { quoteName } from '../../sql/quote.js'
import { attributesOf, formerly, names, parameters } from './attributes.js'
import type { MATERIALIZED_VIEW, VIEW } from './document.js'
import { type Draft, fragmentList, name, type Sql, sql } from './draft.js'
import { indexDrafts } from './indexes.js'
import type { Entry, Value } from './shape.js'
import { triggerDrafts } from './triggers.js'

/** CREATE VIEW and what belongs to it. */
export function viewDrafts({ name: own, at, value }: Entry<Value<typeof VIEW>>, schema: string): Draft[] {
  const path = sql`${quoteName(schema)}.${name({ text: own, at })}`
  if ('text' in value) return [{ pieces: sql`create view ${path} as\n${fragmentList(value)}`, at }]
  const { query, columns, options, checkOption, triggers } = value.keys
  const pieces = [
    ...sql`create view ${path}${columnList(columns)}`,
    ...(options ? sql` with ${parameters(options)}` : []),
    ...sql` as\n${query && fragmentList(query)}`,
    ...(checkOption ? sql`\nwith ${checkOption.text} check option` : []),
  ]
  return [
    { pieces, at, directives: formerly(value.keys, own) },
    ...(triggers?.entries ?? []).flatMap((trigger) => triggerDrafts(trigger, quoteName(schema, own))),
    ...attributesOf({ sort: 'view', path }, value.keys),
  ]
}

/** CREATE MATERIALIZED VIEW and what belongs to it. */
export function materializedViewDrafts({ name: own, at, value }: Entry<Value<typeof MATERIALIZED_VIEW>>, schema: string): Draft[] {
  const path = sql`${quoteName(schema)}.${name({ text: own, at })}`
  if ('text' in value) return [{ pieces: sql`create materialized view ${path} as\n${fragmentList(value)}`, at }]
  const { query, columns, with: storage, tablespace, accessMethod, indexes } = value.keys
  const pieces = [
    ...sql`create materialized view ${path}${columnList(columns)}`,
    ...(accessMethod ? sql` using ${name(accessMethod)}` : []),
    ...(storage ? sql` with ${parameters(storage)}` : []),
    ...(tablespace ? sql` tablespace ${name(tablespace)}` : []),
    ...sql` as\n${query && fragmentList(query)}`,
  ]
  return [
    { pieces, at, directives: formerly(value.keys, own) },
    ...(indexes?.entries ?? []).flatMap((index) => indexDrafts(index, quoteName(schema, own), schema)),
    ...attributesOf({ sort: 'materialized view', path }, value.keys),
  ]
}

function columnList(columns: Parameters<typeof names>[0] | undefined): Sql {
  return columns ? sql` (${names(columns)})` : []
}
