import type { Catalog, CatalogObject } from '../catalog/catalog.js'
import { type Step, stepsBetween } from '../diff/steps.js'
import { kindOf } from '../kinds/registry.js'
import { isAboutRoles } from '../postgres/cluster-statements.js'
import { introspect } from '../postgres/introspect.js'
import { embeddedShadow } from '../postgres/shadow.js'
import type { Named, ScriptStatement } from '../sql/script.js'
import type { Draft, DraftStep } from './draft.js'
import { footprintsFrom, print, sealed, sortedByName } from './make.js'
import { brought, mentioned } from './mentions.js'
import type { Plan, PlanHazard, PlanStep } from './plan.js'
import { buildPart } from './rehearse.js'
import { closure } from './replica.js'
import { type Rerun, rerun, type WrittenSegment } from './rerun.js'
import { afterPending, type Request, refuseLosses, TOOL } from './stage.js'

/** What planning a draft asks for: no files. */
export type DraftRequest = Omit<Request, 'source' | 'title' | 'renames' | 'formerly' | 'cache'> & { readonly scope: Plan['scope'] }

export interface PlannedDraft {
  readonly plan: Plan
  /** What its steps do to the schema, which no file may say. */
  readonly changes: readonly string[]
}

/** Hand-written steps in, a proven plan out. Throws UserError where they do not run, do not come back, or lose what was not allowed. */
export async function planDraft(request: DraftRequest, draft: Draft): Promise<PlannedDraft> {
  const live = await afterPending(request, await introspect(request.live))
  const blocks = blocksOf(draft.steps)
  const irreversible = draft.steps.find((step) => step.irreversible !== null)?.irreversible ?? null
  const texts = draft.steps.flatMap(({ up, down }) => [...up, ...down].map(({ text }) => text))
  const ofRoles = draft.steps.some(({ up, down }) => [...up, ...down].some(({ node }) => isAboutRoles({ node, subject: null })))
  const proof = await rerun({
    // On a server, a role would be made for everybody.
    shadow: () => (ofRoles ? embeddedShadow(live.role) : request.shadow(live)),
    build: async (shadow) => {
      const part = closure(live, mentioned(live, texts), await brought(live, shadow.session))
      return buildPart({ base: await introspect(shadow.session), live, part, searchPath: request.searchPath }, shadow)
    },
    segments: blocks.map(written),
    back: irreversible === null,
  })
  const changes = blocks.map((_, i) => stepsBetween(legOf(proof, i).before, legOf(proof, i).after))
  const footprints = footprintsFrom(live)
  const segments = blocks.map((steps, i) => {
    const leg = legOf(proof, i)
    const here = steps.map((step) => planStep(step, live, leg.after, request.searchPath))
    const back = irreversible === null ? stepsBetween(leg.after, leg.before) : []
    const known = withLosses(here, changes[i] ?? [], back)
    return {
      transactional: steps[0]?.transactional !== false,
      downTransactional: true,
      steps: known,
      ...footprints(leg, [...known.flatMap(({ objects }) => objects), ...changedKeys(leg.before, leg.after)]),
    }
  })
  refuseLosses(
    segments.flatMap(({ steps }) => steps),
    request.allow,
    [],
  )
  const plan = sealed({
    format: 1,
    title: draft.title,
    tool: TOOL,
    parent: request.parent,
    target: { major: live.major, role: live.role, searchPath: request.searchPath },
    scope: request.scope,
    // Stated in the draft, it is allowed by it.
    allow: [...new Set([...request.allow, ...(irreversible === null ? [] : ['irreversible'])])].sort(),
    irreversible,
    rehearsal: { shadow: proof.shadow, rows: sortedByName(proof.rows), caveats: proof.caveats },
    segments,
  })
  return { plan, changes: changes.flatMap((steps) => steps.map(({ title }) => title)) }
}

function legOf({ legs }: Rerun, i: number): Rerun['legs'][number] {
  const leg = legs[i]
  if (!leg) throw new Error(`segment ${i + 1} was not rehearsed`)
  return leg
}

/** Neighbours that share a transaction; what runs outside of one stands alone. */
function blocksOf(steps: readonly DraftStep[]): DraftStep[][] {
  const blocks: DraftStep[][] = []
  for (const step of steps) {
    const last = blocks.at(-1)
    if (step.transactional && last?.[0]?.transactional) last.push(step)
    else blocks.push([step])
  }
  return blocks
}

function written(steps: readonly DraftStep[]): WrittenSegment {
  return {
    transactional: steps[0]?.transactional !== false,
    downTransactional: true,
    up: steps.map(({ title, up }) => ({ title, sql: up.map(({ text }) => text) })),
    down: steps.map(({ title, down }) => ({ title: `undo: ${title}`, sql: down.map(({ text }) => text) })).reverse(),
  }
}

function planStep({ title, up, down }: DraftStep, live: Catalog, after: Catalog, searchPath: readonly string[]): PlanStep {
  const find = (named: Named) => relationOf(live, named, searchPath) ?? relationOf(after, named, searchPath)
  const statements = [...up, ...down]
  const relations = statements.flatMap((statement) => statement.relations.flatMap((named) => find(named) ?? []))
  const names = new Set(statements.flatMap((statement) => [...statement.names]))
  const columns = [...live.objects.values()].filter(
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

function changedKeys(before: Catalog, after: Catalog): string[] {
  return [...new Set([...before.objects.keys(), ...after.objects.keys()])].filter((key) => print(before, key) !== print(after, key))
}
