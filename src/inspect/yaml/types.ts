import type { CatalogObject, Value } from '../../catalog/catalog.js'
import { kindOf } from '../../kinds/registry.js'
import { quoteIdentifier } from '../../sql/quote.js'
import { attributes, cover } from './attributes.js'
import { type Children, compact, isNumbered, type Mapping, named, reader } from './mapping.js'
import { inside, pathIn, scan } from './scan.js'

export function enumType(object: CatalogObject, children: Children): Mapping | null {
  const { value: own, covers } = attributes(object, children)
  const values = reader(object).list('labels')
  const value = { values, ...compact(own) }
  return cover(object, Object.keys(value).length === 1 ? values : value, covers)
}

export function domain(object: CatalogObject, children: Children): Mapping | null {
  const { text, flag } = reader(object)
  const collation = text('collation')
  const path = collation === null ? undefined : pathIn(collation)
  if (path === null || text('notNullName') !== null) return null
  const { value: own, covers } = attributes(object, children)
  const checks = named(children(object, 'domain constraint'), check)
  return cover(
    object,
    compact({
      comment: own.comment,
      owner: own.owner,
      type: text('type'),
      collation: path,
      default: text('default'),
      notNull: flag('notNull'),
      checks: checks.value,
      grants: own.grants,
    }),
    checks.covers,
    covers,
  )
}

function check(object: CatalogObject): Mapping | null {
  const [word, group, more] = scan(reader(object).text('text') ?? '') ?? []
  return word?.text === 'CHECK' && group?.group && more === undefined && object.definition.validated === true
    ? cover(object, inside(group))
    : null
}

export function compositeType(object: CatalogObject, children: Children): Mapping | null {
  if (children(object, 'attribute').some(isNumbered)) return null
  const all = named(children(object, 'attribute'), (one) => {
    const sql = kindOf(one.id.kind).inline?.(one, [])
    return sql ? cover(one, sql.slice(quoteIdentifier(one.id.path.at(-1) ?? '').length + 1)) : null
  })
  const { value: own, covers } = attributes(object, children)
  return cover(object, compact({ comment: own.comment, owner: own.owner, attributes: all.value, grants: own.grants }), all.covers, covers)
}

export function sequence(object: CatalogObject, children: Children): Mapping | null {
  const { text, flag } = reader(object)
  const [ownedBy] = children(object, 'sequence owner')
  const column = ownedBy && reader(ownedBy).list('column')
  const usual = usualBounds(text)
  const mine = column?.[0] === object.id.path[0]
  const { value: own, covers } = attributes(object, children)
  const value: { readonly [key: string]: Value } = compact({
    comment: own.comment,
    owner: own.owner,
    unlogged: text('persistence') === 'unlogged',
    type: text('type') === 'bigint' ? undefined : text('type'),
    start: usual ? undefined : text('start'),
    increment: text('increment') === '1' ? undefined : text('increment'),
    minValue: usual ? undefined : text('min'),
    maxValue: usual ? undefined : text('max'),
    cache: text('cache') === '1' ? undefined : text('cache'),
    cycle: flag('cycle'),
    ownedBy: mine && column ? { table: column[1] ?? '', column: column[2] ?? '' } : undefined,
    grants: own.grants,
  })
  return cover(object, value, covers, mine && ownedBy ? [ownedBy.key] : [])
}

const MAX: Readonly<Record<string, string>> = { smallint: '32767', integer: '2147483647', bigint: '9223372036854775807' }

function usualBounds(text: (attribute: string) => string | null): boolean {
  return text('min') === '1' && text('start') === '1' && text('max') === MAX[text('type') ?? ''] && !text('increment')?.startsWith('-')
}
