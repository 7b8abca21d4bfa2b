import { groupBy } from '../catalog/group.js'
import { kindOf } from '../kinds/registry.js'
import { type Comparison, contextsIn } from './compare.js'
import { isInheritedPart, isLeft, looseIn } from './echoes.js'
import type { Edges } from './edges.js'
import type { Operation, Operations } from './operation.js'

/** operation → the operation whose statement carries it. */
export type Heads = Map<number, number>

export function headOf(heads: Heads, id: number): number {
  let head = id
  for (let next = heads.get(head); next !== undefined; next = heads.get(head)) head = next
  return head
}

/** Not so a column that only comes with what its table inherits: its default needs a statement of its own. */
function printed({ object }: Operation): boolean {
  const { inline } = kindOf(object.id.kind)
  return inline === undefined || inline(object, []) !== null
}

/** A value of its rows that the whole has from those that it follows: what its statement says besides may read it. */
function isInherited({ object }: Operation): boolean {
  return object.echoes !== undefined && kindOf(object.id.kind).shapesRows === true
}

/** An alteration of a table's part that reads all of its rows, or writes them anew, under the table's lock. */
function readsRows({ online, object, change }: Operation): boolean {
  const { joins, impact } = kindOf(object.id.kind)
  return joins === true && online === null && impact?.('alter', change.before, change.after).work !== undefined
}

/** Puts what can be part of another's statement into that: columns and keys into the table's, what a drop takes along into that drop. */
export function contract(comparison: Comparison, { create, drop, alter }: Operations): Heads {
  const heads: Heads = new Map()
  for (const [, [head, ...others]] of groupBy([...alter.values()].filter(readsRows), ({ object }) => object.parent ?? ''))
    if (head) for (const { id } of others) heads.set(id, head.id)
  const { arriving } = contextsIn(comparison)
  for (const { key, id, object } of alter.values()) {
    const other = alter.get(kindOf(object.id.kind).alteredWith?.(object, arriving) ?? key)
    const [from, to] = [headOf(heads, id), headOf(heads, other?.id ?? id)]
    if (from !== to) heads.set(from, to)
  }
  for (const operation of create.values()) {
    const parent = operation.object.parent === undefined ? undefined : create.get(operation.object.parent)
    const { inline } = kindOf(operation.object.id.kind)
    const isPart = inline !== undefined && (inline(operation.object, []) !== null || isInherited(operation))
    if (parent && printed(parent) && isPart) heads.set(operation.id, parent.id)
  }
  const apart = tiesOthersRelyOn(comparison, drop)
  for (const operation of drop.values()) {
    if (operation.verb !== 'drop' || apart.has(operation) || wouldStay(operation, comparison, drop)) continue
    const loose = looseIn(comparison).has(operation.object.parent ?? '')
    const needs = [...(comparison.before.needs.get(operation.key) ?? [])]
      .filter(
        ([key, type]) =>
          type !== 'normal' && type !== 'after' && !(loose && type === 'owned') && !isLeft(operation.object, key, comparison),
      )
      .map(([key]) => key)
    const whole = [...(comparison.before.needs.get(operation.key)?.keys() ?? [])]
      .map((key) => drop.get(key))
      .find(
        (other) =>
          other?.verb === 'drop' && kindOf(other.object.id.kind).shell && comparison.before.needs.get(other.key)?.has(operation.key),
      )
    // A key is dropped before its table leaves a parent, and what comes of that parent after it.
    const carrier =
      whole ??
      [operation.object.parent ?? '', ...needs.sort()]
        .map((key) => drop.get(key))
        .find((other) => other?.verb === 'drop' && !isInheritedPart(other, alter.get(other.object.parent ?? '')))
    if (carrier) heads.set(operation.id, carrier.id)
  }
  return heads
}

/** Dropped with its whole it would come too late: what is tied to that, and lets go of it before, would keep one of its own. */
function wouldStay({ key, object }: Operation, { before }: Comparison, drop: Operations['drop']): boolean {
  const whole = object.parent
  if (!kindOf(object.id.kind).letsGoFirst || whole === undefined || !drop.has(whole)) return false
  return [...(before.needs.get(key) ?? [])].some(([needed, type]) => {
    const tie = type === 'after' ? drop.get(needed)?.object : undefined
    return tie !== undefined && before.needs.get(needed)?.has(whole) && !drop.has(tie.parent ?? '')
  })
}

/**
 * Ties to a relation to which something else holds that stays (a foreign key that refers to a partitioned table): what is tied does not go
 * before it has let go.
 */
function tiesOthersRelyOn({ before }: Comparison, drop: Operations['drop']): ReadonlySet<Operation> {
  const going = [...drop.values()].filter(({ object }) => kindOf(object.id.kind).ties)
  if (going.length === 0) return new Set()
  const wholeOf = (key: string): string => {
    const parent = before.objects.get(key)?.parent
    return parent === undefined ? key : wholeOf(parent)
  }
  const tiedTo = new Map<string, string[]>()
  for (const { key, parent, id } of before.objects.values())
    if (kindOf(id.kind).ties && parent !== undefined)
      tiedTo.set(
        parent,
        [...(before.needs.get(key)?.keys() ?? [])].filter((needed) => needed !== parent),
      )
  const relied = new Set<string>()
  for (const [dependent, row] of before.needs) {
    const whole = wholeOf(dependent)
    if (tiedTo.has(whole) || drop.has(dependent)) continue
    for (const [needed, type] of row) if (type === 'normal' && wholeOf(needed) !== whole) relied.add(wholeOf(needed))
  }
  const isRelied = (whole: string): boolean => relied.has(whole) || (tiedTo.get(whole) ?? []).some(isRelied)
  return new Set(going.filter(({ object }) => (tiedTo.get(object.parent ?? '') ?? []).some(isRelied)))
}

/**
 * Takes out of their statements the members that tie a circle; false when there is none left to take out. Of two that need each other's
 * whole, the one that needs, and first what nothing else needs: a foreign key, and not the columns that it joins, without which no partitioned
 * table can be made, nor the key to which it refers.
 */
export function expel(circles: readonly (readonly number[])[], edges: Edges, heads: Heads, { all }: Operations): boolean {
  const component = new Map<number, number>()
  circles.forEach((circle, i) => {
    for (const id of circle) component.set(id, i)
  })
  const inCircle = edges.filter(([first, then]) => {
    const circle = component.get(headOf(heads, first))
    return circle !== undefined && circle === component.get(headOf(heads, then))
  })
  // What is dropped first is what needs the other.
  const byNeed = inCircle.map(([first, then]) => (all[first]?.verb === 'drop' ? [first, then] : [then, first]) as readonly [number, number])
  const needed = new Set(byNeed.map(([, other]) => other))
  const tying = byNeed.filter(([dependent, other]) => headOf(heads, dependent) !== headOf(heads, other))
  const membersOf = (ids: readonly number[]) => ids.filter((id) => heads.has(id))
  const dependents = membersOf(tying.map(([dependent]) => dependent))
  const choices = [dependents.filter((id) => !needed.has(id)), dependents, membersOf(tying.map(([, other]) => other))]
  const out = new Set(choices.find((ids) => ids.length > 0) ?? [])
  for (const id of out) heads.delete(id)
  return out.size > 0
}

export function describeCircle(circle: readonly number[], heads: Heads, { all }: Operations): string[] {
  return all.filter((operation) => circle.includes(headOf(heads, operation.id))).map((operation) => operation.key)
}
