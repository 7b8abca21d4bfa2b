import { groupBy } from '../catalog/group.js'
import { describe, idOf } from '../catalog/id.js'
import { UserError } from '../errors.js'
import { KINDS, kindOf } from '../kinds/registry.js'
import { acyclic, anyOrder } from './acyclic.js'
import { components } from './circles.js'
import type { Comparison } from './compare.js'
import { type Edges, edges, softEdges } from './edges.js'
import { contract, describeCircle, expel, type Heads, headOf } from './heads.js'
import type { Operation, Operations } from './operation.js'
import { Queue } from './queue.js'

/** Operations that run as one statement (a table with its columns and keys), head first. */
export interface Group {
  readonly head: Operation
  readonly members: readonly Operation[]
}

/** An order that no sequence of statements can satisfy; `keys` are the objects in the circle. */
export class Circle extends UserError {
  constructor(readonly keys: readonly string[]) {
    super(
      'circle',
      `No order of statements does justice to what these need of each other: ${keys.map((key) => describe(idOf(key))).join(', ')}`,
      {
        next: 'Break the circle in the files (leave one of them out, or what it needs), or leave one alone: ignore in schemactl.yaml.',
      },
    )
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
  const add = acyclic(anyOrder(members.keys(), after), after)
  for (const edge of soft) {
    const [a, b] = [headOf(heads, edge[0]), headOf(heads, edge[1])]
    if (!after.get(a)?.has(b) && add(a, b)) waits.set(b, (waits.get(b) ?? 0) + 1)
  }
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
