import type { CatalogObject, Value } from '../../catalog/catalog.js'
import { kindOf } from '../../kinds/registry.js'
import { quoteIdentifier } from '../../sql/quote.js'
import { commentOf, cover } from './attributes.js'
import { type Children, compact, type Mapping, reader } from './mapping.js'
import { pathIn } from './scan.js'

/** A column as SQL where it has nothing that SQL of a column cannot say, otherwise a mapping; null: neither. */
export function column(object: CatalogObject, children: Children): Mapping | null {
  const { list, text, flag } = reader(object)
  if (list('options').length > 0 || list('foreignOptions').length > 0 || object.definition.notNullValid === false) return null
  const defaults = children(object, 'default')
  const covers = [...defaults, ...children(object, 'identity sequence')].map((one) => one.key)
  const comment = commentOf(object, children)
  const sql = columnSql(object, defaults)
  if (sql === null) return null
  const plain = text('storage') === null && text('statistics') === null
  if (plain && comment.value === undefined) return cover(object, sql, covers)
  const mapping = text('notNullName') === null && !flag('notNullNoInherit') ? mappingOf(object, defaults, comment.value) : null
  if (mapping !== null) return cover(object, mapping, covers, comment.covers)
  return plain ? cover(object, sql, covers) : null
}

/** What follows its name in CREATE TABLE. */
function columnSql(object: CatalogObject, defaults: readonly CatalogObject[]): string | null {
  const parts = defaults.map((one) => kindOf(one.id.kind).inline?.(one, []) ?? '')
  const sql = kindOf(object.id.kind).inline?.(object, parts)
  return sql ? sql.slice(quoteIdentifier(object.id.path.at(-1) ?? '').length + 1) : null
}

function mappingOf(object: CatalogObject, defaults: readonly CatalogObject[], comment: Value | undefined): Value | null {
  const { text, flag, of } = reader(object)
  const collation = text('collation')
  const path = collation === null ? undefined : pathIn(collation)
  if (path === null) return null
  const [standard] = defaults
  return compact({
    type: text('type'),
    collation: path,
    notNull: flag('notNull'),
    default: standard?.definition.expression,
    generated: generated(of('generated')),
    identity: identity(of('identity'), text('type') ?? ''),
    storage: text('storage'),
    compression: text('compression'),
    statistics: text('statistics'),
    comment,
  })
}

function generated(value: { readonly [name: string]: Value } | null): Value | undefined {
  if (value === null) return undefined
  return value.stored === true ? value.expression : { expression: value.expression ?? '', virtual: true }
}

const MAX: Readonly<Record<string, string>> = { smallint: '32767', integer: '2147483647', bigint: '9223372036854775807' }

/** Options of the sequence behind it, where they are not those that PostgreSQL picks. */
function identity(value: { readonly [name: string]: Value } | null, type: string): Value | undefined {
  if (value === null) return undefined
  const generation = value.always === true ? 'always' : 'by default'
  const usual = value.increment === '1' && value.min === '1' && value.max === MAX[type] && value.start === '1'
  const options = compact({
    ...(usual ? {} : { start: value.start, increment: value.increment, minValue: value.min, maxValue: value.max }),
    cache: value.cache === '1' ? undefined : value.cache,
    cycle: value.cycle === true,
  })
  return Object.keys(options).length === 0 ? generation : { generation, ...options }
}
