import type { Catalog, CatalogObject } from '../catalog/catalog.js'
import { describe } from '../catalog/id.js'
import { isOfRoles, type Sort, schemaOf } from '../diff/scope.js'
import { kindOf } from '../kinds/registry.js'
import { restrict } from '../plan/replica.js'

export interface Selection {
  readonly catalog: Catalog
  /** What the selected objects need of schemas that were not asked for, as people read it. */
  readonly missing: readonly string[]
}

/**
 * The part of a live database that is to be written. Of what is in no schema, everything where the whole database is asked for,
 * otherwise what the selected objects need. Owners and grants only where `manage` names them; default privileges are objects.
 */
export function select(live: Catalog, schemas: readonly string[] | '*', manage: ReadonlySet<Sort>): Selection {
  const find = (key: string) => live.objects.get(key)
  const wanted = (object: CatalogObject) => {
    if (isOfRoles(object, find) && !manage.has('roles')) return false
    const { managedAs, global } = kindOf(object.id.kind)
    return managedAs === undefined || manage.has(managedAs) || (managedAs === 'privileges' && !global)
  }
  const kept = new Set<string>()
  const missing = new Set<string>()
  const take = (object: CatalogObject) => {
    const work = [object.key]
    for (let key = work.pop(); key !== undefined; key = work.pop()) {
      const one = live.objects.get(key)
      if (!one || kept.has(key) || !wanted(one)) continue
      const schema = schemaOf(one, live)
      if (schemas !== '*' && schema !== null && !schemas.includes(schema)) {
        missing.add(describe(one.id))
        continue
      }
      kept.add(key)
      work.push(...(live.needs.get(key)?.keys() ?? []))
    }
  }
  for (const object of live.objects.values()) if (schemas === '*' || inOne(object, live, schemas)) take(object)
  // Comments, owners and grants of what is in no schema follow it.
  for (const object of live.objects.values())
    if (kindOf(object.id.kind).global && object.parent !== undefined && kept.has(object.parent)) take(object)
  return { catalog: restrict(live, (key) => kept.has(key)), missing: [...missing].sort() }
}

function inOne(object: CatalogObject, live: Catalog, schemas: readonly string[]): boolean {
  const schema = schemaOf(object, live)
  return schema !== null && schemas.includes(schema)
}

/** Another server may offer other versions of an extension: a file that states one is a difference for ever. */
export function withoutVersions(catalog: Catalog): Catalog {
  const objects = new Map(
    [...catalog.objects].map(([key, object]) => [
      key,
      object.id.kind === 'extension' ? { ...object, definition: { ...object.definition, version: null } } : object,
    ]),
  )
  return { ...catalog, objects }
}
