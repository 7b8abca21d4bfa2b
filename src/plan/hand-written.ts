import type { Catalog, CatalogObject } from '../catalog/catalog.js'
import { type Step, stepsBetween } from '../diff/steps.js'
import { kindOf } from '../kinds/registry.js'
import type { Named, ScriptStatement } from '../sql/script.js'
import type { DraftStep } from './draft.js'
import { asSeen, type Seen } from './lock-watch.js'
import { isPlaced } from './places.js'
import type { PlanHazard, PlanStep } from './plan.js'

/** The states around hand-written steps, as they were rehearsed. */
export interface Around {
  readonly before: Catalog
  readonly after: Catalog
  readonly seen?: ReadonlyMap<object, Seen>
}

/** Hand-written steps as those of a plan, with what they lock, lose, and are about. */
export function writtenSteps(steps: readonly DraftStep[], { before, after, seen }: Around, searchPath: readonly string[]): PlanStep[] {
  const isReversible = steps.every(({ irreversible }) => irreversible === null)
  return withLosses(
    steps.map((step) => watched(planStep(step, before, after, searchPath), seen?.get(step))),
    stepsBetween(before, after),
    isReversible ? stepsBetween(after, before) : [],
  )
}

/** With what the rehearsal saw it lock. */
function watched(step: PlanStep, seen: Seen | undefined): PlanStep {
  // What TRUNCATE empties is not written anew.
  const emptied = new Set(step.hazards.map(({ object }) => object))
  const written = seen && { ...seen, rewritten: new Set([...seen.rewritten].filter((key) => !emptied.has(key))) }
  return { ...step, impact: asSeen(step.impact, step.impact.on ?? null, [], written) }
}

/** Keys of the relations that these steps name. */
export function relationsOf(steps: readonly DraftStep[], catalog: Catalog, searchPath: readonly string[]): string[] {
  const named = steps.flatMap(({ up, down }) => [...up, ...down].flatMap(({ relations }) => relations))
  return [...new Set(named.flatMap((name) => relationOf(catalog, name, searchPath)?.key ?? []))]
}

function planStep(step: DraftStep, before: Catalog, after: Catalog, searchPath: readonly string[]): PlanStep {
  const { title, up, down, place, irreversible, batch, downBatch } = step
  const find = (named: Named) => relationOf(before, named, searchPath) ?? relationOf(after, named, searchPath)
  const statements = [...up, ...down]
  const relations = statements.flatMap((statement) => statement.relations.flatMap((named) => find(named) ?? []))
  const names = new Set(statements.flatMap((statement) => [...statement.names]))
  const columns = [...before.objects.values()].filter(
    ({ parent, id }) => names.has(id.path.at(-1) ?? '') && relations.some(({ key }) => key === parent),
  )
  const target = up.flatMap(({ writes }) => writes).flatMap(({ to }) => find(to) ?? [])[0]
  return {
    title,
    source: null,
    objects: [...new Set([...relations, ...columns].map(({ key }) => key))].sort(),
    up: up.map(({ text }) => text),
    down: down.map(({ text }) => text),
    impact: target ? { lock: 'ROW EXCLUSIVE', on: target.id } : {},
    hazards: deletedBy(up, find),
    byHand: true,
    ...(isPlaced(place) && { place }),
    ...(irreversible === null ? {} : { irreversible }),
    ...(batch === null ? {} : { batch }),
    ...(downBatch === null ? {} : { downBatch }),
    downHazards: deletedBy(down, find),
  }
}

/** By its name, in the schema that it says or the first of the search path that has it. */
function relationOf(catalog: Catalog, { schema, name }: Named, searchPath: readonly string[]): CatalogObject | undefined {
  const holders = [...catalog.objects.values()].filter(
    ({ id, parent }) => parent === undefined && id.path.length === 2 && id.path[1] === name && kindOf(id.kind).holdsData,
  )
  for (const space of schema === null ? searchPath : [schema]) {
    const found = holders.find(({ id }) => id.path[0] === space)
    if (found) return found
  }
  return undefined
}

function deletedBy(statements: readonly ScriptStatement[], find: (named: Named) => CatalogObject | undefined): PlanHazard[] {
  const keys = statements.flatMap(({ writes }) => writes.flatMap(({ how, to }) => (how === 'delete' ? (find(to)?.key ?? []) : [])))
  return [...new Set(keys)].map((object) => ({ hazard: 'delete-rows', object }))
}

/** With what the changes to the schema lose, said by the first step and the last. */
function withLosses(steps: readonly PlanStep[], up: readonly Step[], down: readonly Step[]): PlanStep[] {
  return steps.map((step, i) => ({
    ...step,
    hazards: i === 0 ? [...step.hazards, ...up.flatMap(({ hazards }) => hazards)] : step.hazards,
    downHazards: i === 0 ? [...step.downHazards, ...down.flatMap(({ hazards }) => hazards)] : step.downHazards,
  }))
}
