import type { Catalog } from '../catalog/catalog.js'
import { describe, idOf } from '../catalog/id.js'
import { nearest } from '../config/nearest.js'
import { type Change, compare } from '../diff/compare.js'
import { nameOf } from '../diff/steps.js'
import { UserError } from '../errors.js'
import type { DraftStep, Place } from './draft.js'
import { type Bounds, Contradiction, type Halfway, halfway, type Reach, rank, type Way, wayBetween } from './halfway.js'

/** Hand-written steps that run one after another, and the state to which generated steps lead before them. */
export interface Block {
  readonly steps: readonly DraftStep[]
  readonly at: Catalog
}

/**
 * Finds the place of each step on the way from the one state to the other; they keep the order in which they are written. Objects that are
 * `whole` come or go at once, with all that they ask of rows. Throws UserError.
 */
export function blocksBetween(live: Catalog, target: Catalog, steps: readonly DraftStep[], whole: ReadonlySet<string>): Block[] {
  const comparison = compare(live, target)
  const way = wayBetween(comparison)
  const atOnce = new Map<string, Bounds>([...whole].map((key) => [key, live.objects.has(key) ? AS_IT_IS : AS_WANTED]))
  const blocks: { steps: DraftStep[]; at: Catalog; reach: Halfway['reach'] }[] = []
  for (const step of steps) {
    const last = blocks.at(-1)
    const bounds = boundsOf(step, way, target, last?.reach ?? new Map(), atOnce)
    const { catalog, reach } = stateFor(step, () => halfway(comparison, bounds))
    const same = last !== undefined && [...reach].every(([key, far]) => last.reach.get(key) === far)
    if (same && step.transactional && last.steps[0]?.transactional) last.steps.push(step)
    else blocks.push({ steps: [step], at: same ? last.at : catalog, reach })
  }
  return blocks
}

function stateFor(step: DraftStep, find: () => Halfway): Halfway {
  try {
    return find()
  } catch (error) {
    if (!(error instanceof Contradiction)) throw error
    throw misplaced(step, `${describe(idOf(error.other))} and ${describe(idOf(error.key))}, which need each other`)
  }
}

/** `so far`: how far the steps above it want each object. */
function boundsOf(
  step: DraftStep,
  way: Way,
  target: Catalog,
  soFar: ReadonlyMap<string, Reach>,
  atOnce: ReadonlyMap<string, Bounds>,
): ReadonlyMap<string, Bounds> {
  const bounds = new Map<string, Bounds>([...atOnce, ...[...soFar].map(([key, least]) => [key, { least, most: 'after' }] as const)])
  const narrow = (key: string, { least, most }: Bounds) => {
    const known = bounds.get(key) ?? ANYWHERE
    const both = { least: rank(least) > rank(known.least) ? least : known.least, most: rank(most) < rank(known.most) ? most : known.most }
    if (rank(both.least) > rank(both.most)) throw misplaced(step, describe(idOf(key)))
    bounds.set(key, both)
  }
  const { at, after = [], before = [] } = step.place
  for (const key of way.changes.keys()) {
    if (at === 'start') narrow(key, { least: 'before', most: 'before' })
    if (at === 'end') narrow(key, { least: 'after', most: 'after' })
  }
  for (const name of after) for (const found of changesCalled(name, step, way, target)) narrow(found.change.key, boundsAfter(found, way))
  for (const name of before) for (const found of changesCalled(name, step, way, target)) narrow(found.change.key, boundsBefore(found, way))
  return bounds
}

const AS_IT_IS: Bounds = { least: 'before', most: 'before' }
const AS_WANTED: Bounds = { least: 'after', most: 'after' }
const ANYWHERE: Bounds = { least: 'before', most: 'after' }

interface Called {
  readonly verb: string | undefined
  readonly change: Change
}

/** A column that is created may be there before its NOT NULL is. */
function boundsAfter({ verb, change }: Called, way: Way): Bounds {
  const isThere = change.before === undefined && verb !== 'alter' && way.at(change.key, 'halfway') !== undefined
  return { least: isThere ? 'halfway' : 'after', most: 'after' }
}

function boundsBefore({ verb, change }: Called, way: Way): Bounds {
  const { before, after, key } = change
  const waits = before === undefined ? verb === 'alter' : after === undefined && way.at(key, 'halfway') !== undefined
  return { least: 'before', most: waits ? 'halfway' : 'before' }
}

const CALLED = /^(?:(create|alter|drop) )?(.+)$/s

/** What happens to the object that a place names; nothing where it is as wanted already, as after a plan that did it. */
function changesCalled(name: string, step: DraftStep, { changes, at }: Way, target: Catalog): readonly Called[] {
  const [, verb, object = ''] = CALLED.exec(name.trim()) ?? []
  const names = [object, object.split(/: | with /)[0] ?? '']
  const change = [...changes.values()].find((one) => namesOf(one).some((own) => names.includes(own)) && does(one, verb, at))
  if (change) return [{ verb, change }]
  const isDone =
    verb !== 'drop' && [...target.objects.values()].some((one) => [nameOf(one), describe(one.id)].some((own) => names.includes(own)))
  if (isDone && step.place.after?.includes(name)) return []
  const known = [...changes.values()].flatMap((one) => namesOf(one).map((own) => `${verbOf(one)} ${own}`))
  const near = nearest(name, known) ?? nearest(`${verb ?? ''} ${object}`.trim(), known) ?? known.find((text) => text.endsWith(object))
  throw new UserError('no-place', `“${step.title}” is to run where there is nothing: no generated step does “${name}”.`, {
    next: near
      ? `Did you mean “${near}”?`
      : known.length > 0
        ? `Name what plan prints, such as “${known[0]}”.`
        : 'Leave its place out: it is the only one.',
  })
}

function namesOf({ before, after }: Change): string[] {
  const object = after ?? before
  return object ? [...new Set([nameOf(object), describe(object.id)])] : []
}

function verbOf({ before, after }: Change): string {
  return !before ? 'create' : after ? 'alter' : 'drop'
}

function does(change: Change, verb: string | undefined, at: Way['at']): boolean {
  if (verb === undefined || verb === verbOf(change)) return true
  return verb === 'alter' && change.before === undefined && at(change.key, 'halfway') !== change.after
}

function misplaced({ title }: DraftStep, what: string): UserError {
  return new UserError('no-place', `“${title}” has no place: what it says of ${what} contradicts itself, or the steps above it.`, {
    next: 'Steps run in the order in which they are written: move it up, or change its after and before.',
  })
}

/** All SQL of these steps. */
export function textsOf(steps: readonly DraftStep[]): string[] {
  return steps.flatMap(({ up, down }) => [...up, ...down].map(({ text }) => text))
}

export function isPlaced({ at, after, before }: Place): boolean {
  return at !== undefined || after !== undefined || before !== undefined
}
