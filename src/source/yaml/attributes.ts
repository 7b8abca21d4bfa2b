import { quoteIdentifier, quoteLiteral, quoteName } from '../../sql/quote.js'
import type { Deferral, Grants, Names, Parameters, SequenceKeys } from './document.js'
import { type Draft, fragment, fragmentList, join, literal, name, role, type Sql, sql } from './draft.js'
import type { Flag, Text } from './shape.js'

/** What objects of many kinds can have beside themselves. */
export interface Attributes {
  readonly comment?: Text
  readonly owner?: Text
  readonly grants?: Grants
}

/** An object as commands name it: `materialized view` and its quoted path (a routine's with its arguments). */
export interface Target {
  readonly sort: string
  readonly path: Sql
}

/** Statements for the comment, owner and grants of an object. */
export function attributesOf({ sort, path }: Target, { comment, owner, grants }: Attributes): Draft[] {
  // GRANT takes views for tables.
  const grantSort = sort.endsWith('view') ? 'table' : sort
  return [
    ...commentOn(sql`${sort} ${path}`, comment),
    ...(owner ? [{ pieces: sql`alter ${sort} ${path} owner to ${role(owner)}`, at: owner.at }] : []),
    ...(grants?.entries ?? []).map(({ name: grantee, at, value }) => ({
      pieces: sql`grant ${privileges(value)} on ${grantSort} ${path} to ${role({ text: grantee, at })}`,
      at,
    })),
  ]
}

export function commentOn(target: string | Sql, comment: Text | undefined): Draft[] {
  return comment ? [{ pieces: sql`comment on ${target} is ${literal(comment)}`, at: comment.at }] : []
}

/** The old name is spelt letter by letter, as all names in YAML are. */
export function renamed(from: Text | undefined, column?: string): { name: string; argument: string; line: number; column?: string }[] {
  return from
    ? [{ name: 'renamed', argument: quoteIdentifier(from.text), line: from.at.line, ...(column !== undefined && { column }) }]
    : []
}

/** The same of what is part of nothing else, and may have been in another schema. */
export function formerly(
  { renamedFrom, movedFrom }: { readonly renamedFrom?: Text; readonly movedFrom?: Text },
  own: string,
): ReturnType<typeof renamed> {
  if (!movedFrom) return renamed(renamedFrom)
  return [{ name: 'renamed', argument: quoteName(movedFrom.text, renamedFrom?.text ?? own), line: movedFrom.at.line }]
}

/** The words that a flag stands for. */
export function when(flag: Flag | undefined, words: string): string {
  return flag?.flag ? words : ''
}

export function names(value: Names): Sql {
  return join(namesIn(value).map(name), ', ')
}

export function namesIn(value: Names | undefined): readonly Text[] {
  if (!value) return []
  return 'text' in value ? [value] : value.list
}

/** A qualified name that is spelt as a list of its parts. */
export function path(value: Names): Sql {
  return join(namesIn(value).map(name), '.')
}

/** `(a = 1, b = 'x')`; values are literals, which PostgreSQL converts. */
export function parameters(value: Parameters): Sql {
  const items = value.entries.map(
    ({ name: key, at, value: setting }) =>
      sql`${{ text: parameterName(key), at }} = ${{ text: quoteLiteral(setting.text), at: setting.at }}`,
  )
  return sql`(${join(items, ', ')})`
}

// `toast.autovacuum_enabled` is two names.
export function parameterName(key: string): string {
  return key.split('.').map(quoteIdentifier).join('.')
}

export function deferral({ deferrable, initiallyDeferred }: Deferral): string {
  const words = deferrable?.flag === false ? ' not deferrable' : when(deferrable, ' deferrable')
  return words + when(initiallyDeferred, ' initially deferred')
}

export function sequenceOptions({ type, start, increment, minValue, maxValue, cache, cycle }: SequenceKeys): Sql {
  const option = (words: string, value: Text | undefined) => (value ? sql` ${words} ${fragment(value)}` : [])
  return [
    ...option('as', type),
    ...option('start with', start),
    ...option('increment by', increment),
    ...option('minvalue', minValue),
    ...option('maxvalue', maxValue),
    ...option('cache', cache),
    ...(cycle ? sql`${cycle.flag ? ' cycle' : ' no cycle'}` : []),
  ]
}

function privileges(value: Grants['entries'][number]['value']): Sql {
  return 'text' in value ? [fragmentList(value)] : join(value.list.map(fragmentList), ', ')
}
