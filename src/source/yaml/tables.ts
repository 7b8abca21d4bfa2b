import { quoteIdentifier, quoteName } from '../../sql/quote.js'
import { attributesOf, commentOn, formerly, names, parameters, renamed, when } from './attributes.js'
import { columnDrafts, columnSql } from './columns.js'
import { constraintDrafts, constraintsSql } from './constraints.js'
import type { Table } from './document.js'
import { type Draft, fragment, join, name, type Sql, sql } from './draft.js'
import { indexDrafts } from './indexes.js'
import type { Entry } from './shape.js'
import { policyDrafts, triggerDrafts } from './triggers.js'

/** CREATE TABLE and all that belongs to the table. */
export function tableDrafts({ name: own, at, value: { keys } }: Entry<Table>, schema: string): Draft[] {
  const path = quoteName(schema, own)
  const columns = keys.columns?.entries ?? []
  const directives = [
    ...formerly(keys, own),
    ...columns.flatMap(({ name: column, value }) => ('keys' in value ? renamed(value.keys.renamedFrom, column) : [])),
  ]
  return [
    { pieces: createTable(keys, sql`${quoteName(schema)}.${name({ text: own, at })}`, schema), at, directives },
    ...columns.flatMap((column) => columnDrafts(column, path)),
    ...constraintDrafts(keys, path, schema),
    ...(keys.indexes?.entries ?? []).flatMap((index) => indexDrafts(index, path, schema)),
    ...statisticsDrafts(keys, path, schema),
    ...(keys.triggers?.entries ?? []).flatMap((trigger) => triggerDrafts(trigger, path)),
    ...stateDrafts(keys, path),
    ...(keys.policies?.entries ?? []).flatMap((policy) => policyDrafts(policy, path)),
    ...attributesOf({ sort: 'table', path: sql`${path}` }, keys),
  ]
}

type Keys = Table['keys']

function createTable(keys: Keys, path: Sql, schema: string): Sql {
  const { unlogged, partitionOf, partitionBy, inherits, accessMethod, with: storage, tablespace, columns } = keys
  const items = [...(columns?.entries ?? []).map((column) => columnSql(column, schema)), ...constraintsSql(keys)]
  const body = items.length === 0 ? (partitionOf ? '' : ' ()') : sql` (\n  ${join(items, ',\n  ')}\n)`
  const parent = partitionOf?.keys
  const bound = parent?.values ? sql` ${fragment(parent.values)}` : ''
  return [
    ...sql`create ${when(unlogged, 'unlogged ')}table ${path}`,
    ...(parent?.table
      ? sql` partition of ${{ text: quoteName(parent.schema?.text ?? schema, parent.table.text), at: parent.table.at }}`
      : []),
    ...sql`${body}${bound}`,
    ...(inherits ? sql` inherits (${names(inherits)})` : []),
    ...(partitionBy ? sql` partition by ${fragment(partitionBy)}` : []),
    ...(accessMethod ? sql` using ${name(accessMethod)}` : []),
    ...(storage ? sql` with ${parameters(storage)}` : []),
    ...(tablespace ? sql` tablespace ${name(tablespace)}` : []),
  ]
}

function statisticsDrafts({ statistics }: Keys, table: string, schema: string): Draft[] {
  return (statistics?.entries ?? []).flatMap(
    ({
      name: own,
      at,
      value: {
        keys: { kinds, columns, expressions, comment },
      },
    }) => {
      const path = sql`${quoteName(schema)}.${name({ text: own, at })}`
      const items = [
        ...(columns?.list ?? []).map((column) => [name(column)]),
        ...(expressions?.list ?? []).map((expression) => sql`(${fragment(expression)})`),
      ]
      const sorts = kinds && kinds.list.length > 0 ? ` (${kinds.list.map((kind) => kind.text).join(', ')})` : ''
      return [
        { pieces: sql`create statistics ${path}${sorts} on ${join(items, ', ')} from ${table}`, at },
        ...commentOn(sql`statistics ${path}`, comment),
      ]
    },
  )
}

function stateDrafts({ rowSecurity, replicaIdentity }: Keys, table: string): Draft[] {
  const alter = (what: string, at: Draft['at']): Draft => ({ pieces: sql`alter table ${table} ${what}`, at })
  const on = rowSecurity && ('text' in rowSecurity || rowSecurity.flag)
  const identity =
    replicaIdentity &&
    ('text' in replicaIdentity ? replicaIdentity.text : `using index ${quoteIdentifier(replicaIdentity.keys.index?.text ?? '')}`)
  return [
    ...(on ? [alter('enable row level security', rowSecurity.at)] : []),
    ...(rowSecurity && 'text' in rowSecurity ? [alter('force row level security', rowSecurity.at)] : []),
    ...(identity ? [alter(`replica identity ${identity}`, replicaIdentity.at)] : []),
  ]
}
