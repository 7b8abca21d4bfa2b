import { equal } from '../catalog/canonical.js'
import type { CatalogObject } from '../catalog/catalog.js'
import { idOf } from '../catalog/id.js'
import { once } from '../catalog/once.js'
import { kindOf } from '../kinds/registry.js'
import { type Change, type Comparison, comes, contextsIn, goes } from './compare.js'
import type { Operation } from './operation.js'

/*
 * What PostgreSQL repeats on heirs and partitions by itself.
 */

/** Wholes that stay while their tie to another relation comes, goes or is made anew: their parts get for themselves what is not inherited then. */
export const looseIn = once(({ before, after, changes }: Comparison): ReadonlySet<string> => {
  const ties = [...changes.values()].filter((change) => kindOf(idOf(change.key).kind).ties && (comes(change) || goes(change)))
  const wholes = ties.flatMap((tie) => (tie.after ?? tie.before)?.parent ?? [])
  return new Set(wholes.filter((whole) => before.objects.has(whole) && after.objects.has(whole)))
})

/** PostgreSQL makes the same change on the parent's object and repeats it on this one. */
export function echoed(change: Change, attribute: string, comparison: Comparison): boolean {
  if (looseIn(comparison).has(change.after?.parent ?? '')) return false
  return (change.after?.echoes ?? []).some((key) => {
    const echo = comparison.changes.get(key)
    return (
      echo !== undefined &&
      !echo.recreate &&
      echo.attributes.includes(attribute) &&
      change.before?.echoes?.includes(key) &&
      equal(echo.after?.definition[attribute], change.after?.definition[attribute])
    )
  })
}

/** Does it outlive what it came with, since its table declares it besides, or follows that table no more? */
export function isLeft({ parent = '', echoes = [], own }: CatalogObject, key: string, comparison: Comparison): boolean {
  if (!echoes.includes(key)) return false
  if (own) return true
  const table = comparison.changes.get(parent)
  const left = table === undefined || goes(table) ? [] : leaves(table)
  const [schema, name] = idOf(key).path
  return looseIn(comparison).has(parent) || left.some((path) => path[0] === schema && path[1] === name)
}

/** Its model states its type anew, which reaches it. */
export function retypeEchoed({ before, after }: Change, comparison: Comparison): boolean {
  if (looseIn(comparison).has(after?.parent ?? '')) return false
  return (after?.echoes ?? []).some((key) => {
    const model = comparison.changes.get(key)
    return model?.retype === true && !model.recreate && before?.echoes?.includes(key)
  })
}

/** Created or dropped along with the parent's object, when its own table stays attached all the while. */
export function impliedByEcho(change: Change, comparison: Comparison): boolean {
  const object = change.after ?? change.before
  const table = object?.parent === undefined ? undefined : comparison.changes.get(object.parent)
  if (!object || (table && (goes(table) || comes(table)))) return false
  if (comes(change) && isDeclared(object, comparison)) return false
  return (object.echoes ?? []).some((key) => {
    const echo = comparison.changes.get(key)
    const parentTable = echo && comparison.changes.get((echo.after ?? echo.before)?.parent ?? '')
    if (!echo || (parentTable && (goes(parentTable) || comes(parentTable)))) return false
    if (isLeft(object, key, comparison)) return false
    return (comes(change) && comes(echo)) || (goes(change) && goes(echo))
  })
}

/** Is it its table's own, although what the table follows has it as well? */
export function isDeclared(object: CatalogObject, comparison: Comparison): boolean {
  if (object.echoes === undefined) return false
  return object.own === true || kindOf(object.id.kind).precedes?.(object, contextsIn(comparison).arriving) === true
}

/** Paths of the relations that it follows no more. */
export function leaves({ before, after }: Change): readonly (readonly string[])[] {
  return without(attachments(before), attachments(after))
}

/** Paths of the relations that it begins to follow. */
export function joins({ before, after }: Change): readonly (readonly string[])[] {
  return without(attachments(after), attachments(before))
}

function attachments(object: CatalogObject | undefined): readonly (readonly string[])[] {
  return object ? (kindOf(object.id.kind).attachedTo?.(object) ?? []) : []
}

function without(paths: readonly (readonly string[])[], others: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return paths.filter((path) => !others.some((other) => equal(path, other)))
}

/** It can be dropped only once its relation has left those that it came from. */
export function isInheritedPart(part: Operation | undefined, heir: Operation | undefined): boolean {
  return part?.object.echoes !== undefined && heir !== undefined && part.object.parent === heir.key && leaves(heir.change).length > 0
}
