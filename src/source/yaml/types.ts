import { quoteName } from '../../sql/quote.js'
import { attributesOf, formerly, parameterName, path as pathOf, renamed, sequenceOptions, when } from './attributes.js'
import type { DOMAIN, ENUM, SEQUENCE, TYPE } from './document.js'
import { type Draft, fragment, join, literal, name, type Sql, sql } from './draft.js'
import type { Entry, Value } from './shape.js'

export function enumDrafts({ name: own, at, value }: Entry<Value<typeof ENUM>>, schema: string): Draft[] {
  const path = qualified(schema, own, at)
  const labels = 'list' in value ? value : value.keys.values
  const texts = (labels?.list ?? []).map((label) =>
    'keys' in label ? { text: label.keys.label, from: label.keys.renamedFrom } : { text: label, from: undefined },
  )
  const inside = texts.flatMap(({ text, from }) => renamed(from, text?.text))
  const create = {
    pieces: sql`create type ${path} as enum (${join(
      texts.flatMap(({ text }) => (text ? [literal(text)] : [])),
      ', ',
    )})`,
    at,
  }
  if ('list' in value) return [{ ...create, directives: inside }]
  return [{ ...create, directives: [...formerly(value.keys, own), ...inside] }, ...attributesOf({ sort: 'type', path }, value.keys)]
}

export function domainDrafts({ name: own, at, value }: Entry<Value<typeof DOMAIN>>, schema: string): Draft[] {
  const path = qualified(schema, own, at)
  if ('text' in value) return [{ pieces: sql`create domain ${path} as ${fragment(value)}`, at }]
  const { type, collation, default: standard, notNull, checks } = value.keys
  const pieces = [
    ...sql`create domain ${path} as ${type && fragment(type)}`,
    ...(collation ? sql` collate ${pathOf(collation)}` : []),
    ...(standard ? sql` default (${fragment(standard)})` : []),
    ...sql`${when(notNull, ' not null')}`,
    ...(checks?.entries ?? []).flatMap(
      (check) => sql` constraint ${name({ text: check.name, at: check.at })} check (${fragment(check.value)})`,
    ),
  ]
  return [{ pieces, at, directives: formerly(value.keys, own) }, ...attributesOf({ sort: 'domain', path }, value.keys)]
}

export function typeDrafts({ name: own, at, value: { keys } }: Entry<Value<typeof TYPE>>, schema: string): Draft[] {
  const path = qualified(schema, own, at)
  const items = (keys.range ?? keys.attributes)?.entries.map(({ name: key, at: place, value }) =>
    keys.range
      ? sql`${{ text: parameterName(key), at: place }} = ${fragment(value)}`
      : sql`${name({ text: key, at: place })} ${fragment(value)}`,
  )
  const pieces = sql`create type ${path} as ${keys.range ? 'range ' : ''}(${join(items ?? [], ', ')})`
  return [{ pieces, at, directives: formerly(keys, own) }, ...attributesOf({ sort: 'type', path }, keys)]
}

/** CREATE SEQUENCE; whom it belongs to is said once the tables are there. */
export function sequenceDrafts({ name: own, at, value: { keys } }: Entry<Value<typeof SEQUENCE>>, schema: string): Draft[] {
  const path = qualified(schema, own, at)
  const { unlogged, ownedBy, renamedFrom: _renamed, movedFrom: _moved, comment, owner, grants, ...options } = keys
  const column = ownedBy && quoteName(schema, ownedBy.keys.table?.text ?? '', ownedBy.keys.column?.text ?? '')
  return [
    { pieces: sql`create ${when(unlogged, 'unlogged ')}sequence ${path}${sequenceOptions(options)}`, at, directives: formerly(keys, own) },
    ...(column ? [{ pieces: sql`alter sequence ${path} owned by ${column}`, at: ownedBy.at }] : []),
    ...attributesOf({ sort: 'sequence', path }, { ...(comment && { comment }), ...(owner && { owner }), ...(grants && { grants }) }),
  ]
}

function qualified(schema: string, own: string, at: Entry<unknown>['at']): Sql {
  return sql`${quoteName(schema)}.${name({ text: own, at })}`
}
