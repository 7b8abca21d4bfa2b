import { equal } from '../catalog/canonical.js'
import type { Catalog, CatalogObject } from '../catalog/catalog.js'
import { compare } from '../diff/compare.js'
import { isOfRoles } from '../diff/scope.js'
import { kindOf } from '../kinds/registry.js'
import { introspect } from '../postgres/introspect.js'
import type { Session } from '../postgres/session.js'
import type { Rehearsing } from './rehearsing.js'
import { overlay, pick } from './replica.js'

/** How often what a rehearsal left over is planned again before it counts as a failure. */
export const ROUNDS = 4

/** Roles are the cluster's: what others do to them meanwhile is no part of the rehearsal, nor ours to undo, unless the plan is about them. */
export async function readReplica(session: Session, known: Catalog, compared: Rehearsing['compared']): Promise<Catalog> {
  const now = await introspect(session)
  const find = (key: string) => now.objects.get(key) ?? known.objects.get(key)
  const keys = [...now.objects.values(), ...known.objects.values()]
    .filter(({ key }) => !equal(now.objects.get(key)?.definition, known.objects.get(key)?.definition))
    .filter((object) => isOfRoles(object, find) && !compared(object.key))
    .map((object) => object.key)
  return keys.length === 0 ? now : withObjectsOf(now, known, keys)
}

/** What nobody manages or states is left as PostgreSQL made it. */
export function uncompared(goal: Catalog, reached: Catalog, compared: (key: string) => boolean): Catalog {
  const keys = [...new Set([...goal.objects.keys(), ...reached.objects.keys()])].filter(
    (key) => !compared(key) && goal.objects.has(key) !== reached.objects.has(key),
  )
  const left = keys.length === 0 ? goal : withObjectsOf(goal, reached, keys)
  return { ...left, objects: new Map([...left.objects].map(([key, object]) => [key, withUnstated(object, reached.objects.get(key))])) }
}

function withUnstated(object: CatalogObject, made: CatalogObject | undefined): CatalogObject {
  const unstated = (kindOf(object.id.kind).whenStated ?? []).filter((attribute) => object.definition[attribute] === null)
  if (unstated.length === 0 || made === undefined) return object
  return {
    ...object,
    definition: {
      ...object.definition,
      ...Object.fromEntries(unstated.map((attribute) => [attribute, made.definition[attribute] ?? null])),
    },
  }
}

/** Objects that were to be changed and read the same afterwards: PostgreSQL spells what it was told in its own way. */
export function onlySpelling(before: Catalog, after: Catalog, start: Catalog, reached: Catalog): string[] {
  return [...compare(before, after).changes.values()]
    .filter((change) => change.before && change.after && change.attributes.length > 0)
    .filter(({ key }) => start.objects.has(key) && equal(start.objects.get(key)?.definition, reached.objects.get(key)?.definition))
    .map((change) => change.key)
}

/** `catalog` with these objects, and what they need, taken from `source`; gone where the source lacks them. */
export function withObjectsOf(catalog: Catalog, source: Catalog, keys: readonly string[]): Catalog {
  const taken = new Set(keys)
  return overlay(
    catalog,
    pick(source, (key) => taken.has(key)),
    keys.filter((key) => !source.objects.has(key)),
  )
}
