import { digest, fingerprint } from '../catalog/canonical.js'
import type { Catalog } from '../catalog/catalog.js'
import { describe, idOf } from '../catalog/id.js'
import { compare } from '../diff/compare.js'
import type { Probe, Step } from '../diff/steps.js'
import type { Impact } from '../kinds/kind.js'
import { writtenSteps } from './hand-written.js'
import { asSeen } from './lock-watch.js'
import { pair } from './pair.js'
import type { Plan, PlanStep, Segment } from './plan.js'
import { probesOf } from './preflight.js'
import type { Leg, Proof } from './rehearsing.js'
import { isTransactional } from './segments.js'
import type { SourceIndex } from './source-lines.js'
import { changedKeys, isDownTransactional } from './written-leg.js'

export interface PlanFacts extends Omit<Plan, 'format' | 'id' | 'digest' | 'segments' | 'irreversible' | 'rehearsal'> {
  readonly proof: Proof
  readonly source: SourceIndex
  /** The live database: objects that a rehearsal left untouched keep its fingerprints. */
  readonly live: Catalog
  /** What rows would refuse each object's change, by its key. */
  readonly preflight: ReadonlyMap<string, readonly Probe[]>
  /** Do hand-written steps on these objects get a transaction of their own, so that no lock of another step is held meanwhile? */
  readonly apart: (keys: readonly string[]) => boolean
}

/** A plan of what was proven. Same facts, same bytes. */
export function makePlan({ proof, source, live, preflight, apart, ...facts }: PlanFacts): Plan {
  const { searchPath } = facts.target
  const content: Omit<Plan, 'id' | 'digest'> = {
    format: 1,
    ...facts,
    irreversible: proof.irreversible,
    rehearsal: { shadow: proof.shadow, rows: sortedByName(proof.rows), caveats: proof.caveats },
    segments: segmentsOfProof(proof, { source, live, preflight, apart, searchPath }),
  }
  return sealed(content)
}

function withProbes(step: PlanStep, preflight: PlanFacts['preflight']): PlanStep {
  if (/^drop /.test(step.title)) return step
  const probes = [...(step.preflight ?? []), ...step.objects.flatMap((key) => preflight.get(key) ?? [])]
  return probes.length === 0 ? step : { ...step, preflight: probes }
}

/** With its digest, and the id that ends in it. */
export function sealed(content: Omit<Plan, 'id' | 'digest'>): Plan {
  const sum = digestOf(content)
  return { ...content, id: planId(content.title, sum), digest: sum }
}

/** The order in which a database hands out its objects is no part of a plan. */
export function sortedByName<T>(values: { readonly [name: string]: T }): { readonly [name: string]: T } {
  return Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The digest covers everything but the estimates, which differ from one database to the next. */
export function digestOf(plan: Omit<Plan, 'id' | 'digest'>): string {
  const segments = plan.segments.map((segment) => ({ ...segment, steps: segment.steps.map(({ estimate: _estimate, ...step }) => step) }))
  // A plan is plain data all through: JSON takes out what is undefined.
  return digest(JSON.parse(JSON.stringify({ ...plan, segments })))
}

/** The title, and the first digits of the digest. */
export function planId(title: string, sum: string): string {
  return `${slug(title)}-${sum.slice(0, 8)}`
}

export function slug(title: string): string {
  const words = title
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .match(/[a-z0-9]+/g) ?? ['plan']
  return words.join('-').slice(0, 48)
}

interface SegmentFacts extends Pick<PlanFacts, 'source' | 'live' | 'preflight' | 'apart'> {
  readonly searchPath: readonly string[]
}

function segmentsOfProof({ legs }: Proof, facts: SegmentFacts): Segment[] {
  const footprints = footprintsFrom(facts.live)
  const segments: Segment[] = []
  const firstWritten = legs.findIndex(({ written }) => written)
  for (const [i, leg] of legs.entries()) {
    // What rows are like after hand-written steps, only the state before its own step can be asked.
    const probes = firstWritten !== -1 && i > firstWritten ? probesOf(compare(leg.before, leg.after), leg.before) : facts.preflight
    const segment = segmentOf(leg, facts, probes, footprints)
    const last = segments.at(-1)
    const previous = legs[i - 1]
    if (last && previous && (rowsCanFollow(previous, leg) || canShare(last, previous, segment, leg, facts)))
      segments[segments.length - 1] = joined(last, segment)
    else segments.push(segment)
  }
  return segments
}

function segmentOf(leg: Leg, { source, searchPath }: SegmentFacts, probes: PlanFacts['preflight'], footprints: Footprints): Segment {
  const { written, transactional } = leg
  if (written) {
    const steps = writtenSteps(written, leg, searchPath)
    const keys = [...steps.flatMap(({ objects }) => objects), ...changedKeys(leg.before, leg.after)]
    return { transactional, downTransactional: isDownTransactional(written), steps, ...footprints(leg, keys) }
  }
  return {
    transactional,
    downTransactional: isTransactional(leg.down),
    steps: stepsOf(leg, source).map((step) => withProbes(step, probes)),
    ...footprints(
      leg,
      [...leg.up, ...leg.down].flatMap((step) => step.objects),
    ),
  }
}

/** Hand-written steps and the generated ones around them are one transaction, where they can be and nobody waits long for it. */
function canShare(last: Segment, before: Leg, segment: Segment, leg: Leg, { apart }: SegmentFacts): boolean {
  if (!before.written && !leg.written) return false
  const all = [last, segment]
  return (
    all.every(({ transactional, downTransactional }) => transactional && downTransactional) &&
    ![...before.up, ...leg.down].some(({ transactional }) => transactional === 'commit-after') &&
    !all.some(({ steps }) => apart(steps.flatMap(({ byHand, objects }) => (byHand ? objects : []))))
  )
}

/** Rows are changed in the transaction that changes their tables, where there is one. */
function rowsCanFollow(before: Leg, { up, written }: Leg): boolean {
  return (
    !written &&
    !before.written &&
    up.every(({ rows }) => rows) &&
    before.transactional &&
    before.up.every(({ transactional }) => transactional === true)
  )
}

function joined(first: Segment, second: Segment): Segment {
  const added = Object.fromEntries(Object.entries(second.restored).filter(([key]) => !(key in first.before)))
  return {
    ...first,
    steps: [...first.steps, ...second.steps],
    before: { ...second.before, ...first.before },
    after: { ...first.after, ...second.after },
    restored: { ...added, ...first.restored },
  }
}

type Footprints = (
  leg: Pick<Leg, 'before' | 'after' | 'restored'>,
  keys: Iterable<string>,
) => Pick<Segment, 'before' | 'after' | 'restored'>

/** Footprints of segments, asked one after the other: each finds what the one before it left; the first, the live database in its own spelling. */
export function footprintsFrom(live: Catalog): Footprints {
  const now = new Map<string, string | null>()
  return (leg, keys) => {
    const before: Record<string, string | null> = {}
    const after: Record<string, string | null> = {}
    const restored: Record<string, string | null> = {}
    // What goes along with something else on the way back (the index of a partition with the whole table's) is in no step of it.
    const along = [...now.keys()].filter((key) => leg.before.objects.has(key) && !leg.restored.objects.has(key))
    // What is repeated on an heir is in no step either.
    const repeated = [...now.keys()].filter((key) => print(leg.before, key) !== print(leg.after, key))
    for (const key of [...new Set([...keys, ...along, ...repeated])].sort()) {
      const [old, made] = [leg.before.objects.get(key), leg.after.objects.get(key)]
      const unchanged = old && made && fingerprint(old) === fingerprint(made)
      const found = now.get(key) ?? (live.objects.has(key) ? print(live, key) : null)
      before[key] = now.has(key) ? (now.get(key) ?? null) : found
      after[key] = unchanged ? (before[key] ?? null) : print(leg.after, key)
      now.set(key, after[key] ?? null)
      // Where the replica was spelled anew when it was built, coming back to it says nothing of the live spelling: both are accepted.
      const back = print(leg.restored, key)
      if (back !== before[key]) restored[key] = back
    }
    return { before, after, restored }
  }
}

export function print(catalog: Catalog, key: string): string | null {
  const object = catalog.objects.get(key)
  return object ? fingerprint(object) : null
}

function stepsOf(leg: Leg, source: SourceIndex): PlanStep[] {
  const downs = pair(leg.up, leg.down)
  return leg.up.map((step, i) => planStep(step, downs[i] ?? [], source, leg))
}

function planStep(step: Step, down: readonly Step[], source: SourceIndex, leg: Leg): PlanStep {
  return {
    title: step.title,
    source: step.source ?? (step.verb === 'drop' || step.verb === 'discard' ? null : source.lineOf(step.objects[0] ?? '')),
    objects: step.objects,
    up: step.sql,
    down: down.flatMap((other) => other.sql),
    impact: impactOf(step, leg),
    hazards: step.hazards,
    ...(step.archives && { archives: step.archives.map(({ object, place }) => ({ of: describe(idOf(object)), place })) }),
    downHazards: down.flatMap((other) => other.hazards),
    ...(step.rows === undefined ? {} : { rows: step.rows }),
    ...(step.probes === undefined ? {} : { preflight: step.probes }),
  }
}

function impactOf(step: Step, leg: Leg): Impact {
  const impact = located(step, leg)
  return asSeen(impact, impact.on ?? (step.objects[0] === undefined ? null : idOf(step.objects[0])), step.objects, leg.seen?.get(step))
}

/** The lock of a part (column, constraint, index) is one on the whole that it belongs to. */
function located({ impact, objects }: Step, leg: Leg): Impact {
  const find = (key: string | undefined) => (key === undefined ? undefined : (leg.before.objects.get(key) ?? leg.after.objects.get(key)))
  const part = find(objects[0])
  let whole = part
  for (let parent = find(whole?.parent); parent; parent = find(parent.parent)) whole = parent
  return impact.lock === undefined || impact.on !== undefined || !whole || whole === part ? impact : { ...impact, on: whole.id }
}
