import type { CatalogObject } from '../../catalog/catalog.js'
import { attributes, cover } from './attributes.js'
import { column } from './columns.js'
import { constraints } from './constraints.js'
import { index } from './indexes.js'
import { type Children, compact, isNumbered, type Mapping, named, parameters, reader } from './mapping.js'
import { policy, trigger } from './triggers.js'

export function table(object: CatalogObject, children: Children): Mapping | null {
  const { text, list, flag } = reader(object)
  // Names of parents and types may need a schema, for which the mapping has no place.
  if (text('ofType') !== null || list('inherits').length > 0 || (flag('forceRowSecurity') && !flag('rowSecurity'))) return null
  if (children(object, 'column').some(isNumbered)) return null
  const columns = named(children(object, 'column'), (one) => column(one, children))
  const keys = constraints(object, children)
  const indexes = named(children(object, 'index'), (one) => index(one, children))
  const triggers = named(children(object, 'trigger'), (one) => trigger(one, children))
  const policies = named(children(object, 'policy'), (one) => policy(one, children))
  const { value: own, covers } = attributes(object, children)
  const [identity] = children(object, 'replica identity')
  const accessMethod = text('accessMethod')
  return cover(
    object,
    compact({
      comment: own.comment,
      owner: own.owner,
      unlogged: text('persistence') === 'unlogged',
      columns: columns.value,
      ...keys.value,
      partitionBy: text('partitionKey'),
      accessMethod: accessMethod === 'heap' ? undefined : accessMethod,
      with: parameters(list('options')),
      tablespace: text('tablespace'),
      indexes: indexes.value,
      rowSecurity: flag('forceRowSecurity') ? 'force' : flag('rowSecurity'),
      policies: policies.value,
      triggers: triggers.value,
      replicaIdentity:
        identity && (identity.definition.index === null ? identity.definition.identity : { index: identity.definition.index ?? '' }),
      grants: own.grants,
    }),
    columns.covers,
    keys.covers,
    indexes.covers,
    triggers.covers,
    policies.covers,
    covers,
    identity ? [identity.key] : [],
  )
}

export function view(object: CatalogObject, children: Children): Mapping | null {
  const { text, list } = reader(object)
  const triggers = named(children(object, 'trigger'), (one) => trigger(one, children))
  const { value: own, covers } = attributes(object, children)
  const query = text('query') ?? ''
  const value = compact({
    comment: own.comment,
    owner: own.owner,
    options: parameters(list('options')),
    query,
    triggers: triggers.value,
    grants: own.grants,
  })
  return cover(object, Object.keys(value).length === 1 ? query : value, triggers.covers, covers)
}

export function materializedView(object: CatalogObject, children: Children): Mapping | null {
  const { text, list, flag } = reader(object)
  if (!flag('populated')) return null
  const indexes = named(children(object, 'index'), (one) => index(one, children))
  const { value: own, covers } = attributes(object, children)
  const query = text('query') ?? ''
  const accessMethod = text('accessMethod')
  const value = compact({
    comment: own.comment,
    owner: own.owner,
    accessMethod: accessMethod === 'heap' ? undefined : accessMethod,
    with: parameters(list('options')),
    tablespace: text('tablespace'),
    query,
    indexes: indexes.value,
    grants: own.grants,
  })
  return cover(object, Object.keys(value).length === 1 ? query : value, indexes.covers, covers)
}
