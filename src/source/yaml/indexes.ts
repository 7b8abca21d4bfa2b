import { quoteName } from '../../sql/quote.js'
import { commentOn, names, parameterName, parameters, path, renamed, when } from './attributes.js'
import type { Index } from './document.js'
import { type Draft, fragment, join, name, type Sql, sql } from './draft.js'
import type { Entry, Text } from './shape.js'

/** CREATE INDEX and what belongs to it; `table` is the quoted path. */
export function indexDrafts({ name: own, at, value }: Entry<Index>, table: string, schema: string): Draft[] {
  const start = (unique: string) => sql`create ${unique}index ${name({ text: own, at })} on ${table} `
  if ('text' in value) return [{ pieces: sql`${start('')}${{ ...value, fragment: 'list' }}`, at }]
  const { method, include, nullsNotDistinct, with: storage, tablespace, where, unique, comment, renamedFrom } = value.keys
  const pieces = [
    ...start(when(unique, 'unique ')),
    ...(method ? sql`using ${name(method)} ` : []),
    ...sql`(${join(elements(value.keys), ', ')})`,
    ...(include ? sql` include (${names(include)})` : []),
    ...sql`${when(nullsNotDistinct, ' nulls not distinct')}`,
    ...(storage ? sql` with ${parameters(storage)}` : []),
    ...(tablespace ? sql` tablespace ${name(tablespace)}` : []),
    ...(where ? sql` where ${fragment(where)}` : []),
  ]
  return [{ pieces, at, directives: renamed(renamedFrom) }, ...commentOn(`index ${quoteName(schema, own)}`, comment)]
}

type Mapping = Extract<Index, { keys: unknown }>['keys']

function elements({ columns, expressions, opclass }: Mapping): Sql[] {
  const classes = new Map(opclass?.entries.map(({ name: column, value }) => [column, value]))
  const classOf = (column: Text | undefined, stated?: Text) => {
    const found = stated ?? (column && classes.get(column.text))
    return found ? sql` ${{ text: parameterName(found.text), at: found.at }}` : []
  }
  const items = columns === undefined ? [] : 'text' in columns ? [columns] : columns.list
  const ofExpressions = expressions === undefined ? [] : 'text' in expressions ? [expressions] : expressions.list
  return [
    ...items.map((item) => {
      if ('text' in item) return sql`${name(item)}${classOf(item)}`
      const { column, expression, collation, opclass: own, order, nulls } = item.keys
      const element = column ? [name(column)] : expression ? sql`(${fragment(expression)})` : []
      return sql`${element}${collation ? sql` collate ${path(collation)}` : []}${classOf(column, own)}${order ? ` ${order.text}` : ''}${nulls ? ` nulls ${nulls.text}` : ''}`
    }),
    ...ofExpressions.map((expression) => sql`(${fragment(expression)})`),
  ]
}
