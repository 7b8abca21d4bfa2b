import type { Catalog, CatalogObject } from '../catalog/catalog.js'
import type { ObjectId } from '../catalog/id.js'
import { actions, type Context, type Filled, list, type Online, type TableAction, written } from '../kinds/kind.js'
import { kindOf } from '../kinds/registry.js'
import { type Change, type Comparison, comes, contextsIn, goes } from './compare.js'
import { echoed, impliedByEcho, retypeEchoed } from './echoes.js'
import { onlineForm } from './online-form.js'
import { makersIn, spreadsIn } from './spread.js'

/**
 * One thing to be done to one object, the grain of the order. `set-aside` and `discard` are the two halves of a swap:
 * a type renamed away, and dropped once no column uses it. `shell`: a stand-in for what is created once what needs it stands.
 * `keep` and `refill`: rows of what is made anew, set aside before and brought back after.
 */
export interface Operation {
  readonly id: number
  readonly verb: 'create' | 'drop' | 'alter' | 'set-aside' | 'discard' | 'shell' | 'keep' | 'refill'
  readonly key: string
  readonly object: CatalogObject
  readonly change: Change
  /** How it is done while others read and write; null: as usual. */
  readonly online: Online | null
}

export interface Operations {
  readonly all: readonly Operation[]
  readonly create: ReadonlyMap<string, Operation>
  /** Drops, and the discards that stand in for them in a swap. */
  readonly drop: ReadonlyMap<string, Operation>
  readonly alter: ReadonlyMap<string, Operation>
  readonly setAside: ReadonlyMap<string, Operation>
  readonly shell: ReadonlyMap<string, Operation>
  readonly keep: ReadonlyMap<string, Operation>
  readonly refill: ReadonlyMap<string, Operation>
}

export function operationsOf(comparison: Comparison): Operations {
  const all: Operation[] = []
  const maps = {
    create: new Map<string, Operation>(),
    drop: new Map<string, Operation>(),
    alter: new Map<string, Operation>(),
    setAside: new Map<string, Operation>(),
    shell: new Map<string, Operation>(),
    keep: new Map<string, Operation>(),
    refill: new Map<string, Operation>(),
  }
  const add = (map: Map<string, Operation>, verb: Operation['verb'], change: Change, object: CatalogObject) => {
    const operation = { id: all.length, verb, key: change.key, object, change, online: onlineForm(verb, change, comparison) }
    all.push(operation)
    map.set(change.key, operation)
  }
  for (const key of [...comparison.changes.keys()].sort()) {
    const change = comparison.changes.get(key)
    if (!change) continue
    const { before, after } = change
    const swap = comparison.swapped.has(key)
    // What a type consists of is set aside with it: dropped one by one, its rows would lose their values.
    const part = before !== undefined && isOfSwapped(before, comparison) && !letsGoByItself(before, comparison)
    if (before && after && change.recreate && onlineForm('alter', change, comparison)) {
      add(maps.alter, 'alter', change, after)
      continue
    }
    const rebuilt = isRebuilt(change, comparison)
    if (rebuilt && before) add(maps.keep, 'keep', change, before)
    if (swap && before) add(maps.setAside, 'set-aside', change, before)
    if (goes(change) && before && !part) add(maps.drop, swap ? 'discard' : 'drop', change, before)
    if (comes(change) && after && kindOf(after.id.kind).shell && neededByWhatItNeeds(key, comparison.after))
      add(maps.shell, 'shell', change, after)
    if (comes(change) && after) add(maps.create, 'create', change, after)
    const kept = after ?? before
    if (rebuilt && kept) add(maps.refill, 'refill', change, kept)
    if (before && after && !change.recreate) add(maps.alter, 'alter', change, after)
  }
  for (const { key, before } of comparison.changes.values()) {
    const aside = before?.parent === undefined ? undefined : maps.setAside.get(before.parent)
    if (aside && !maps.setAside.has(key) && !maps.drop.has(key)) maps.setAside.set(key, aside)
  }
  return { all, ...maps }
}

function isOfSwapped({ parent }: CatalogObject, comparison: Comparison): boolean {
  const whole = comparison.before.objects.get(parent ?? '')
  return whole !== undefined && (comparison.swapped.has(whole.key) || isOfSwapped(whole, comparison))
}

/** It holds no values (a domain's check), and would keep what it needs from being dropped. */
function letsGoByItself(part: CatalogObject, { before, changes }: Comparison): boolean {
  return (
    kindOf(part.id.kind).shapesRows !== true &&
    [...(before.needs.get(part.key)?.keys() ?? [])].some((needed) => {
      const change = changes.get(needed)
      return needed !== part.parent && change !== undefined && goes(change)
    })
  )
}

/** Its rows, or some of them, are set aside and brought back. */
export function isRebuilt(change: Change, comparison: Comparison): boolean {
  const { before, after } = change
  return (
    before !== undefined && goes(change) && kindOf(before.id.kind).rebuild?.needed(before, after, contextsIn(comparison).arriving) === true
  )
}

function neededByWhatItNeeds(key: string, { needs }: Catalog): boolean {
  return [...(needs.get(key)?.keys() ?? [])].some((needed) => needs.get(needed)?.has(key))
}

/** What a type lets go of before it is set aside, since that goes: how, by the key of what it needs no more. */
export function lightening(object: CatalogObject, { before, changes }: Comparison): ReadonlyMap<string, string> {
  const ways = [...(before.needs.get(object.key)?.keys() ?? [])].map((key) => {
    const [needed, change] = [before.objects.get(key), changes.get(key)]
    return [key, (needed && change && goes(change) && kindOf(object.id.kind).lighten?.(object, needed)) ?? null] as const
  })
  return new Map(ways.flatMap(([key, sql]) => (typeof sql === 'string' ? [[key, sql]] : [])))
}

/** What a swapped type is called in between. */
function aside(id: ObjectId, comparison: Comparison): ObjectId {
  return contextsIn(comparison).before.beside(id, '__replaced')
}

export function statements(operation: Operation, parts: readonly string[], comparison: Comparison): string[] {
  const { object, change } = operation
  if (operation.online !== null) return [...operation.online.sql]
  const kind = kindOf(object.id.kind)
  const after = contextsIn(comparison).arriving
  switch (operation.verb) {
    case 'create':
      if (impliedByEcho(change, comparison) || makersIn(comparison).has(operation.key)) return []
      return [...list(filling(operation, parts, comparison)?.sql ?? kind.create(asMade(operation, comparison), parts, after))]
    case 'alter':
      return alterStatements(change, comparison, after).map(written)
    case 'drop':
      return impliedByEcho(change, comparison) ? [] : dropStatements(object, contextsIn(comparison).before)
    case 'keep':
      return [...(kind.rebuild?.keep(object, contextsIn(comparison).before, after) ?? [])]
    case 'refill':
      return [...(kind.rebuild?.refill(object, after) ?? [])]
    case 'shell':
      return [kind.shell?.(object.id) ?? '']
    case 'set-aside':
      return [
        ...new Set(lightening(object, comparison).values()),
        kind.rename?.(object.id, aside(object.id, comparison).path.at(-1) ?? '') ?? '',
      ]
    case 'discard':
      return dropStatements({ ...object, id: aside(object.id, comparison) }, contextsIn(comparison).before)
    default:
      return operation.verb satisfies never
  }
}

/** The object that is created, as it is stated for all that it is made along with. */
export function asMade({ key, object }: Operation, comparison: Comparison): CatalogObject {
  const whole = kindOf(object.id.kind).spread?.whole
  return whole && spreadsIn(comparison).has(key) ? whole(object) : object
}

/** How the object is created where rows are waiting for its value; null where none are, or none can be given. */
export function filling(operation: Operation, parts: readonly string[], comparison: Comparison): Filled | null {
  const { object, change } = operation
  if (operation.verb !== 'create' || object.parent === undefined || !comparison.hasRows(object.parent)) return null
  const parent = comparison.changes.get(object.parent)
  if ((parent && comes(parent)) || impliedByEcho(change, comparison)) return null
  return kindOf(object.id.kind).fill?.(object, parts, contextsIn(comparison).after) ?? null
}

/** What CREATE could not say of the object, after it stands. */
export function finishing(operation: Operation, comparison: Comparison): string[] {
  const kind = kindOf(operation.object.id.kind)
  return operation.verb === 'create' ? [...list(kind.finish?.(operation.object, contextsIn(comparison).after) ?? [])] : []
}

function dropStatements(object: CatalogObject, context: Context): string[] {
  const kind = kindOf(object.id.kind)
  return [...list(kind.drop === undefined ? `drop ${kind.target(object.id)}` : kind.drop(object, context))]
}

/** Alterations of parts of one table: what reads its rows, or writes them anew, does so once. */
export function joinedStatements(operations: readonly Operation[], comparison: Comparison): string[] {
  const after = contextsIn(comparison).arriving
  const queues = operations.map(({ change }) => [...alterStatements(change, comparison, after)])
  const result: string[] = []
  while (queues.some((queue) => queue.length > 0)) {
    for (const queue of queues) while (typeof queue[0] === 'string') result.push(String(queue.shift()))
    const heads = queues.flatMap((queue) => queue.splice(0, 1)).filter((head) => typeof head !== 'string')
    for (const alter of new Set(heads.map((head) => head.alter)))
      result.push(
        `${alter} ${heads
          .filter((head) => head.alter === alter)
          .map(({ action }) => action)
          .join(heads.length > 1 ? ',\n  ' : '')}`,
      )
  }
  return result
}

function alterStatements(change: Change, comparison: Comparison, context: Context): (string | TableAction)[] {
  const { before, after } = change
  if (!before || !after) return []
  const kind = kindOf(after.id.kind)
  // Where the type is another one besides, saying so states it anew.
  const stated = change.attributes.some((attribute) => kind.disturbsDependents?.includes(attribute))
  const sql = change.retype && !stated && !retypeEchoed(change, comparison) ? [...actions(kind.retype?.(after) ?? [])] : []
  for (const attribute of Object.keys(kind.alter)) {
    if (!change.attributes.includes(attribute) || echoed(change, attribute, comparison)) continue
    const alter = kind.alter[attribute]
    if (typeof alter === 'function') sql.push(...actions(alter(after, before, context) ?? []))
  }
  return sql
}
