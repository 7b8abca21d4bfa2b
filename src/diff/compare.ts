import { besideOthers } from '../catalog/beside.js'
import { equal } from '../catalog/canonical.js'
import { type Catalog, type CatalogObject, dependentsOf, rootOf } from '../catalog/catalog.js'
import { groupBy } from '../catalog/group.js'
import { idOf, keyOf } from '../catalog/id.js'
import { once } from '../catalog/once.js'
import type { Context, ObjectKind } from '../kinds/kind.js'
import { KINDS, kindOf } from '../kinds/registry.js'
import { quoteName } from '../sql/quote.js'

/** What happens to one object between two states. `before` and `after` are both there unless it comes or goes. */
export interface Change {
  readonly key: string
  readonly before: CatalogObject | undefined
  readonly after: CatalogObject | undefined
  /** Attributes that differ. */
  readonly attributes: readonly string[]
  /** Dropped and created again, for its own sake or for that of what it depends on. */
  readonly recreate: boolean
  /** It keeps its rows while the type it uses is made anew. */
  readonly retype: boolean
}

export interface Comparison {
  readonly before: Catalog
  readonly after: Catalog
  readonly changes: ReadonlyMap<string, Change>
  /** Does the object (a table) have rows, that what is added to it must reckon with? */
  readonly hasRows: (key: string) => boolean
  /** Is what is changed on this table to be changed while others work with it? */
  readonly online: (table: string, key: string) => boolean
  /** Where rows of what is dropped are kept, and those of what is made again come from; null: nowhere. */
  readonly archive: (key: string) => string | null
  /** Is everything made by a statement of its own, although PostgreSQL would make it along with another? */
  readonly apart: boolean
  /** Types that are renamed away, made anew, and dropped once nothing uses the old one. */
  readonly swapped: ReadonlySet<string>
  /** States whose names are taken: before, after, and that of the whole database, where before is a part of it. */
  readonly around: readonly Catalog[]
}

/**
 * What differs, and what must be rebuilt because of it. `forced` names objects to be dropped and created again although they could
 * be altered in place: the way out of an order that has no beginning.
 */
export function compare(
  before: Catalog,
  after: Catalog,
  forced: ReadonlySet<string> = new Set(),
  {
    hasRows = () => false,
    online = () => false,
    archive = () => null,
    around = [],
    apart = false,
  }: Partial<Pick<Comparison, 'hasRows' | 'online' | 'archive' | 'around' | 'apart'>> = {},
): Comparison {
  const changes = new Map<string, Change>()
  const states = [before, after, ...around]
  const context = contextOf(after, before, states)
  for (const change of differences(before, after, context)) changes.set(change.key, change)
  for (const key of unsettledIn(context, hasRows)) changes.set(key, { ...changed(key, before, after, changes), recreate: true })
  for (const key of forced) changes.set(key, { ...changed(key, before, after, changes), recreate: true })
  const swapped = propagate(before, after, changes, context)
  return { before, after, changes, hasRows, online, archive, apart, swapped, around: states }
}

/** What stays as it is and must be made anew, as its whole has rows that others beside it take: the ties of those that `hasRows` names. */
function unsettledIn(context: Context, hasRows: Comparison['hasRows']): string[] {
  return unsettledObjects(context, hasRows).map(({ object }) => object.key)
}

/** Those, among the ones that are asked about, that rows may ask to be made anew, with the condition on these rows. */
export function unsettledObjects(
  context: Context,
  asked: (key: string) => boolean = () => true,
): { readonly object: CatalogObject; readonly condition: string }[] {
  return KINDS.flatMap(({ name, unsettled }) => {
    const standing = unsettled ? context.ofKind(name).filter(({ id, key }) => asked(key) && context.former(id)) : []
    return standing.flatMap((object) => {
      const condition = unsettled?.(object, context) ?? null
      return condition === null ? [] : [{ object, condition }]
    })
  })
}

/** By key. */
function differences(before: Catalog, after: Catalog, context: Context): Change[] {
  const found: Change[] = []
  for (const key of new Set([...before.objects.keys(), ...after.objects.keys()])) {
    const change = compareObject(key, before.objects.get(key), after.objects.get(key), context)
    if (change) found.push(change)
  }
  return found.sort((a, b) => (a.key < b.key ? -1 : 1))
}

function compareObject(key: string, before: CatalogObject | undefined, after: CatalogObject | undefined, context: Context): Change | null {
  const base = { key, before, after, attributes: [], recreate: false, retype: false }
  if (!before || !after) return before || after ? base : null
  if (before.definition === after.definition && before.parent === after.parent) return null
  const kind = kindOf(after.id.kind)
  const attributes = Object.keys(kind.alter).filter((attribute) => !equal(before.definition[attribute], after.definition[attribute]))
  if (attributes.length === 0 && before.parent === after.parent) return null
  const recreate =
    before.parent !== after.parent ||
    attributes.some((attribute) => {
      const alter = kind.alter[attribute]
      return alter === undefined || alter === 'recreate' || alter(after, before, context) === null
    })
  return { ...base, attributes, recreate }
}

function changed(key: string, before: Catalog, after: Catalog, changes: ReadonlyMap<string, Change>): Change {
  return (
    changes.get(key) ?? {
      key,
      before: before.objects.get(key),
      after: after.objects.get(key),
      attributes: [],
      recreate: false,
      retype: false,
    }
  )
}

/** Follows dependents until nothing more must be rebuilt; returns the types to be swapped. Linear in the dependencies it walks. */
function propagate(before: Catalog, after: Catalog, changes: Map<string, Change>, context: Context): Set<string> {
  const dependents = dependentsOf(before.needs)
  const swapped = new Set<string>()
  const states = { before, after, changes, dependents, swapped }
  // What is added while it is walked is walked, too.
  const queue = [...changes.keys()]
  for (const key of queue) {
    const change = changes.get(key)
    if (!change?.before) continue
    for (const held of holding(change, states)) {
      changes.set(held, { ...changed(held, before, after, changes), recreate: true })
      queue.push(held)
    }
    for (const [dependent, type] of dependents.get(key) ?? []) {
      if (type === 'owned')
        for (const tie of binding(dependent, change, states)) {
          changes.set(tie, { ...changed(tie, before, after, changes), recreate: true })
          queue.push(tie)
        }
      if (type === 'after' && !holdsTo(dependent, change, before, context)) continue
      const rebuilt = (type === 'owned' ? goneAlong : rebuild)(changed(dependent, before, after, changes), change, states)
      if (rebuilt === null) continue
      changes.set(dependent, rebuilt)
      queue.push(dependent)
    }
  }
  for (const key of swapped) for (const made of madeAnewUnder(key, states)) swapped.add(made)
  return swapped
}

/**
 * Does it refer to the rows of a relation that a part lets go of, and that come back? What is detached may not be referred to: a foreign key
 * to a partitioned table goes with the bounds of a partition, and comes again; and one of its own with every partition that goes.
 */
export function holdsTo(dependent: string, tie: Change, state: Catalog, arriving: Context): boolean {
  const { objects, needs } = state
  const { key, before } = tie
  const kind = before && goes(tie) ? kindOf(before.id.kind) : undefined
  const user = objects.get(dependent)
  if (!before || !user || !kind?.ties) return false
  if (refersToItself(user)) return true
  if (!(tie.recreate || kind.rebuild?.needed(before, tie.after, arriving))) return false
  return wholesAbove(key, state).some((whole) => whole !== user.parent && needs.get(dependent)?.get(whole) === 'normal')
}

/** What the tie makes its whole a part of, and what that is a part of in turn. */
function wholesAbove(tie: string, state: Catalog): string[] {
  const parent = state.objects.get(tie)?.parent
  const wholes = [...(state.needs.get(tie) ?? [])].flatMap(([whole, type]) => (type === 'normal' && whole !== parent ? [whole] : []))
  return wholes.flatMap((whole) => [whole, ...(tiesIn(state).get(whole) ?? []).flatMap((above) => wholesAbove(above, state))])
}

const tiesIn = once(({ objects }: Catalog): ReadonlyMap<string, readonly string[]> => {
  const ties = [...objects.values()].filter(({ id }) => kindOf(id.kind).ties === true)
  return new Map([...groupBy(ties, ({ parent = '' }) => parent)].map(([whole, group]) => [whole, group.map(({ key }) => key)]))
})

/** Rows of one partition that refer to each other keep it from being detached, though they go together. */
function refersToItself(user: CatalogObject): boolean {
  const { table } = kindOf(user.id.kind).refers?.(user) ?? {}
  return table !== undefined && user.parent !== undefined && equal([...table], [...idOf(user.parent).path])
}

/** What a type that is set aside is made of, and is made anew as well, stays until that has gone: a composite type under a domain. */
function madeAnewUnder(type: string, { before, changes }: States): string[] {
  return [...(before.needs.get(type)?.keys() ?? [])].filter((needed) => {
    const change = changes.get(needed)
    return change?.before && comes(change) && goes(change) && kindOf(change.before.id.kind).swappable === true
  })
}

interface States {
  readonly before: Catalog
  readonly after: Catalog
  readonly changes: ReadonlyMap<string, Change>
  readonly dependents: Catalog['needs']
  readonly swapped: Set<string>
}

/** How a change of what it needs changes the dependent; null: not at all, or not further. */
function rebuild(dependent: Change, needed: Change, states: States): Change | null {
  const { before, after } = dependent
  if (!before || !after || dependent.recreate) return null
  const kind = kindOf(before.id.kind)
  if (goes(needed)) {
    const stillNeeds = states.after.needs.get(dependent.key)?.has(needed.key) ?? false
    if (!needed.after && (dependent.attributes.length > 0 || isPart(dependent, needed)) && !stillNeeds && !isPart(dependent, needed))
      return null
    if (!isPart(dependent, needed) && keepsData(before)) {
      const neededKind = needed.before && kindOf(needed.before.id.kind)
      if (needed.after && neededKind?.swappable && kind.remadeWithTypes?.(before)) return { ...dependent, recreate: true }
      const isSwapped = needed.after ? neededKind?.swappable : namesake(needed.before, states) !== undefined
      if (!isSwapped || !kind.retype) return null
      // A column that follows one already (a collation) keeps the next from being dropped as well (the domain that has it).
      states.swapped.add(needed.key)
      return dependent.retype ? null : { ...dependent, retype: true }
    }
    return { ...dependent, recreate: true }
  }
  if (!upsets(before, needed) || kind.global || keepsData(before)) return null
  return { ...dependent, recreate: true }
}

/** An index of a partition goes with that of the partitioned table, unless the partition has been detached. */
function goneAlong(dependent: Change, needed: Change, states: States): Change | null {
  const { before, after } = dependent
  if (!before || !after || dependent.recreate || !goes(needed) || keepsData(before)) return null
  return letsGo(before.parent, states) ? null : { ...dependent, recreate: true }
}

/** What is to be made anew, since this cannot be undone on it although both relations stay tied. */
function holding(change: Change, states: States): readonly string[] {
  const { before, after } = change
  if (before === undefined || after !== undefined || kindOf(before.id.kind).lasting !== true) return []
  const table = rootOf(before, states.before.objects).key
  const gone = states.changes.get(table)
  if ((gone && goes(gone)) || letsGo(table, states)) return []
  return [...(states.before.needs.get(change.key) ?? [])].flatMap(([key, type]) => {
    const stays = states.before.objects.has(key) && states.after.objects.has(key)
    return stays && type !== 'after' && key !== before.parent && states.changes.get(key)?.recreate !== true ? [key] : []
  })
}

/** What ties the whole of this to another relation, and must let go, since neither this can be dropped before its owner nor that before it. */
function binding(dependent: string, owner: Change, states: States): readonly string[] {
  const { before, changes } = states
  const object = before.objects.get(dependent)
  const { parent } = object ?? {}
  if (!object || parent === undefined || !goes(owner) || kindOf(object.id.kind).holdsOwner !== true) return []
  const whole = changes.get(parent)
  if ((whole && goes(whole)) || letsGo(parent, states)) return []
  return tiesIn(before).get(parent) ?? []
}

/** Is what ties the whole to another relation taken away? */
function letsGo(whole: string | undefined, { before, changes }: States): boolean {
  return (tiesIn(before).get(whole ?? '') ?? []).some((key) => {
    const change = changes.get(key)
    return change !== undefined && goes(change)
  })
}

/** What takes its name although it is of another kind: a domain that was an enum, a composite type that was a table. */
function namesake(before: CatalogObject | undefined, { after }: States): CatalogObject | undefined {
  const names = (object: CatalogObject) => kindOf(object.id.kind).occupies?.(object) ?? []
  const isType = ({ swappable, rowType }: ObjectKind) => swappable === true || rowType === true
  if (before === undefined || !isType(kindOf(before.id.kind))) return undefined
  const own = names(before)
  return KINDS.filter(isType)
    .map(({ name }) => after.objects.get(keyOf({ kind: name, path: before.id.path })))
    .find((other) => other !== undefined && names(other).some((name) => own.includes(name)))
}

/** It is dropped: for good, or to be created again. */
export function goes(change: Change): boolean {
  return change.before !== undefined && (change.after === undefined || change.recreate)
}

/** It is created: new, or again. */
export function comes(change: Change): boolean {
  return change.after !== undefined && (change.before === undefined || change.recreate)
}

function isPart(dependent: Change, needed: Change): boolean {
  return dependent.before?.parent === needed.key
}

/** Is a change that what it needs goes through more than PostgreSQL can take it through? */
export function upsets(dependent: CatalogObject, needed: Change): boolean {
  return disturbs(needed) && !follows(dependent, needed)
}

function follows(dependent: CatalogObject, { before, after, retype }: Change): boolean {
  const { followsRetype } = kindOf(dependent.id.kind)
  return typeof followsRetype === 'function' ? followsRetype(dependent, { before, after, anew: retype }) : followsRetype === true
}

function disturbs(change: Change): boolean {
  if (change.retype) return true
  const kind = change.before && kindOf(change.before.id.kind)
  return change.attributes.some((attribute) => kind?.disturbsDependents?.includes(attribute))
}

function keepsData(object: CatalogObject): boolean {
  const { holdsData } = kindOf(object.id.kind)
  return typeof holdsData === 'function' ? holdsData(object) : holdsData === true
}

/** What kinds may ask of the two states of a comparison; `arriving`: of the later one, which is made of the former. */
export const contextsIn = once(({ before, after, around }: Comparison) => ({
  before: contextOf(before, before, around),
  after: contextOf(after, after, around),
  arriving: contextOf(after, before, around),
}))

/**
 * What kinds may ask of a state while they write SQL for it; `former` is the state that is left: without one, the same. `around`: states
 * whose names are taken, too.
 */
export function contextOf(catalog: Catalog, former = catalog, around: readonly Catalog[] = [catalog, former]): Context {
  return {
    role: catalog.role,
    major: catalog.major,
    ...(catalog.database === undefined ? {} : { database: catalog.database }),
    kind: kindOf,
    find: (id) => catalog.objects.get(JSON.stringify([id.kind, ...id.path])),
    former: (id) => former.objects.get(JSON.stringify([id.kind, ...id.path])),
    beside: (id, suffix) =>
      besideOthers(id, suffix, (candidate) => around.some((state) => namesTaken(state).has(quoteName(...candidate.path)))),
    hasConstraintName: (path) => former !== catalog && around.some((state) => constraintNamesIn(state).has(quoteName(...path))),
    ofKind: (name) => byKind(catalog).get(name) ?? [],
    children: (id) => byParent(catalog).get(JSON.stringify([id.kind, ...id.path])) ?? [],
  }
}

const byKind = once(({ objects }: Catalog) => groupBy(objects.values(), ({ id }) => id.kind))
const byParent = once(({ objects }: Catalog) => groupBy(objects.values(), ({ parent }) => parent ?? ''))

const constraintNamesIn = once(
  ({ objects }: Catalog): ReadonlySet<string> =>
    new Set([...objects.values()].flatMap((object) => kindOf(object.id.kind).constraintNames?.(object) ?? [])),
)

/** What objects occupy, without the word for the space of names: relations share theirs, and have types named like them. */
const namesTaken = once(({ objects }: Catalog): ReadonlySet<string> => {
  const occupied = [...objects.values()].flatMap((object) => kindOf(object.id.kind).occupies?.(object) ?? [])
  return new Set(occupied.map((text) => text.slice(text.indexOf(' ') + 1)))
})
