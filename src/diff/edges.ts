import { type Catalog, type CatalogObject, dependentsOf, targetKey } from '../catalog/catalog.js'
import { groupBy } from '../catalog/group.js'
import { idOf } from '../catalog/id.js'
import { kindOf } from '../kinds/registry.js'
import { type Comparison, comes, contextsIn, goes, holdsTo } from './compare.js'
import { isDeclared, isInheritedPart, joins, leaves, looseIn } from './echoes.js'
import { lightening, type Operation, type Operations } from './operation.js'
import { makersIn, spreadsIn } from './spread.js'

/** Which operation comes before which, by their ids. */
export type Edges = readonly (readonly [first: number, then: number])[]

/** Orders without which PostgreSQL refuses a statement, or loses something by it. */
export function edges(comparison: Comparison, { all, create, drop, alter, setAside, shell, keep, refill }: Operations): Edges {
  const result: [number, number][] = []
  const add = (first: Operation | undefined, then: Operation | undefined) => {
    if (first && then && first !== then) result.push([first.id, then.id])
  }
  // Where a tie goes or comes, it is what needs the other: a partition may outlive its partitioned table, and follow what takes that name.
  const [untied, tied] = [tiesByWhole(drop), tiesByWhole(create)]
  const byTie = (ties: ReadonlyMap<string | undefined, Operation>, whole: string, needs: Catalog['needs']) =>
    needs.get(ties.get(whole)?.key ?? '')
  for (const [dependent, row] of comparison.before.needs) {
    // What a type that is set aside consists of goes with that.
    const whole = comparison.before.objects.get(dependent)?.parent ?? ''
    const gone = drop.get(dependent) ?? (comparison.swapped.has(whole) ? drop.get(whole) : undefined)
    if (!gone && !alter.has(dependent) && !setAside.has(dependent)) continue
    const letGo = byTie(untied, dependent, comparison.before.needs)
    for (const [needed, type] of row) {
      // What refers to a partitioned table lets go before a partition of it is detached that is attached again, or to which its own rows refer.
      const tie = type === 'after' ? comparison.changes.get(needed) : undefined
      if (tie && holdsTo(dependent, tie, comparison.before, contextsIn(comparison).arriving)) {
        add(drop.get(dependent), drop.get(needed))
        add(drop.get(needed), create.get(dependent))
      }
      if (type === 'owned' || type === 'after') continue
      const shed = isShed(setAside.get(dependent), needed, comparison) ? setAside.get(dependent) : undefined
      const [user, used] = [shed ?? gone, drop.get(needed)]
      if (isOwnEcho(user, used, comparison)) add(used, user)
      else add(user, used)
      if (!isInheritedPart(drop.get(dependent), alter.get(needed))) add(drop.get(dependent), alter.get(needed))
      // An old type that is itself set aside goes on using what it was made of, under whatever name.
      if (drop.get(dependent)?.verb !== 'discard') add(drop.get(dependent), setAside.get(needed))
      // What is inherited follows its model only while that stands: made anew, the model is inherited anew.
      if (!(comparison.changes.get(needed)?.recreate && alter.get(dependent)?.object.echoes?.includes(needed)) && !letGo?.has(needed))
        add(alter.get(dependent), drop.get(needed))
    }
  }
  for (const [dependent, row] of comparison.after.needs) {
    if (!create.has(dependent) && !alter.has(dependent) && !shell.has(dependent)) continue
    const joined = byTie(tied, dependent, comparison.after.needs)
    for (const [needed, type] of row) {
      if (type === 'owned') continue
      const mutual = shell.has(needed) && comparison.after.needs.get(needed)?.has(dependent)
      if (isMerged(create.get(dependent), needed, comparison, create))
        for (const model of makersOf(needed, comparison, create)) add(create.get(dependent), create.get(model))
      else add(mutual ? shell.get(needed) : create.get(needed), create.get(dependent))
      if (!joined?.has(needed)) add(create.get(needed), alter.get(dependent))
      // A shell is in its schema, too.
      if (!comparison.after.needs.get(needed)?.has(dependent)) add(create.get(needed), shell.get(dependent))
      if (!isJoiningPart(create.get(dependent), alter.get(needed), comparison)) add(alter.get(needed), create.get(dependent))
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
    add(keep.get(key), operation)
    add(create.get(key), operation)
    for (const tie of create.values()) if (kindOf(tie.object.id.kind).ties) add(tie, operation)
  }
  for (const [first, then] of aroundTies(comparison, { all, create, drop })) add(first, then)
  const holders = new Map<string, Operation>()
  for (const operation of all) for (const name of vacated(operation)) holders.set(name, operation)
  const makers = makersIn(comparison)
  for (const operation of all)
    for (const name of taken(operation)) add(holders.get(name), create.get(makers.get(operation.key) ?? '') ?? operation)
  for (const [key, { along, first }] of spreadsIn(comparison)) {
    for (const made of along) add(create.get(key), create.get(made))
    for (const own of first) add(create.get(own), create.get(key))
  }
  return result
}

function isTie(key: string): boolean {
  return kindOf(idOf(key).kind).ties === true
}

/** While a tie is not there, both sides change by themselves. */
function* aroundTies(
  comparison: Comparison,
  { all, create, drop }: Pick<Operations, 'all' | 'create' | 'drop'>,
): Generator<readonly [Operation | undefined, Operation | undefined]> {
  yield* leftByTies(comparison, drop)
  const loose = looseIn(comparison)
  if (loose.size === 0) return
  const byKey = groupBy(all, ({ key }) => key)
  const [untied, tied] = [tiesByWhole(drop), tiesByWhole(create)]
  for (const part of all) {
    const { parent = '' } = part.object
    if (!loose.has(parent)) continue
    const models = modelsOf(part.key, comparison)
    if (models.size === 0) continue
    for (const each of [part, ...[...models].flatMap((key) => byKey.get(key) ?? [])]) {
      yield [untied.get(parent), each]
      yield [each, tied.get(parent)]
    }
  }
}

/** What it follows, and what that follows in turn: a change of the first reaches all. */
function modelsOf(key: string, { before, after }: Comparison): ReadonlySet<string> {
  const models = new Set<string>()
  const work = [key]
  for (let one = work.pop(); one !== undefined; one = work.pop())
    for (const model of [before, after].flatMap(({ objects }) => objects.get(one ?? '')?.echoes ?? []))
      if (!models.has(model)) {
        models.add(model)
        work.push(model)
      }
  return models
}

/** What was made for a part of the other relation (an index of a partition) stays when the tie goes: it outlives that part, or is dropped by itself. */
function* leftByTies({ before }: Comparison, drop: Operations['drop']): Generator<readonly [Operation | undefined, Operation | undefined]> {
  for (const [tie, key, model] of modelled(before, drop)) {
    if (drop.has(tie.object.parent ?? '')) continue
    yield [tie, drop.get(key)]
    yield [tie, drop.get(model)]
  }
}

/** A whole that goes, and was tied between two that stay, leaves before what it followed is dropped: that would reach those that it let go of. */
function* goneBetween({ before }: Comparison, drop: Operations['drop']): Generator<readonly [number, number]> {
  for (const [tie, , model] of modelled(before, drop)) {
    const gone = drop.get(model)
    if (gone && drop.has(tie.object.parent ?? '') && !drop.has(gone.object.parent ?? '')) yield [tie.id, gone.id]
  }
}

/** What was made for a part of another relation, with that part, and the tie between the wholes, which goes. */
function* modelled(
  { objects, needs }: Catalog,
  drop: Operations['drop'],
): Generator<readonly [tie: Operation, key: string, model: string]> {
  const ties = tiesByWhole(drop)
  if (ties.size === 0) return
  for (const [key, row] of needs) {
    const tie = ties.get(objects.get(key)?.parent)
    if (tie) for (const [model, type] of row) if (type === 'owned') yield [tie, key, model]
  }
}

function tiesByWhole(operations: ReadonlyMap<string, Operation>): ReadonlyMap<string | undefined, Operation> {
  return new Map([...operations.values()].filter(({ object }) => kindOf(object.id.kind).ties).map((tie) => [tie.object.parent, tie]))
}

/** Does it let go of this when it is set aside? */
function isShed(aside: Operation | undefined, needed: string, comparison: Comparison): boolean {
  return aside !== undefined && lightening(aside.object, comparison).has(needed)
}

/** A part of a table that stands, its own and its model's: the model's, which comes after it, is merged with it. */
function isMerged(part: Operation | undefined, model: string, comparison: Comparison, create: Operations['create']): boolean {
  const object = part?.object
  return object?.echoes?.includes(model) === true && !create.has(object.parent ?? '') && isDeclared(object, comparison)
}

/** It, and what it comes of where its own table does not declare it. */
function makersOf(key: string, comparison: Comparison, create: Operations['create']): string[] {
  const made = create.get(key)?.object
  const models = made === undefined || isDeclared(made, comparison) ? [] : (made.echoes ?? [])
  return [key, ...models.flatMap((model) => makersOf(model, comparison, create))]
}

/** Declared by its table besides, it can be dropped only after its model, where both tables stay. */
function isOwnEcho(part: Operation | undefined, model: Operation | undefined, { changes }: Comparison): boolean {
  if (!part?.object.own || model === undefined || !part.object.echoes?.includes(model.key)) return false
  return [part, model].every(({ object: { parent = '' } }) => {
    const table = changes.get(parent)
    return table === undefined || !(comes(table) || goes(table))
  })
}

/** A relation has what is its own before it joins those that have it, too. */
function isJoiningPart(part: Operation | undefined, heir: Operation | undefined, comparison: Comparison): boolean {
  return (
    part !== undefined &&
    heir !== undefined &&
    part.object.parent === heir.key &&
    joins(heir.change).length > 0 &&
    isDeclared(part.object, comparison)
  )
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
export function* softEdges(comparison: Comparison, { create, drop, alter, refill }: Operations): Generator<readonly [number, number]> {
  yield* besideTies(comparison, { create, drop })
  // Tied again before, it would be made part of what goes.
  for (const [tie, gone] of leftByTies(comparison, drop)) {
    const again = create.get(tie?.key ?? '')
    if (gone && again) yield [gone.id, again.id]
  }
  yield* goneBetween(comparison, drop)
  for (const heir of alter.values()) yield* aroundHeir(heir, comparison, { create, drop, alter })
  for (const [dependent, row] of comparison.after.needs)
    for (const needed of row.keys()) {
      const [first, then] = [alter.get(needed), alter.get(dependent)]
      if (first && then) yield [first.id, then.id]
      // Triggers and rules are not to act on rows that only come back; indexes are built once.
      const [rows, made] = [refill.get(needed), create.get(dependent)]
      if (rows && made && !kindOf(made.object.id.kind).ties) yield [rows.id, made.id]
    }
  for (const [dependent, row] of comparison.before.needs) {
    const first = drop.get(dependent)
    if (!first || !kindOf(first.object.id.kind).letsGoFirst) continue
    for (const [needed, type] of row) {
      const then = type === 'after' ? drop.get(needed) : undefined
      if (then) yield [first.id, then.id]
    }
  }
  yield* aroundReaders(comparison, { create, alter })
  yield* aroundShapes(comparison, { create, drop, alter })
  yield* aroundUnseen(comparison, { create, drop, alter })
  yield* aroundOverloads(comparison, { create, drop })
  yield* mentions([...create.values(), ...alter.values()], (mentioned, operation) => [mentioned.id, operation.id])
  yield* mentions([...drop.values()], (mentioned, operation) => [operation.id, mentioned.id])
}

/** What is tied to a relation takes the place of what was, or what that holds: one is let go before the next is tied. */
function* besideTies(
  { before, after }: Comparison,
  { create, drop }: Pick<Operations, 'create' | 'drop'>,
): Generator<readonly [number, number]> {
  const tiedTo = ({ object: { key, parent } }: Operation, { needs }: Catalog) =>
    [...(needs.get(key) ?? [])].find(([needed, type]) => type === 'normal' && needed !== parent)?.[0]
  const untied = groupBy(
    [...drop.values()].filter(({ key }) => isTie(key)),
    (tie) => tiedTo(tie, before),
  )
  if (untied.size === 0) return
  for (const tie of create.values()) if (isTie(tie.key)) for (const other of untied.get(tiedTo(tie, after)) ?? []) yield [other.id, tie.id]
}

/** What reads as soon as it is made is made once all that it reads, by way of others too, is permitted. */
function* aroundReaders(
  { after: { objects, needs } }: Comparison,
  { create, alter }: Pick<Operations, 'create' | 'alter'>,
): Generator<readonly [number, number]> {
  const made = [...create.values(), ...alter.values()]
  const readers = made.filter(({ object }) => kindOf(object.id.kind).reads)
  if (readers.length === 0) return
  const permissions = groupBy(
    made.filter(({ object }) => kindOf(object.id.kind).permits),
    ({ object }) => targetKey(object) ?? '',
  )
  for (const reader of readers) {
    const read = new Set(needs.get(reader.key)?.keys())
    for (const key of read) {
      for (const permission of permissions.get(key) ?? []) yield [permission.id, reader.id]
      for (const next of [...(needs.get(key)?.keys() ?? []), objects.get(key)?.parent]) if (next !== undefined) read.add(next)
    }
  }
}

/**
 * What is written for a whole that stands may have rows of it, with the values that they are to have by then (`row(1, 2)::t`), or name all of
 * its columns, used or not: `join t(a, b)`.
 */
function* aroundShapes(
  { after }: Comparison,
  { create, drop, alter }: Pick<Operations, 'create' | 'drop' | 'alter'>,
): Generator<readonly [number, number]> {
  const shaping = [...create.values(), ...drop.values(), ...alter.values()].filter(
    ({ object: { id, parent } }) => parent !== undefined && !create.has(parent) && kindOf(id.kind).shapesRows === true,
  )
  const byWhole = groupBy(shaping, ({ object }) => object.parent ?? '')
  if (byWhole.size === 0) return
  for (const made of [...create.values(), ...alter.values()]) {
    const needed = [...(after.needs.get(made.key)?.keys() ?? [])]
    // A part of another whole (a foreign key) names the columns that it means, and no others.
    const isText = made.object.parent === undefined
    const wholes = new Set(needed.map((key) => (isText && !byWhole.has(key) ? (after.objects.get(key)?.parent ?? '') : key)))
    for (const whole of wholes)
      for (const part of byWhole.get(whole) ?? []) if (made.object.parent !== whole && part !== made) yield [part.id, made.id]
  }
}

/** What calls one that comes is made once those of its name that go are gone. */
function* aroundOverloads(
  { after }: Comparison,
  { create, drop }: Pick<Operations, 'create' | 'drop'>,
): Generator<readonly [number, number]> {
  const named = ({ object: { id } }: Operation) => (kindOf(id.kind).overloads ? JSON.stringify(id.path.slice(0, 2)) : '')
  const gone = groupBy([...drop.values()], named)
  gone.delete('')
  if (gone.size === 0) return
  for (const [user, row] of after.needs) {
    const made = create.get(user)
    if (!made) continue
    for (const needed of row.keys()) {
      const called = create.get(needed)
      for (const old of (called && gone.get(named(called))) ?? []) yield [old.id, made.id]
    }
  }
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
  comparison: Comparison,
  { create, drop, alter }: Pick<Operations, 'create' | 'drop' | 'alter'>,
): Generator<readonly [number, number]> {
  const { before } = comparison
  const named = (paths: readonly (readonly string[])[]) => new Set(paths.map((path) => JSON.stringify(path)))
  const [left, joined] = [named(leaves(heir.change)), named(joins(heir.change))]
  if (left.size === 0 && joined.size === 0) return
  const whole = ({ object }: Operation) => JSON.stringify(object.parent === undefined ? null : idOf(object.parent).path)
  // What it has by then, or is given by itself, and follows the joined relation's.
  const has = (model: string) =>
    contextsIn(comparison)
      .after.children(heir.object.id)
      .some((part) => part.echoes?.includes(model) && (before.objects.has(part.key) || isDeclared(part, comparison)))
  for (const part of create.values()) {
    if (isJoiningPart(part, heir, comparison)) yield [part.id, heir.id]
    const free = part.object.parent === heir.key && part.object.echoes === undefined
    if (left.has(whole(part)) || (free && left.size > 0)) yield [heir.id, part.id]
    if (joined.has(whole(part))) yield has(part.key) ? [part.id, heir.id] : [heir.id, part.id]
  }
  // What the joined relation comes to have by one that it joins itself is repeated on the heir as well.
  for (const model of alter.values())
    if (joined.has(JSON.stringify(model.object.id.path)) && joins(model.change).length > 0) yield [heir.id, model.id]
  // A column that is its own still has the type of the one that it is to follow, and is NOT NULL where that is, before it does. What the
  // relation left becomes reaches it no more, nor keeps it from changing what it had of that.
  for (const part of alter.values()) {
    const { before: own, after: following } = part.change
    const models = (following?.echoes ?? []).map((key) => JSON.stringify(idOf(key).path.slice(0, 2)))
    const isOf = part.object.parent === heir.key
    if (left.has(whole(part)) || (isOf && own?.echoes)) yield [heir.id, part.id]
    if (joined.has(whole(part)) || (isOf && own?.echoes === undefined && models.some((model) => joined.has(model))))
      yield [part.id, heir.id]
  }
  for (const part of drop.values()) {
    const own = part.object.parent === heir.key
    if (left.has(whole(part)) || isInheritedPart(part, heir)) yield [heir.id, part.id]
    else if (joined.has(whole(part)) || (own && joined.size > 0)) yield [part.id, heir.id]
  }
}
