import { type Catalog, type CatalogObject, targetKey } from '../catalog/catalog.js'
import { groupBy } from '../catalog/group.js'
import { describe, idOf, keyOf, visible } from '../catalog/id.js'
import { once } from '../catalog/once.js'
import type { Context, Hazard, Impact } from '../kinds/kind.js'
import { kindOf } from '../kinds/registry.js'
import { spoken, spokenAbout } from '../kinds/spoken.js'
import { faithful } from '../sql/faithful.js'
import { type Comparison, compare, contextsIn } from './compare.js'
import { asMade, filling, finishing, isRebuilt, joinedStatements, type Operation, operationsOf, statements } from './operation.js'
import { Circle, type Group, order, type Preference } from './order.js'
import { spreadsIn } from './spread.js'

/** One statement, or a few that belong together, with all that a reviewer asks of it. */
export interface Step {
  readonly title: string
  /** Keys of the objects that it creates, changes or drops; the first is what it is about. */
  readonly objects: readonly string[]
  readonly sql: readonly string[]
  readonly verb: Operation['verb']
  readonly hazards: readonly { readonly hazard: Hazard; readonly object: string }[]
  readonly impact: Impact
  readonly transactional: boolean | 'commit-after'
  /** For steps that change rows. */
  readonly rows?: RowsChanged
  /** Rows that must not be there when it runs, beside those that its objects tell. */
  readonly probes?: readonly Probe[]
  /** `schema/data/public.paises.yaml:3`, where that cannot be told from its objects. */
  readonly source?: string
  /** A name inside its object that it changes. */
  readonly renames?: { readonly from: string; readonly to: string }
  /** Its statements are the online form, which gives way where PostgreSQL refuses it. */
  readonly online?: true
  /** What it drops and whose rows it keeps, and under which name in the archive. */
  readonly archives?: readonly Archived[]
  /** Rows wait for a value that nothing gives. */
  readonly unfilled?: true
  /** It makes others along, under names that PostgreSQL is expected to choose. */
  readonly spread?: true
}

/** What would be refused, and the query that counts and names such rows: `count` of at most 10,001, and `sample`. */
export interface Probe {
  readonly what: string
  readonly query: string
}

export interface Archived {
  readonly object: string
  readonly place: string
}

/** How many rows a step changes, and the first of them; `wanted` tells apart what they are changed to. */
export interface RowsChanged {
  readonly count: number
  readonly sample: readonly string[]
  readonly wanted: string
}

export interface StepOptions {
  /** Objects to be dropped and created again where they could be altered. */
  readonly rebuild?: ReadonlySet<string>
  readonly hasRows?: Comparison['hasRows']
  /** The steps of the other way: where PostgreSQL leaves the choice, this way undoes them last to first. */
  readonly mirror?: readonly Step[]
  readonly online?: Comparison['online']
  readonly archive?: Comparison['archive']
  readonly around?: Comparison['around']
  readonly apart?: boolean
}

/**
 * The way from one state to another, as ordered steps. The way back is the same call with the states exchanged.
 */
export function stepsBetween(
  before: Catalog,
  after: Catalog,
  {
    rebuild = new Set(),
    hasRows = () => false,
    online = () => false,
    archive = () => null,
    around = [],
    apart = false,
    mirror = [],
  }: StepOptions = {},
): Step[] {
  const prefer = undoing(mirror)
  const forced = new Set<string>([...rebuild, ...tiesMadeAnew(mirror, before, after)])
  const plain = new Set<string>()
  for (;;) {
    const comparison = compare(before, after, forced, {
      hasRows,
      archive,
      around,
      apart,
      online: (table, key) => !plain.has(key) && online(table, key),
    })
    const operations = operationsOf(comparison)
    try {
      const steps = order(comparison, operations, prefer)
        .map((group) => stepOf(group, comparison))
        .filter((step) => step !== null)
      const parting = onlineWhileRowsWait(steps).filter((key) => !plain.has(key))
      if (parting.length === 0) return steps
      for (const key of parting) plain.add(key)
    } catch (error) {
      if (!(error instanceof Circle)) throw error
      const back = operations.all.filter((operation) => operation.online !== null && error.keys.includes(operation.key))
      for (const { key } of back) plain.add(key)
      if (back.length > 0) continue
      const more = error.keys.filter((key) => !forced.has(key) && canBeForced(key, comparison))
      if (more.length === 0) throw error
      for (const key of more) forced.add(key)
    }
  }
}

/** What is done online, and commits, while rows are kept in a temporary table: from the first step for their object to the one that brings them back. */
function onlineWhileRowsWait(steps: readonly Step[]): string[] {
  return steps.flatMap(({ verb, objects: [key = ''] }, end) => {
    const first = verb === 'refill' ? steps.findIndex(({ objects }) => objects[0] === key) : end
    return steps.slice(first, end).flatMap((step) => (step.online ? step.objects.slice(0, 1) : []))
  })
}

/** What the other way let go of and tied again, this way does, too: there are rows to be taken back. */
function tiesMadeAnew(mirror: readonly Step[], before: Catalog, after: Catalog): string[] {
  const made = new Set(mirror.filter(({ verb }) => verb === 'drop').flatMap(({ objects }) => objects))
  return mirror
    .filter(({ verb }) => verb === 'create')
    .flatMap(({ objects }) => objects)
    .filter((key) => made.has(key) && before.objects.has(key) && after.objects.has(key) && kindOf(idOf(key).kind).ties === true)
}

const UNDONE_BY: Readonly<Record<Operation['verb'], Operation['verb']>> = {
  create: 'drop',
  drop: 'create',
  alter: 'alter',
  shell: 'drop',
  keep: 'refill',
  refill: 'keep',
  'set-aside': 'discard',
  discard: 'set-aside',
}

function undoing(steps: readonly Step[]): Preference {
  const places = new Map<string, number>()
  steps.forEach(({ verb, objects }, i) => {
    for (const key of objects) {
      places.set(`${UNDONE_BY[verb]} ${key}`, steps.length - i)
      if (!places.has(key)) places.set(key, steps.length - i)
    }
  })
  return ({ verb, key }) => places.get(`${verb} ${key}`) ?? places.get(key)
}

/** An object altered in place that sits in a circle is dropped and created instead, unless rows would go with it. */
function canBeForced(key: string, comparison: Comparison): boolean {
  const change = comparison.changes.get(key)
  return change?.before !== undefined && change.after !== undefined && !change.recreate && mayRebuild(change.before)
}

/** Can it be dropped and created again without losing rows? */
export function mayRebuild(object: CatalogObject | undefined): boolean {
  if (object === undefined) return false
  const { holdsData } = kindOf(object.id.kind)
  return typeof holdsData === 'function' ? !holdsData(object) : holdsData !== true
}

function stepOf(group: Group, comparison: Comparison): Step | null {
  const { head, members } = group
  const parts = head.verb === 'create' ? inlined(head, members, contextsIn(comparison).arriving) : []
  const joined = head.verb === 'alter' && members.length > 1
  const ordered = joined ? [...members].sort(byPosition) : [head, ...members.filter((member) => member !== head).sort(byPosition)]
  const inGroup = new Set(ordered.map(({ key }) => key))
  // What goes with its whole is said by the whole, and kept with it.
  const apart = ordered.filter(({ object }) => head.verb !== 'drop' || object.parent === undefined || !inGroup.has(object.parent))
  const keeping = head.verb === 'drop' ? apart.flatMap((member) => keepingOf(member, comparison)) : []
  const sql = [
    ...keeping.flatMap((kept) => kept.sql),
    ...(joined ? joinedStatements(ordered, comparison) : statements(head, parts, comparison)),
    ...ordered.flatMap((member) => finishing(member, comparison)),
    ...ordered.flatMap((member) => bringingBack(member, comparison)),
  ]
    .filter((s) => s !== '')
    // A routine's text is the user's own.
    .map((s) => (kindOf(head.object.id.kind).mentions === undefined ? faithful(s) : s))
  if (sql.length === 0) return null
  const { before, after } = head.change
  const { online } = head
  const spread = head.verb === 'create' ? spreadsIn(comparison).get(head.key) : undefined
  const isForAll = spread !== undefined && asMade(head, comparison) !== head.object
  const fill = filling(head, parts, comparison)
  return {
    title: `${joined ? titleOfJoined(ordered) : titleOf(head, members)}${isForAll ? ', also on partitions' : ''}`,
    objects: [...ordered.map((member) => member.key), ...(spread?.along ?? []), ...(online?.between.map(keyOf) ?? [])],
    sql,
    verb: head.verb,
    hazards: [
      ...(head.verb === 'drop' && isRebuilt(head.change, comparison)
        ? ordered.filter(({ object }) => object.parent === head.key).flatMap(lossOfPart)
        : apart
            .filter(({ key }) => handedOver(comparison).get(key) !== 'all' && !keeping.some(({ object }) => object === key))
            .flatMap(hazardOf)),
      ...(fill === null ? [] : [{ hazard: 'fill' as const, object: head.key }]),
    ],
    impact: online?.impact ?? {
      ...(keeping.length === 0 ? impactOfAll(joined ? ordered : [head], comparison) : { ...impactOf(head, comparison), work: 'scan' }),
      ...(fill?.rewrites ? { work: 'rewrite' } : {}),
    },
    ...(fill?.sql === null ? { unfilled: true as const } : {}),
    ...(spread ? { spread: true as const } : {}),
    ...(online === null ? {} : { online: true as const }),
    ...(keeping.length === 0 ? {} : { archives: keeping.map(({ object, place }) => ({ object, place })) }),
    transactional:
      online === null &&
      (kindOf(head.object.id.kind).transactional?.(head.verb === 'create' ? undefined : before, head.verb === 'drop' ? undefined : after) ??
        true),
  }
}

/** How the rows of what is dropped for good are kept, where they are to be and would be lost. */
function keepingOf(member: Operation, comparison: Comparison): (Archived & { readonly sql: readonly string[] })[] {
  if (member.change.after !== undefined) return []
  // In the archive they would come back twice.
  if (handedOver(comparison).has(member.key)) return []
  const place = comparison.archive(member.key)
  const ask = kindOf(member.object.id.kind).archive
  if (place === null || !ask || hazardOf(member).length === 0 || takesAlong(member, comparison.before)) return []
  const { before, after } = contextsIn(comparison)
  const sql = ask.keep(member.object, place, before, after)
  return sql === null ? [] : [{ object: member.key, place, sql }]
}

/** What goes while its rows go to others that are tied to the same: all of them, or those that others take. */
const handedOver = once(
  (comparison: Comparison): ReadonlyMap<string, 'all' | 'some'> =>
    new Map(
      [...comparison.changes.values()].flatMap((change) => {
        const { before, after } = change
        if (after || before?.parent === undefined || !isRebuilt(change, comparison)) return []
        const losesNone = kindOf(before.id.kind).rebuild?.losesNone?.(before, contextsIn(comparison).arriving) === true
        return [[before.parent, losesNone ? 'all' : 'some'] as const]
      }),
    ),
)

/** Values of heirs go with the column that they inherit, and are not read with it. */
function takesAlong({ key, change }: Operation, before: Catalog): boolean {
  const silent = (object: CatalogObject) => object.echoes?.includes(key) && !kindOf(object.id.kind).hazard?.(object, undefined)
  return change.before?.echoes === undefined && [...before.objects.values()].some(silent)
}

function bringingBack({ verb, change, key, object }: Operation, comparison: Comparison): readonly string[] {
  const place = verb === 'create' && change.before === undefined ? comparison.archive(key) : null
  const { before, after } = contextsIn(comparison)
  return place === null ? [] : (kindOf(object.id.kind).archive?.bringBack(object, place, after, before) ?? [])
}

function inlined(head: Operation, members: readonly Operation[], context: Context): string[] {
  return members
    .filter((member) => member !== head && member.object.parent === head.key)
    .sort(byPosition)
    .map((member) => kindOf(member.object.id.kind).inline?.(member.object, inlined(member, members, context), context) ?? '')
    .filter((part) => part !== '')
}

function byPosition(a: Operation, b: Operation): number {
  const rank = (o: Operation) => `${String(o.object.position ?? 0).padStart(6, '0')}${o.key}`
  return rank(a) < rank(b) ? -1 : 1
}

function hazardOf(operation: Operation): Step['hazards'] {
  const { before, after } = operation.change
  if (!before || ['create', 'set-aside', 'shell', 'keep', 'refill'].includes(operation.verb)) return []
  const ask = kindOf(before.id.kind).hazard
  // What is made anew loses what the change loses, and what dropping it loses.
  const hazard =
    after === undefined
      ? ask?.(before, undefined)
      : operation.verb === 'alter'
        ? ask?.(before, after)
        : (ask?.(before, after) ?? ask?.(before, undefined))
  return hazard ? [{ hazard, object: operation.key }] : []
}

/**
 * What is made anew with its rows loses what changes in its parts: a column that is no longer there, a narrower type. Rows of partitions
 * that go with it are its rows.
 */
function lossOfPart({ key, change: { before, after } }: Operation): Step['hazards'] {
  const hazard = before && kindOf(before.id.kind).hazard?.(before, after)
  return hazard ? [{ hazard, object: key }] : []
}

/** What is done in one go is as heavy as the heaviest of it. */
function impactOfAll(operations: readonly Operation[], comparison: Comparison): Impact {
  const impacts = operations.map((operation) => impactOf(operation, comparison))
  return impacts.find(({ work }) => work === 'rewrite') ?? impacts.find(({ work }) => work !== undefined) ?? impacts[0] ?? {}
}

function impactOf(operation: Operation, comparison: Comparison): Impact {
  const { before, after } = operation.change
  const kind = kindOf(operation.object.id.kind)
  if (operation.verb === 'keep') return { lock: 'ACCESS EXCLUSIVE', work: 'rewrite' }
  if (operation.verb === 'refill') return {}
  const verb = operation.verb === 'create' ? 'create' : operation.verb === 'alter' ? (operation.change.retype ? 'retype' : 'alter') : 'drop'
  return kind.impact?.(verb, before, verb === 'create' ? asMade(operation, comparison) : after) ?? {}
}

const WORDS: Readonly<Record<Operation['verb'], string>> = {
  create: 'create',
  drop: 'drop',
  alter: 'alter',
  shell: 'create shell of',
  keep: 'keep the rows of',
  refill: 'bring back the rows of',
  'set-aside': 'set aside',
  discard: 'drop replaced',
}

/** `alter table public.t: column a: type integer → bigint; column b: …`. */
function titleOfJoined(operations: readonly Operation[]): string {
  const parts = operations.map(
    ({ object, change }) =>
      `${object.id.kind} ${object.id.path.at(-1)}${describeAttributes(change.before, change.after, change.attributes)}`,
  )
  const whole = operations[0]?.object.parent
  return `alter ${whole === undefined ? '' : describe(idOf(whole))}: ${parts.join('; ')}`
}

function titleOf(head: Operation, members: readonly Operation[]): string {
  const word =
    head.change.recreate && head.verb === 'alter'
      ? 'replace'
      : head.change.recreate && head.verb === 'create'
        ? 'recreate'
        : head.change.recreate && head.verb === 'drop'
          ? 'drop (to recreate)'
          : WORDS[head.verb]
  const attributes = head.verb === 'alter' ? describeAttributes(head.change.before, head.change.after, head.change.attributes) : ''
  const counts = [
    ...groupBy(
      members.filter((m) => m !== head && m.object.parent === head.key && isSaid(m)),
      (m) => m.object.id.kind,
    ),
  ]
  const inside = counts.map(([kind, list]) => `${list.length} ${kind}${list.length === 1 ? '' : 's'}`)
  return visible(`${word} ${nameOf(head.object)}${inside.length > 0 ? ` with ${inside.join(', ')}` : ''}${attributes}`)
}

/** Part of its parent's statement, by words of its own: not so the sequence of an identity column. */
function isSaid({ object }: Operation): boolean {
  const { inline } = kindOf(object.id.kind)
  return inline !== undefined && (inline(object, []) ?? '') !== ''
}

/** As people say it: `function public.f(integer)`, `comment on table public.t`. */
export function nameOf(object: CatalogObject): string {
  const { kind, path } = object.id
  const about = targetKey(object)
  if (!kindOf(kind).global || about === undefined) return spoken(object.id)
  const target = idOf(about)
  return spokenAbout(kind, path.slice(0, path.length - target.path.length - 1), target)
}

function describeAttributes(before: CatalogObject | undefined, after: CatalogObject | undefined, attributes: readonly string[]): string {
  const texts = attributes.map((name) => {
    const [from, to] = [before?.definition[name], after?.definition[name]]
    const short = (value: unknown) =>
      value === null || value === undefined ? 'none' : typeof value === 'string' ? value : JSON.stringify(value)
    return short(from).length + short(to).length < 80 && !short(to).includes('\n') ? `${name} ${short(from)} → ${short(to)}` : name
  })
  return texts.length > 0 ? `: ${texts.join(', ')}` : ''
}
