import { type Catalog, type CatalogObject, dependentsOf } from '../catalog/catalog.js'
import { groupBy } from '../catalog/group.js'
import { idOf, keyOf } from '../catalog/id.js'
import { KINDS, kindOf } from '../kinds/registry.js'
import type { Comparison } from './compare.js'
import { isLeft, joins, leaves, looseIn, type Operation, type Operations } from './operation.js'

/** Operations that run as one statement (a table with its columns and keys), head first. */
export interface Group {
  readonly head: Operation
  readonly members: readonly Operation[]
}

/** An order that no sequence of statements can satisfy; `keys` are the objects in the circle. */
export class Circle extends Error {
  constructor(readonly keys: readonly string[]) {
    super(`no order of statements satisfies what these objects need of each other: ${keys.join(', ')}`)
  }
}

/** Where an operation is best placed among those that could come next; undefined: no matter where. */
export type Preference = (operation: Operation) => number | undefined

/** Puts operations in an order that PostgreSQL accepts; what can go into its parent's statement does. Throws Circle. */
export function order(comparison: Comparison, operations: Operations, prefer: Preference = () => undefined): Group[] {
  const hard = edges(comparison, operations)
  const heads = contract(comparison, operations)
  for (;;) {
    const circles = components(operations.all.length, hard, (id) => headOf(heads, id))
    if (circles.length === 0) break
    if (!expel(circles, hard, heads, operations)) throw new Circle(describeCircle(circles[0] ?? [], heads, operations))
  }
  const soft = [...softEdges(comparison, operations)]
  return sorted(operations, hard, soft, heads, prefer)
}

type Edges = readonly (readonly [first: number, then: number])[]

function edges(comparison: Comparison, { all, create, drop, alter, setAside, shell, keep, refill }: Operations): Edges {
  const result: [number, number][] = []
  const add = (first: Operation | undefined, then: Operation | undefined) => {
    if (first && then && first !== then) result.push([first.id, then.id])
  }
  for (const [dependent, row] of comparison.before.needs) {
    for (const [needed, type] of row) {
      if (type === 'owned' || type === 'after') continue
      add(drop.get(dependent), drop.get(needed))
      if (!isInheritedPart(drop.get(dependent), alter.get(needed))) add(drop.get(dependent), alter.get(needed))
      // An old type that is itself set aside goes on using what it was made of, under whatever name.
      if (drop.get(dependent)?.verb !== 'discard') add(drop.get(dependent), setAside.get(needed))
      // What is inherited follows its model only while that stands: made anew, the model is inherited anew.
      if (!(comparison.changes.get(needed)?.recreate && alter.get(dependent)?.object.echoes?.includes(needed)))
        add(alter.get(dependent), drop.get(needed))
    }
  }
  for (const [dependent, row] of comparison.after.needs) {
    for (const [needed, type] of row) {
      if (type === 'owned') continue
      const mutual = shell.has(needed) && comparison.after.needs.get(needed)?.has(dependent)
      add(mutual ? shell.get(needed) : create.get(needed), create.get(dependent))
      add(create.get(needed), alter.get(dependent))
      // A shell is in its schema, too.
      if (!comparison.after.needs.get(needed)?.has(dependent)) add(create.get(needed), shell.get(dependent))
      add(alter.get(needed), create.get(dependent))
    }
  }
  for (const [key, operation] of create) {
    const aside = setAside.get(key)
    add(shell.get(key), operation)
    add(drop.get(key), shell.get(key))
    add(aside ?? drop.get(key), operation)
    if (aside) add(aside, drop.get(key))
  }
  for (const [key, operation] of keep) {
    add(operation, drop.get(key))
    // What is tied to it holds its rows.
    for (const tie of drop.values()) if (kindOf(tie.object.id.kind).ties) add(operation, tie)
  }
  for (const [key, operation] of refill) {
    add(create.get(key), operation)
    for (const tie of create.values()) if (kindOf(tie.object.id.kind).ties) add(tie, operation)
  }
  for (const [first, then] of aroundTies(comparison, { all, create, drop })) add(first, then)
  const holders = new Map<string, Operation>()
  for (const operation of all) for (const name of vacated(operation)) holders.set(name, operation)
  for (const operation of all) for (const name of taken(operation)) add(holders.get(name), operation)
  return result
}

/** While a tie is made anew, both sides change by themselves. */
function* aroundTies(
  comparison: Comparison,
  { all, create, drop }: Pick<Operations, 'all' | 'create' | 'drop'>,
): Generator<readonly [Operation | undefined, Operation | undefined]> {
  const loose = looseIn(comparison)
  if (loose.size === 0) return
  yield* leftByTies(comparison, drop)
  const byKey = groupBy(all, ({ key }) => key)
  const ties = new Map([...create.values()].filter(({ object }) => kindOf(object.id.kind).ties).map((tie) => [tie.object.parent, tie]))
  for (const part of all) {
    const { parent, echoes } = part.object
    const tie = loose.has(parent ?? '') && echoes ? ties.get(parent) : undefined
    if (!tie) continue
    for (const each of [part, ...(echoes ?? []).flatMap((key) => byKey.get(key) ?? [])]) {
      yield [drop.get(tie.key), each]
      yield [each, tie]
    }
  }
}

/** What was made for a part of the other relation (an index of a partition) stays when the tie goes, and is dropped by itself. */
function* leftByTies(comparison: Comparison, drop: Operations['drop']): Generator<readonly [Operation | undefined, Operation | undefined]> {
  const loose = looseIn(comparison)
  const ties = new Map([...drop.values()].filter(({ object }) => kindOf(object.id.kind).ties).map((tie) => [tie.object.parent, tie]))
  for (const part of drop.values()) {
    const { parent } = part.object
    if (!loose.has(parent ?? '')) continue
    for (const [model, type] of comparison.before.needs.get(part.key) ?? []) {
      if (type !== 'owned') continue
      yield [ties.get(parent), part]
      yield [ties.get(parent), drop.get(model)]
    }
  }
}

/** It can be dropped only once its relation has left those that it came from. */
function isInheritedPart(part: Operation | undefined, heir: Operation | undefined): boolean {
  return part?.object.echoes !== undefined && heir !== undefined && part.object.parent === heir.key && leaves(heir.change).length > 0
}

/** Names that are free once it has run. */
function vacated({ verb, change: { before, after } }: Operation): readonly string[] {
  if (verb !== 'drop' && verb !== 'set-aside' && verb !== 'alter') return []
  return verb !== 'alter' ? occupied(before) : without(occupied(before), occupied(after))
}

/** Names that must be free before it runs. */
function taken({ verb, change: { before, after } }: Operation): readonly string[] {
  if (verb !== 'create' && verb !== 'alter' && verb !== 'shell') return []
  return verb !== 'alter' ? occupied(after) : without(occupied(after), occupied(before))
}

function occupied(object: CatalogObject | undefined): readonly string[] {
  return object ? (kindOf(object.id.kind).occupies?.(object) ?? []) : []
}

function without(names: readonly string[], others: readonly string[]): readonly string[] {
  return names.length === 0 ? names : names.filter((name) => !others.includes(name))
}

/** Orders that are better kept but may be broken: both altered, or a body's words name an object that comes. */
function* softEdges(comparison: Comparison, { create, drop, alter, refill }: Operations): Generator<readonly [number, number]> {
  for (const [dependent, row] of comparison.after.needs)
    for (const needed of row.keys()) {
      const [first, then] = [alter.get(needed), alter.get(dependent)]
      if (first && then) yield [first.id, then.id]
      // Triggers and rules are not to act on rows that only come back; indexes are built once.
      const [rows, made] = [refill.get(needed), create.get(dependent)]
      if (rows && made && !kindOf(made.object.id.kind).ties) yield [rows.id, made.id]
    }
  for (const heir of alter.values()) yield* aroundHeir(heir, comparison, { create, drop })
  for (const [dependent, row] of comparison.before.needs) {
    const first = drop.get(dependent)
    if (!first || !kindOf(first.object.id.kind).letsGoFirst) continue
    for (const [needed, type] of row) {
      const then = type === 'after' ? drop.get(needed) : undefined
      if (then) yield [first.id, then.id]
    }
  }
  yield* aroundUnseen(comparison, { create, drop, alter })
  yield* mentions([...create.values(), ...alter.values()], (mentioned, operation) => [mentioned.id, operation.id])
  yield* mentions([...drop.values()], (mentioned, operation) => [operation.id, mentioned.id])
}

/** What uses what it needs may be written by means of it. */
function* aroundUnseen(
  { before, after }: Comparison,
  { create, drop, alter }: Pick<Operations, 'create' | 'drop' | 'alter'>,
): Generator<readonly [number, number]> {
  const unseen = (operation: Operation) => kindOf(operation.object.id.kind).usedUnseen === true
  const [made, gone] = [[...create.values()].filter(unseen), [...drop.values()].filter(unseen)]
  const usersOf = (operations: readonly Operation[], { needs }: Catalog) => {
    const dependents = operations.length === 0 ? new Map<string, ReadonlyMap<string, unknown>>() : dependentsOf(needs)
    return operations.flatMap((operation) =>
      [...(needs.get(operation.key)?.keys() ?? [])].flatMap((needed) =>
        [...(dependents.get(needed)?.keys() ?? [])].map((user) => ({ operation, user })),
      ),
    )
  }
  for (const { operation, user } of usersOf(made, after))
    for (const other of [create.get(user), alter.get(user)]) if (other && other !== operation) yield [operation.id, other.id]
  for (const { operation, user } of usersOf(gone, before)) {
    const other = drop.get(user)
    if (other && other !== operation) yield [other.id, operation.id]
  }
}

function* mentions(
  operations: readonly Operation[],
  edge: (mentioned: Operation, operation: Operation) => readonly [number, number],
): Generator<readonly [number, number]> {
  const byName = groupBy(operations, (operation) => operation.object.id.path[1] ?? '')
  for (const operation of operations) {
    const text = kindOf(operation.object.id.kind).mentions?.(operation.object)
    if (!text) continue
    for (const word of new Set(text.match(/[\p{L}_][\p{L}\p{N}_$]*/gu) ?? []))
      for (const mentioned of byName.get(word) ?? byName.get(word.toLowerCase()) ?? [])
        if (mentioned !== operation) yield edge(mentioned, operation)
  }
}

/**
 * What a relation is given or loses is repeated on those that follow it: which is wanted of what the heir lacks, once it has joined,
 * and of nothing once it has left. What the heir has already, the joined relation gets first: so it was inherited throughout.
 */
function* aroundHeir(
  heir: Operation,
  { before }: Comparison,
  { create, drop }: Pick<Operations, 'create' | 'drop'>,
): Generator<readonly [number, number]> {
  const named = (paths: readonly (readonly string[])[]) => new Set(paths.map((path) => JSON.stringify(path)))
  const [left, joined] = [named(leaves(heir.change)), named(joins(heir.change))]
  if (left.size === 0 && joined.size === 0) return
  const whole = ({ object }: Operation) => JSON.stringify(object.parent === undefined ? null : idOf(object.parent).path)
  const ownPart = ({ object: { id } }: Operation) => keyOf({ kind: id.kind, path: [...heir.object.id.path, ...id.path.slice(2)] })
  for (const part of create.values()) {
    if (left.has(whole(part))) yield [heir.id, part.id]
    if (joined.has(whole(part))) yield before.objects.has(ownPart(part)) ? [part.id, heir.id] : [heir.id, part.id]
  }
  for (const part of drop.values()) {
    if (left.has(whole(part)) || isInheritedPart(part, heir)) yield [heir.id, part.id]
    if (joined.has(whole(part))) yield [part.id, heir.id]
  }
}

/** operation → the operation whose statement carries it. */
type Heads = Map<number, number>

function headOf(heads: Heads, id: number): number {
  let head = id
  for (let next = heads.get(head); next !== undefined; next = heads.get(head)) head = next
  return head
}

/** Not so a column that only comes with what its table inherits: its default needs a statement of its own. */
function printed({ object }: Operation): boolean {
  const { inline } = kindOf(object.id.kind)
  return inline === undefined || inline(object, []) !== null
}

/** An alteration of a table's part that reads all of its rows, or writes them anew, under the table's lock. */
function readsRows({ online, object, change }: Operation): boolean {
  const { joins, impact } = kindOf(object.id.kind)
  return joins === true && online === null && impact?.('alter', change.before, change.after).work !== undefined
}

function contract(comparison: Comparison, { create, drop, alter }: Operations): Heads {
  const heads: Heads = new Map()
  for (const [, [head, ...others]] of groupBy([...alter.values()].filter(readsRows), ({ object }) => object.parent ?? ''))
    if (head) for (const { id } of others) heads.set(id, head.id)
  for (const operation of create.values()) {
    const parent = operation.object.parent === undefined ? undefined : create.get(operation.object.parent)
    const inline = kindOf(operation.object.id.kind).inline
    if (parent && printed(parent) && inline && inline(operation.object, []) !== null) heads.set(operation.id, parent.id)
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
    const carrier =
      whole ?? [operation.object.parent ?? '', ...needs.sort()].map((key) => drop.get(key)).find((other) => other?.verb === 'drop')
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
function expel(circles: readonly (readonly number[])[], edges: Edges, heads: Heads, { all }: Operations): boolean {
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

function describeCircle(circle: readonly number[], heads: Heads, { all }: Operations): string[] {
  return all.filter((operation) => circle.includes(headOf(heads, operation.id))).map((operation) => operation.key)
}

/** Strongly connected components of more than one node (Tarjan), over the heads. Iterative: catalogs are deep. */
function components(size: number, edges: Edges, head: (id: number) => number): number[][] {
  const next = new Map<number, number[]>()
  for (const [first, then] of edges) {
    const [a, b] = [head(first), head(then)]
    if (a !== b) next.set(a, pushed(next.get(a), b))
  }
  const index = new Int32Array(size).fill(-1)
  const low = new Int32Array(size)
  const onStack = new Uint8Array(size)
  const stack: number[] = []
  const result: number[][] = []
  let counter = 0
  for (let root = 0; root < size; root++) {
    if (index[root] !== -1 || head(root) !== root) continue
    const work: [node: number, edge: number][] = [[root, 0]]
    while (work.length > 0) {
      const frame = work[work.length - 1]
      if (!frame) break
      const [node] = frame
      if (frame[1] === 0) {
        index[node] = low[node] = counter++
        stack.push(node)
        onStack[node] = 1
      }
      const targets = next.get(node) ?? []
      const target = targets[frame[1]++]
      if (target !== undefined) {
        if (index[target] === -1) work.push([target, 0])
        else if (onStack[target]) low[node] = Math.min(low[node] ?? 0, index[target] ?? 0)
        continue
      }
      work.pop()
      const above = work[work.length - 1]?.[0]
      if (above !== undefined) low[above] = Math.min(low[above] ?? 0, low[node] ?? 0)
      if (low[node] !== index[node]) continue
      const component: number[] = []
      for (let member = stack.pop(); member !== undefined; member = stack.pop()) {
        onStack[member] = 0
        component.push(member)
        if (member === node) break
      }
      if (component.length > 1) result.push(component)
    }
  }
  return result
}

function pushed(list: number[] | undefined, item: number): number[] {
  if (list === undefined) return [item]
  list.push(item)
  return list
}

const RANK = new Map(KINDS.map((kind, i) => [kind.name, i]))

/** Kahn's algorithm; among what may come next, the smallest key, so that the same input gives the same order. */
function sorted(operations: Operations, hard: Edges, soft: Edges, heads: Heads, prefer: Preference): Group[] {
  const members = groupBy(operations.all, (operation) => headOf(heads, operation.id))
  const after = new Map<number, Set<number>>()
  const waits = new Map<number, number>([...members.keys()].map((id) => [id, 0]))
  const connect = ([first, then]: readonly [number, number]) => {
    const [a, b] = [headOf(heads, first), headOf(heads, then)]
    if (a === b || after.get(a)?.has(b)) return
    after.set(a, (after.get(a) ?? new Set()).add(b))
    waits.set(b, (waits.get(b) ?? 0) + 1)
  }
  for (const edge of hard) connect(edge)
  const reaches = (from: number, to: number): boolean => {
    const seen = new Set<number>([from])
    const work = [from]
    for (let node = work.pop(); node !== undefined; node = work.pop()) {
      if (node === to) return true
      for (const next of after.get(node) ?? []) if (!seen.has(next)) work.push(next) && seen.add(next)
    }
    return false
  }
  for (const edge of soft) if (!reaches(headOf(heads, edge[1]), headOf(heads, edge[0]))) connect(edge)
  const late = delayed(operations, after)
  const rank = (id: number) => {
    const places = (members.get(id) ?? []).map(prefer).filter((place) => place !== undefined)
    // What has no place of its own follows what it depends on.
    return `${String(places.length > 0 ? Math.min(...places) : 0).padStart(6, '0')} ${late.has(id) ? 6 : ''}${priority(operations, id)}`
  }
  const ready = new Queue([...waits].filter(([, n]) => n === 0).map(([id]) => [rank(id), id] as const))
  const result: Group[] = []
  for (let id = ready.pop(); id !== undefined; id = ready.pop()) {
    const head = operations.all[id]
    if (head) result.push({ head, members: members.get(id) ?? [] })
    for (const next of after.get(id) ?? []) {
      const left = (waits.get(next) ?? 0) - 1
      waits.set(next, left)
      if (left === 0) ready.push([rank(next), next])
    }
  }
  if (result.length !== members.size)
    throw new Circle(operations.all.filter((o) => (waits.get(headOf(heads, o.id)) ?? 0) > 0).map((o) => o.key))
  return result
}

/**
 * What is created for the sake of something that waits for an online form waits too: the index of a partitioned table is made once those
 * of its partitions stand, to which it is then joined. So both go back as one.
 */
function delayed({ all }: Operations, after: ReadonlyMap<number, ReadonlySet<number>>): ReadonlySet<number> {
  const late = new Set<number>()
  const waiting = new Set<number>()
  const plain = (id: number) => all[id]?.verb === 'create' && all[id]?.online === null
  const wait = (id: number) => {
    for (const work = [id], seen = new Set(work); work.length > 0; )
      for (const next of after.get(work.pop() ?? -1) ?? [])
        if (!seen.has(next)) {
          seen.add(next)
          work.push(next)
          waiting.add(next)
        }
  }
  for (const { id, online } of all) if (online !== null) wait(id)
  for (let more = waiting.size > 0; more; ) {
    more = false
    for (const { id, key } of all) {
      if (!plain(id) || late.has(id) || waiting.has(id)) continue
      const isFor = (next: number) => plain(next) && (waiting.has(next) || (late.has(next) && all[next]?.object.parent === key))
      if (![...(after.get(id) ?? [])].some(isFor)) continue
      late.add(id)
      wait(id)
      more = true
    }
  }
  // What waits comes in one transaction, too, after the last online form that it can follow.
  for (const id of waiting) if (all[id]?.online === null) late.add(id)
  return late
}

/** Drops first, then by the object that carries it: a table's indexes, comments and grants follow the table. */
function priority(operations: Operations, id: number): string {
  const operation = operations.all[id]
  if (!operation) return ''
  // What acts on DDL (an event trigger) lets go before the rest begins.
  const ambient = kindOf(operation.object.id.kind).ambient === true
  // What needs segments of its own comes last: what can be one transaction stays one.
  const phase =
    operation.online !== null
      ? operation.verb === 'drop'
        ? 5
        : 4
      : operation.verb === 'drop'
        ? ambient
          ? 0
          : 1
        : operation.verb === 'discard'
          ? 3
          : 2
  const anchor = operation.object.parent ?? operation.key
  const own = operation.object.parent === undefined ? 0 : 1
  const rank = String(RANK.get(operation.object.id.kind) ?? 0).padStart(3, '0')
  return `${phase}${String(RANK.get(JSON.parse(anchor)[0]) ?? 0).padStart(3, '0')}${anchor} ${own}${rank}${operation.key}`
}

/** A binary heap of (priority, id). */
class Queue {
  private readonly items: (readonly [string, number])[] = []
  constructor(items: readonly (readonly [string, number])[]) {
    for (const item of items) this.push(item)
  }

  push(item: readonly [string, number]): void {
    let i = this.items.push(item) - 1
    while (i > 0) {
      const up = (i - 1) >> 1
      if (!this.less(i, up)) break
      this.swap(i, up)
      i = up
    }
  }

  pop(): number | undefined {
    const [top] = this.items
    const last = this.items.pop()
    if (top === undefined || last === undefined) return undefined
    if (this.items.length > 0) {
      this.items[0] = last
      for (let i = 0; ; ) {
        const [left, right] = [2 * i + 1, 2 * i + 2]
        let least = i
        if (left < this.items.length && this.less(left, least)) least = left
        if (right < this.items.length && this.less(right, least)) least = right
        if (least === i) break
        this.swap(i, least)
        i = least
      }
    }
    return top[1]
  }

  private less(a: number, b: number): boolean {
    return (this.items[a]?.[0] ?? '') < (this.items[b]?.[0] ?? '')
  }

  private swap(a: number, b: number): void {
    const [x, y] = [this.items[a], this.items[b]]
    if (x && y) [this.items[a], this.items[b]] = [y, x]
  }
}
