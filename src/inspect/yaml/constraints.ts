import type { CatalogObject, Value } from '../../catalog/catalog.js'
import { commentOf, cover } from './attributes.js'
import { type Children, compact, type Mapping, named, oneOrMany, parameters, reader } from './mapping.js'
import { inside, namesIn, scan } from './scan.js'

/** The constraints of a table under the names that a table's mapping has for them. */
export function constraints(
  table: CatalogObject,
  children: Children,
): { readonly value: { readonly [key: string]: Value | undefined }; readonly covers: readonly string[] } {
  // What a partition is given as it is attached, no file states.
  const isGiven = ({ definition }: CatalogObject) => definition.cloned === true
  const given = children(table, 'constraint').filter(isGiven)
  const all = children(table, 'constraint').filter((one) => !isGiven(one))
  const some = (type: string, map: (object: CatalogObject) => Mapping | null) =>
    named(
      all.filter((one) => one.definition.type === type),
      map,
    )
  const [primary] = all.filter((one) => one.definition.type === 'primary key')
  const primaryKey = primary === undefined ? null : primaryKeyOf(primary, table, children)
  const uniques = some('unique', (object) => key(object, children))
  const checks = some('check', (object) => check(object, children))
  const foreignKeys = some('foreign key', (object) => foreignKey(object, children))
  const exclusions = some('exclude', (object) => exclusion(object, children))
  return {
    value: {
      primaryKey: primaryKey?.value,
      uniques: uniques.value,
      checks: checks.value,
      foreignKeys: foreignKeys.value,
      exclusions: exclusions.value,
    },
    covers: [
      ...given.map(({ key }) => key),
      ...(primaryKey?.covers ?? []),
      ...uniques.covers,
      ...checks.covers,
      ...foreignKeys.covers,
      ...exclusions.covers,
    ],
  }
}

/** Its columns alone where its name is the one that PostgreSQL picks, which nothing else in the schema can have. */
function primaryKeyOf(object: CatalogObject, table: CatalogObject, children: Children): Mapping | null {
  const mapping = key(object, children)
  if (mapping === null) return null
  const name = object.id.path.at(-1) ?? ''
  const picked = `${table.id.path.at(-1)}_pkey`
  // A comment is said of the name.
  if (name === picked && picked.length <= 63 && children(object, 'comment').length === 0) return mapping
  const value =
    typeof mapping.value === 'object' && mapping.value !== null && !Array.isArray(mapping.value)
      ? mapping.value
      : { columns: mapping.value }
  return { ...mapping, value: { name, ...value } }
}

/** `PRIMARY KEY (a) INCLUDE (b)`, `UNIQUE NULLS NOT DISTINCT (a)`. */
function key(object: CatalogObject, children: Children): Mapping | null {
  const { text, list } = reader(object)
  const tokens = scan(text('text') ?? '') ?? []
  const words = tokens
    .filter((token) => !token.group)
    .map((token) => token.text)
    .join(' ')
  const [columnList, includeList] = tokens.filter((token) => token.group).map((group) => namesIn(inside(group)))
  if (
    ![
      'PRIMARY KEY',
      'PRIMARY KEY INCLUDE',
      'UNIQUE',
      'UNIQUE INCLUDE',
      'UNIQUE NULLS NOT DISTINCT',
      'UNIQUE NULLS NOT DISTINCT INCLUDE',
    ].includes(words)
  )
    return null
  if (!columnList || includeList === null || object.definition.repeats === true) return null
  const comment = commentOf(object, children)
  const options = compact({
    nullsNotDistinct: words.includes('DISTINCT'),
    include: includeList && oneOrMany(includeList),
    with: parameters(list('options')),
    tablespace: text('tablespace'),
    ...deferral(object),
    comment: comment.value,
  })
  const columns = oneOrMany(columnList)
  return cover(object, Object.keys(options).length === 0 ? columns : { columns, ...options }, comment.covers)
}

/** `CHECK ((a > 0)) NO INHERIT`; one that is not valid yet cannot be said in CREATE TABLE. */
function check(object: CatalogObject, children: Children): Mapping | null {
  const { text, flag } = reader(object)
  const [word, group, ...rest] = scan(text('text') ?? '') ?? []
  const tail = rest.map((token) => token.text).join(' ')
  if (word?.text !== 'CHECK' || !group?.group || (tail !== '' && tail !== 'NO INHERIT') || (!flag('validated') && flag('enforced')))
    return null
  const comment = commentOf(object, children)
  const expression = withoutParentheses(inside(group))
  const options = compact({ noInherit: tail !== '', notEnforced: !flag('enforced'), comment: comment.value })
  return cover(object, Object.keys(options).length === 0 ? expression : { expression, ...options }, comment.covers)
}

/** `FOREIGN KEY (a) REFERENCES s.t(b) ON DELETE CASCADE`. */
function foreignKey(object: CatalogObject, children: Children): Mapping | null {
  const { text, flag } = reader(object)
  const full = text('text') ?? ''
  const [foreign, word, group, references] = scan(full) ?? []
  const columns = group?.group ? namesIn(inside(group)) : null
  if (foreign?.text !== 'FOREIGN' || word?.text !== 'KEY' || references?.text !== 'REFERENCES' || columns === null || !flag('enforced'))
    return null
  const { deferrable, initiallyDeferred } = deferral(object)
  const comment = commentOf(object, children)
  const target = `${full.slice(references.end).trim()}${deferrable ? ' deferrable' : ''}${initiallyDeferred ? ' initially deferred' : ''}`
  return cover(
    object,
    compact({ columns: oneOrMany(columns), references: target, notValid: !flag('validated'), comment: comment.value }),
    comment.covers,
  )
}

function exclusion(object: CatalogObject, children: Children): Mapping | null {
  const { text, list } = reader(object)
  const full = text('text') ?? ''
  if (!full.startsWith('EXCLUDE ') || list('options').length > 0 || text('tablespace') !== null) return null
  const { deferrable, initiallyDeferred } = deferral(object)
  const definition = `${full.slice('EXCLUDE '.length)}${text('predicate') ?? ''}${deferrable ? ' deferrable' : ''}${initiallyDeferred ? ' initially deferred' : ''}`
  const comment = commentOf(object, children)
  return cover(object, comment.value === undefined ? definition : { definition, comment: comment.value }, comment.covers)
}

function deferral(object: CatalogObject): { readonly deferrable: boolean; readonly initiallyDeferred: boolean } {
  return { deferrable: object.definition.deferrable === true, initiallyDeferred: object.definition.deferred === true }
}

/** PostgreSQL writes one pair more than a person would. */
export function withoutParentheses(expression: string): string {
  const [group, more] = scan(expression) ?? []
  return group?.group && more === undefined && group.start === 0 ? inside(group) : expression
}
