import type { Catalog, CatalogObject, Needs } from '../catalog/catalog.js'
import { dependentsOf } from '../catalog/catalog.js'
import { groupBy } from '../catalog/group.js'
import { kindOf } from '../kinds/registry.js'

/**
 * The part of `live` that a change of `touched` can concern: what is touched, everything that depends on it, all that these
 * need, and the whole of every object that any of it is part of; but for foreign keys that are there only as parts, and would bring
 * other tables, and theirs: whole databases hang together by them.
 */
export function closure(live: Catalog, touched: Iterable<string>, needed: Iterable<string>): Catalog {
  const dependents = dependentsOf(live.needs)
  const children = groupBy(live.objects.values(), (object) => object.parent ?? '')
  const inside = new Set<string>()
  const grow = (start: Iterable<string>, withDependents: boolean) => {
    const work = [...start]
    for (let key = work.pop(); key !== undefined; key = work.pop()) {
      if (inside.has(key) || !live.objects.has(key)) continue
      inside.add(key)
      if (withDependents) work.push(...(dependents.get(key)?.keys() ?? []))
    }
  }
  grow(touched, true)
  grow(needed, false)
  grow(
    [...live.objects.values()].filter((object) => kindOf(object.id.kind).ambient).map((object) => object.key),
    false,
  )
  // What these need, and whole tables: a column alone cannot be built.
  const work = [...inside]
  const complete = new Set<string>()
  const references: CatalogObject[] = []
  for (let key = work.pop(); key !== undefined; key = work.pop()) {
    const object = complete.has(key) ? undefined : live.objects.get(key)
    if (!object) continue
    complete.add(key)
    if (object.parent !== undefined) work.push(object.parent)
    work.push(...(live.needs.get(key)?.keys() ?? []))
    if (object.parent !== undefined) continue
    for (const child of children.get(key) ?? [])
      if (isReference(child) && !inside.has(child.key)) references.push(child)
      else work.push(...withDescendants(child, children))
  }
  // Those between tables that are there anyway, if without some partition.
  for (const reference of references)
    if ([...(live.needs.get(reference.key) ?? [])].every(([key, type]) => type === 'after' || complete.has(key)))
      for (const key of withDescendants(reference, children)) complete.add(key)
  return restrict(live, (key) => complete.has(key))
}

function isReference(object: CatalogObject): boolean {
  return (kindOf(object.id.kind).refers?.(object) ?? null) !== null
}

/** All that belongs to a root, but for the members of a schema: the schema alone stands for itself. */
function withDescendants(object: CatalogObject, children: ReadonlyMap<string, readonly CatalogObject[]>): string[] {
  return [object.key, ...(children.get(object.key) ?? []).flatMap((child) => withDescendants(child, children))]
}

/** The objects that the test lets through, and what they need among them. */
export function restrict(catalog: Catalog, keep: (key: string) => boolean): Catalog {
  const objects = new Map([...catalog.objects].filter(([key]) => keep(key)))
  const needs: Needs = new Map()
  for (const [key, row] of catalog.needs) if (objects.has(key)) needs.set(key, new Map([...row].filter(([needed]) => objects.has(needed))))
  return { ...catalog, objects, needs, unmodelled: [] }
}

/** These objects with all that they need, for `overlay` to put over another state. */
export function pick(catalog: Catalog, keep: (key: string) => boolean): Catalog {
  const objects = new Map([...catalog.objects].filter(([key]) => keep(key)))
  return { ...catalog, objects, needs: new Map([...catalog.needs].filter(([key]) => objects.has(key))) }
}

/** `catalog` with the objects of `over` in place of its own, and those of `gone` taken out. */
export function overlay(catalog: Catalog, over: Catalog, gone: Iterable<string> = []): Catalog {
  const out = new Set(gone)
  const objects = new Map([...catalog.objects, ...over.objects].filter(([key]) => !out.has(key)))
  const needs: Needs = new Map()
  for (const source of [catalog, over])
    for (const [key, row] of source.needs) if (objects.has(key)) needs.set(key, new Map([...row].filter(([needed]) => objects.has(needed))))
  return { ...catalog, objects, needs }
}
