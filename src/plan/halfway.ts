import { equal } from '../catalog/canonical.js'
import { type Catalog, type CatalogObject, dependentsOf, type Needs } from '../catalog/catalog.js'
import { type Change, type Comparison, contextOf } from '../diff/compare.js'
import { kindOf } from '../kinds/registry.js'

/** How far an object has come on its way from one state to the other. */
export type Reach = 'before' | 'halfway' | 'after'

const REACHES: readonly Reach[] = ['before', 'halfway', 'after']

/** Between which an object is to be. */
export interface Bounds {
  readonly least: Reach
  readonly most: Reach
}

/** What is asked of two objects that need each other cannot be had together. */
export class Contradiction extends Error {
  constructor(
    readonly key: string,
    readonly other: string,
  ) {
    super(`${key} and ${other} are wanted at different times`)
  }
}

export interface Halfway {
  readonly catalog: Catalog
  /** Of every object that changes. */
  readonly reach: ReadonlyMap<string, Reach>
}

/**
 * A state between two, whose tables hold rows of both: what is added is there, what is dropped still is, and what either asks of rows
 * (NOT NULL, checks, keys) is asked of none. Objects that need each other come along or stay behind together. Throws Contradiction.
 */
export function halfway(comparison: Comparison, bounds: ReadonlyMap<string, Bounds>): Halfway {
  const { before, after } = comparison
  const way = wayBetween(comparison)
  const reach = settle(way, comparison, bounds)
  const objects = new Map(before.objects)
  const needs: Needs = new Map([...before.needs].map(([key, row]) => [key, new Map(row)]))
  for (const [key, far] of reach) {
    const object = way.at(key, far)
    if (object) objects.set(key, object)
    else objects.delete(key)
    if (object && object !== before.objects.get(key)) needs.set(key, new Map(after.needs.get(key) ?? before.needs.get(key)))
  }
  const whole = withoutOrphans(objects)
  for (const [key, row] of needs) {
    if (!whole.has(key)) needs.delete(key)
    for (const needed of row.keys()) if (!whole.has(needed)) row.delete(needed)
  }
  return { catalog: { ...before, objects: whole, needs }, reach }
}

/** The changes of a comparison, with what each object is at every reach. */
export interface Way {
  /** Without what is only rebuilt for the sake of others. */
  readonly changes: ReadonlyMap<string, Change>
  readonly at: (key: string, reach: Reach) => CatalogObject | undefined
}

export function wayBetween(comparison: Comparison): Way {
  const contexts = { before: contextOf(comparison.before), after: contextOf(comparison.after) }
  const changes = new Map(
    [...comparison.changes].filter(
      ([, { before, after, attributes }]) => !before || !after || attributes.length > 0 || before.parent !== after.parent,
    ),
  )
  const moved = new Set([...changes.values()].flatMap(movedBy))
  const middle = (change: Change): CatalogObject | undefined => {
    const { before, after } = change
    const object = after ?? before
    const parent = changes.get(object?.parent ?? '')
    // Nobody's rows are in a new one yet; and what is dropped, goes whole.
    if (parent && (!parent.before || !parent.after)) return parent.before ? before : after
    if (parent?.recreate) return middle(parent) === parent.before ? before : after
    // A relation that joins or leaves another is told by it what its parts are: both stay as they are.
    if (moved.has(pathOf(object)) || moved.has(pathOf(comparison.before.objects.get(object?.parent ?? '')))) return before
    const { halfway: between, hazard } = kindOf(object?.id.kind ?? '')
    if (between) {
      const definition = between(before, after, after ? contexts.after : contexts.before)
      if (definition === null || !object) return undefined
      return [before, after].find((state) => state && equal(state.definition, definition)) ?? { ...object, definition }
    }
    if (!before || !after) return object
    return hazard?.(before, after) ? before : after
  }
  const middles = new Map([...changes].map(([key, change]) => [key, middle(change)]))
  return { changes, at: (key, reach) => (reach === 'halfway' ? middles.get(key) : changes.get(key)?.[reach]) }
}

/** The paths of a relation that follows others than before, and of all that it follows; none where it does not. */
function movedBy({ before, after }: Change): string[] {
  const attached = (one: CatalogObject) => kindOf(one.id.kind).attachedTo?.(one) ?? []
  if (!before || !after || equal(attached(before), attached(after))) return []
  return [pathOf(before), ...[...attached(before), ...attached(after)].map((path) => JSON.stringify(path))]
}

function pathOf(object: CatalogObject | undefined): string {
  return JSON.stringify(object?.id.path ?? null)
}

/** How far each object comes. */
function settle(way: Way, comparison: Comparison, bounds: ReadonlyMap<string, Bounds>): ReadonlyMap<string, Reach> {
  const reach = new Map<string, Reach>()
  const least = new Map<string, Reach>()
  for (const key of way.changes.keys()) {
    const { least: from = 'before', most: to = 'after' } = bounds.get(key) ?? {}
    reach.set(key, rank(from) > 1 ? from : rank(to) < 1 ? to : 'halfway')
    if (from !== 'before') least.set(key, from)
  }
  const alone = (key: string) => way.at(key, reach.get(key) ?? 'before')
  /** What it is part of and what is not there, if any; else itself. */
  const holder = (key: string): string => {
    const parent = alone(key)?.parent
    const above = parent !== undefined && way.changes.has(parent) ? holder(parent) : undefined
    return above !== undefined && alone(above) === undefined ? above : key
  }
  const at = (key: string) => (holder(key) === key ? alone(key) : undefined)
  const pull = (key: string, other: string) => {
    const most = bounds.get(key)?.most ?? 'after'
    if (!reach.has(key) || reach.get(key) === most) throw new Contradiction(key, other)
    reach.set(key, most)
    least.set(key, most)
  }
  const inTheWay = obstacles(way, comparison, at)
  for (let again = true; again; ) {
    again = false
    for (const change of way.changes.values()) {
      const other = inTheWay(change)
      if (other === undefined) continue
      again = true
      // It cannot be so without the other: it stays behind, or takes the other along.
      const above = holder(change.key)
      const key = reach.get(above) === 'before' ? change.key : above
      if (least.has(key)) pull(other, key)
      else if (reach.get(key) === 'before') throw new Error(`${key} stays behind, and ${other} is in its way all the same`)
      else reach.set(key, 'before')
    }
  }
  return reach
}

export function rank(reach: Reach): number {
  return REACHES.indexOf(reach)
}

/** Finds the other object because of which one cannot be as it is to be; undefined where there is none. */
function obstacles(
  { changes }: Way,
  { before, after }: Comparison,
  at: (key: string) => CatalogObject | undefined,
): (change: Change) => string | undefined {
  const dependents = dependentsOf(before.needs)
  const stays = (key: string) => at(key) !== undefined && at(key) === changes.get(key)?.before
  const isRebuilt = (key: string) => !changes.has(key) && after.objects.has(key)
  // Of two of one name, as a function whose arguments have other names now, PostgreSQL may take one alone.
  const names = (object: CatalogObject) => [
    ...(kindOf(object.id.kind).occupies?.(object) ?? []),
    ...(object.parent === undefined ? [JSON.stringify(object.id.path.slice(0, 2))] : []),
  ]
  const holders = new Map([...changes.values()].flatMap(({ key, before: old }) => (old ? names(old).map((name) => [name, key]) : [])))
  const isUnready = (key: string) => {
    const change = changes.get(key)
    const now = at(key)
    if (!change || !now) return change !== undefined
    if (change.recreate && now === change.before) return true
    const disturbing = kindOf(now.id.kind).disturbsDependents ?? []
    return disturbing.some((name) => change.attributes.includes(name) && !equal(now.definition[name], change.after?.definition[name]))
  }
  const lacking = (key: string, { parent }: CatalogObject) =>
    [...(after.needs.get(key) ?? []), [parent ?? '', 'normal'] as const].find(
      ([needed, type]) => type !== 'after' && isUnready(needed),
    )?.[0]
  const holding = (key: string, object: CatalogObject) =>
    names(object)
      .flatMap((name) => holders.get(name) ?? [])
      .find((holder) => holder !== key && stays(holder))
  const needing = (key: string) =>
    [...(dependents.get(key) ?? [])].find(
      ([other, type]) =>
        type !== 'owned' && type !== 'after' && before.objects.get(other)?.parent !== key && (stays(other) || isRebuilt(other)),
    )?.[0]
  return ({ key, before: old }) => {
    const object = at(key)
    if (!object) return old && needing(key)
    return object === old ? undefined : (lacking(key, object) ?? holding(key, object))
  }
}

/** Parts go with their whole. */
function withoutOrphans(objects: ReadonlyMap<string, CatalogObject>): ReadonlyMap<string, CatalogObject> {
  const stands = (object: CatalogObject | undefined): boolean =>
    object !== undefined && (object.parent === undefined || stands(objects.get(object.parent)))
  return new Map([...objects].filter(([, object]) => stands(object)))
}
