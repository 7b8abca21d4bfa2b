import type { CatalogObject } from '../catalog/catalog.js'
import { idOf } from '../catalog/id.js'
import { namesOf, quoteIdentifier, quoteName } from '../sql/quote.js'
import { ownRows } from '../sql/rows.js'
import { fillOf } from './fill.js'
import { keyColumns } from './key-columns.js'
import type { LiveContext } from './kind.js'

/** A table that is there, as questions about its rows name it. */
export interface LiveTable {
  readonly object: CatalogObject
  /** With the rows of what inherits from it. */
  readonly name: string
  /** Its own rows alone: no key, index or foreign key reaches what inherits. All rows of a partitioned table are its partitions'. */
  readonly own: string
  readonly key: readonly string[] | null
}

/** The live table that the object belongs to. */
export function tableOf({ parent }: CatalogObject, live: LiveContext): LiveTable | null {
  const object = parent === undefined ? undefined : live.at(parent)
  if (!object || !('partitionKey' in object.definition)) return null
  const primary = live.children(object.id).find(({ definition }) => definition.type === 'primary key')
  return { object, name: quoteName(...object.id.path), own: ownRowsOf(object), key: keyColumns(String(primary?.definition.text ?? '')) }
}

export function ownRowsOf({ id, definition }: CatalogObject): string {
  return ownRows(id.path, definition.partitionKey !== null)
}

export interface Rows {
  /** What stands after `from`, before an alias. */
  readonly from: string
  /** What selects all of it, `ctid` included. */
  readonly all: string
  /** Ends a sentence about such rows: why they have these values. */
  readonly because: string
}

/** The table's own rows as they will be once it has these columns; null where a new one has a value that is not known before. */
export function rowsWith(table: LiveTable, names: readonly string[], live: LiveContext): Rows | null {
  const there = new Set(live.children(table.object.id).flatMap(({ id, definition }) => ('notNull' in definition ? [id.path.at(-1)] : [])))
  const added = names.filter((name) => !there.has(name)).map((name) => [name, valueOfNew([...table.object.id.path, name], live)] as const)
  if (added.length === 0) return { from: table.own, all: 'ctid, *', because: '' }
  if (added.some(([, value]) => value === null)) return null
  const columns = added.map(([name, value]) => `, ${value?.sql} as ${quoteIdentifier(name)}`)
  const told = added.flatMap(([name, value]) => (value?.text === 'null' ? [] : [`${name} is new and ${value?.text} in all rows`]))
  return {
    from: `(select ctid, *${columns.join('')} from ${table.own})`,
    all: '*',
    because: told.length === 0 ? '' : `, as ${told.join(' and ')}`,
  }
}

/** As pg_get_expr prints constants: `0`, `'-1'::integer`, `'a'::character varying`, `(0)::numeric`. */
const CONSTANT = /^(?:\d+(?:\.\d+)?|\(\d+(?:\.\d+)?\)::[\w ,()]+|true|false|'(?:[^']|'')*'(?:::[\w .,"()[\]]+)?)$/

function valueOfNew(path: readonly string[], live: LiveContext): { readonly sql: string; readonly text: string } | null {
  const column = live.coming({ kind: 'column', path })
  if (!column || column.definition.generated !== null || column.definition.identity !== null) return null
  const type = String(column.definition.type)
  const given = live.coming({ kind: 'default', path })
  // A domain has a default of its own.
  const domain = live.find({ kind: 'domain', path: namesOf(type) ?? [] })
  const text = given ? String(given.definition.expression) : column.definition.notNull ? filledIn(column, live) : domain ? null : 'null'
  if (text === null || (given && !CONSTANT.test(text))) return null
  return { sql: `(${text})::${type}`, text: text.replace(/^('(?:[^']|'')*')::.*$/s, '$1') }
}

/** The value that all rows get; null where each gets its own, or none is known. */
function filledIn(column: CatalogObject, live: LiveContext): string | null {
  const fill = fillOf(column, live.comingOf(idOf(column.parent ?? '[""]')), live)
  return fill && 'value' in fill ? fill.value : null
}
