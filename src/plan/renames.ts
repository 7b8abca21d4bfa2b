import { equal } from '../catalog/canonical.js'
import type { Catalog, CatalogObject } from '../catalog/catalog.js'
import { describe, idOf, keyOf, type ObjectId, visible } from '../catalog/id.js'
import { contextOf } from '../diff/compare.js'
import type { Step } from '../diff/steps.js'
import { kindOf } from '../kinds/registry.js'
import { introspect } from '../postgres/introspect.js'
import type { Session } from '../postgres/session.js'
import { quoteIdentifier } from '../sql/quote.js'
import { flagOf, isMove, type Rename, takenBy, wholeOf } from './asked-renames.js'
import { overlay, pick } from './replica.js'
import { runSegment } from './run-steps.js'

export interface Renamed {
  /** The live database as it is after the renames. */
  readonly live: Catalog
  readonly steps: readonly Step[]
  /** New key → the key by which the live database still knows the object. */
  readonly formerly: ReadonlyMap<string, string>
  /** What was asked for, as `plan --rename` takes it. */
  readonly asked: readonly string[]
}

/**
 * Runs the renames in the replica and reads what comes of them: PostgreSQL renames in every text by itself. What had its name only
 * from a renamed table (keys, indexes, sequences) is renamed along, where the wanted state has the same thing under another name.
 */
export async function renameIn(
  session: Session,
  start: Catalog,
  live: Catalog,
  wanted: Catalog,
  asked: readonly Rename[],
): Promise<Renamed> {
  const stepOf = (rename: Rename) => renameStep(rename, wanted)
  const taken = asked.filter((rename) => takenBy(rename, asked, live) !== null)
  const steps = [
    ...schemasFor(asked, start, wanted),
    ...asked.filter((rename) => !taken.includes(rename)).map(stepOf),
    ...taken.flatMap(arrived).map(stepOf),
  ]
  await runSegment(session, steps, true)
  let after = await introspect(session)
  const along = followers(after, wanted).map(stepOf)
  if (along.length > 0) {
    await runSegment(session, along, true)
    after = await introspect(session)
  }
  const changed = [...after.objects.values()]
    .filter((object) => !equal(start.objects.get(object.key)?.definition, object.definition))
    .map((object) => object.key)
  // What keeps its definition may need something under its new name.
  const moved = new Set([...changed, ...[...after.needs].filter(([, row]) => changed.some((key) => row.has(key))).map(([key]) => key)])
  const gone = [...start.objects.keys()].filter((key) => !after.objects.has(key))
  return {
    live: overlay(
      live,
      pick(after, (key) => moved.has(key)),
      gone,
    ),
    steps: [...steps, ...along],
    formerly: new Map(asked.map(({ from, to }) => [keyOf(to), keyOf(from)])),
    asked: [...new Set(asked.map(flagOf))].sort(),
  }
}

/** It has come to the other schema, and has its old name there. */
function arrived({ from, to }: Rename): Rename[] {
  const path = [...to.path.slice(0, 1), ...from.path.slice(1)]
  return equal(path, [...to.path]) ? [] : [{ from: { ...from, path }, to }]
}

function followers(state: Catalog, wanted: Catalog): Rename[] {
  const candidates = new Map<string, CatalogObject[]>()
  const nameless = (object: CatalogObject, catalog: Catalog) => {
    const text = kindOf(object.id.kind).nameless?.(object, contextOf(catalog))
    return text === undefined ? null : `${object.id.kind} ${text}`
  }
  for (const object of wanted.objects.values()) {
    const text = state.objects.has(object.key) ? null : nameless(object, wanted)
    if (text !== null) candidates.set(text, [...(candidates.get(text) ?? []), object])
  }
  const renames: Rename[] = []
  for (const object of state.objects.values()) {
    const text = wanted.objects.has(object.key) ? null : nameless(object, state)
    const to = text === null ? undefined : candidates.get(text)?.shift()
    if (to) renames.push({ from: object.id, to: to.id })
  }
  return renames
}

/** Schemas that something moves to, and that are not there yet. */
function schemasFor(asked: readonly Rename[], { objects }: Catalog, wanted: Catalog): Step[] {
  const moved = asked.filter(isMove)
  const schemas = moved.flatMap(({ to }) =>
    [...(wanted.needs.get(keyOf(to))?.keys() ?? [])].map(idOf).filter(({ path }) => path.length === 1 && path[0] === to.path[0]),
  )
  const missing = new Map(schemas.map((id) => [keyOf(id), id]))
  return [...missing].flatMap(([key, id]) => (objects.has(key) ? [] : schemaStep(id, 'create')))
}

const ALTERS = { verb: 'alter', hazards: [], impact: {}, transactional: true } as const satisfies Partial<Step>

function schemaStep(id: ObjectId, verb: 'create' | 'drop'): Step {
  return {
    title: visible(`${verb} ${describe(id)}`),
    objects: [keyOf(id)],
    sql: [`${verb} ${kindOf(id.kind).target(id)}`],
    ...ALTERS,
    verb,
  }
}

/** From one schema to another; under its own name first, and then under the new one. */
function moveStep({ from, to }: Rename): Step {
  const kind = kindOf(to.kind)
  const [schema = '', name = ''] = to.path
  const moved = { kind: from.kind, path: [schema, ...from.path.slice(1)] }
  const isRenamed = from.path[1] !== name
  return {
    title: visible(`move ${describe(from)} to schema ${schema}${isRenamed ? ` as ${name}` : ''}`),
    objects: [keyOf(to), keyOf(from)],
    sql: [`alter ${kind.target(from)} set schema ${quoteIdentifier(schema)}`, ...(isRenamed ? [kind.rename?.(moved, name) ?? ''] : [])],
    ...ALTERS,
    impact: kind.holdsData === true ? { lock: 'ACCESS EXCLUSIVE' } : {},
  }
}

/** The step, with the table under its new name: tables were renamed before. */
function renameStep({ from, to }: Rename, wanted?: Catalog): Step {
  const kind = kindOf(to.kind)
  if (isMove({ from, to })) return moveStep({ from, to })
  const whole = kind.names && (wanted ? wholeOf(to, wanted)?.id : undefined)
  if (kind.names && whole) return renameInside(whole, to.path.at(-1) ?? '', from.path.at(-1) ?? '')
  const at = from.path.findIndex((name, i) => name !== to.path[i])
  const source = { kind: from.kind, path: [...to.path.slice(0, at), from.path[at] ?? '', ...to.path.slice(at + 1)] }
  return {
    title: visible(`rename ${describe(source)} to ${to.path[at]}`),
    objects: [keyOf(to), keyOf(source)],
    sql: [kind.rename?.(source, to.path[at] ?? '') ?? ''],
    ...ALTERS,
    impact: kind.holdsData === true ? { lock: 'ACCESS EXCLUSIVE' } : {},
  }
}

function renameInside(id: ObjectId, to: string, from: string): Step {
  return {
    title: visible(`rename ${from} to ${to} in ${describe(id)}`),
    objects: [keyOf(id)],
    renames: { from, to },
    sql: [kindOf(id.kind).names?.rename(id, from, to) ?? ''],
    ...ALTERS,
  }
}

/** The renames the other way round. */
export function undone(steps: readonly Step[]): Step[] {
  return [...steps].reverse().map(({ objects, renames, verb }) => {
    const [to, from] = objects.map(idOf)
    if (to && verb === 'create') return schemaStep(to, 'drop')
    if (to && renames) return renameInside(to, renames.from, renames.to)
    if (!to || !from) throw new Error('a rename concerns two ids')
    return renameStep({ from: to, to: from })
  })
}
