import { equal } from '../catalog/canonical.js'
import type { Catalog, CatalogObject, Value } from '../catalog/catalog.js'
import { type Scope, type TargetState, targetState } from '../diff/scope.js'
import { kindOf } from '../kinds/registry.js'

/** One way in which one object differs; `attribute` is null where the object itself comes or goes. */
export interface Difference {
  readonly key: string
  readonly attribute: string | null
  /** What was agreed, and what was found; undefined: no such object. */
  readonly agreed: Value | undefined
  readonly live: Value | undefined
}

/** What differs between an agreed state and the live one, by managed scope; parts of an object that came or went go without saying. */
export function driftOf(agreed: Catalog, live: Catalog, scope: Scope): Difference[] {
  const state = targetState({ catalog: agreed, base: NOTHING, stated: statedBy(scope) }, live, scope)
  return differences(state, live)
}

export function differences({ catalog, compared }: Pick<TargetState, 'catalog' | 'compared'>, live: Catalog): Difference[] {
  const keys = [...new Set([...catalog.objects.keys(), ...live.objects.keys()])].filter(compared).sort()
  return keys.flatMap((key) => {
    const [wanted, found] = [catalog.objects.get(key), live.objects.get(key)]
    if (wanted && found) return changed(key, wanted, found)
    const parent = (wanted ?? found)?.parent
    const withParent = parent !== undefined && catalog.objects.has(parent) !== live.objects.has(parent)
    return withParent ? [] : [{ key, attribute: null, agreed: wanted?.definition, live: found?.definition }]
  })
}

function changed(key: string, wanted: CatalogObject, found: CatalogObject): Difference[] {
  return Object.keys(kindOf(wanted.id.kind).alter)
    .filter((attribute) => !equal(wanted.definition[attribute], found.definition[attribute]))
    .map((attribute) => ({ key, attribute, agreed: wanted.definition[attribute] ?? null, live: found.definition[attribute] ?? null }))
}

/** Owners and privileges count where a plan set them, or where the scope names them; attributes always: this is one and the same database. */
function statedBy({ formerly }: Scope): (object: CatalogObject, aspect: string) => boolean {
  const sorts = new Set<string>()
  for (const key of formerly) {
    const [kind = '', ...path] = JSON.parse(key) as string[]
    const sort = kindOf(kind).managedAs
    // A grant's own names, its grantee and perhaps its grantor, stand before its target's.
    if (sort !== undefined) for (const target of [path, path.slice(1), path.slice(2)]) sorts.add(`${sort} ${JSON.stringify(target)}`)
  }
  return ({ id }, aspect) =>
    aspect !== 'owners' && aspect !== 'privileges' ? true : sorts.has(`${aspect} ${JSON.stringify([id.kind, ...id.path])}`)
}

const NOTHING: Catalog = { objects: new Map(), needs: new Map(), unmodelled: [], major: 0, role: '' }
