import type { ObjectId } from '../catalog/id.js'
import { idOf, keyOf } from '../catalog/id.js'
import type { Footprint, Plan, PlanHazard, PlanStep, Segment } from './plan.js'

/*
 * A plan as its file lays it out: ids as lists of names, the statements of a step as one text, footprints as one line an object,
 * nothing that is empty. What this module does not name passes through as it is.
 */

type Names = readonly string[]

interface WrittenPlan extends Omit<Plan, 'segments' | 'irreversible' | 'parent'> {
  readonly parent?: string
  readonly irreversible?: string
  readonly segments: readonly WrittenSegment[]
  /** Of files only; by part, see plan-parts.ts. */
  readonly sums?: { readonly [part: string]: string }
}

interface WrittenSegment {
  readonly transactional?: false
  readonly downTransactional?: false
  readonly steps: readonly WrittenStep[]
  readonly footprint: readonly WrittenPrint[]
}

interface WrittenStep {
  readonly title: string
  readonly source?: string
  readonly lock?: string
  readonly on?: Names
  readonly work?: string
  readonly briefly?: string
  readonly also?: readonly { readonly lock: string; readonly on: Names }[]
  readonly estimate?: NonNullable<PlanStep['estimate']>
  readonly hazards?: readonly { readonly [hazard: string]: Names }[]
  readonly up: string | readonly string[]
  readonly down?: string | readonly string[]
  readonly downHazards?: readonly { readonly [hazard: string]: Names }[]
  readonly objects: readonly Names[]
}

interface WrittenPrint {
  readonly object: Names
  readonly before?: string | null
  readonly after?: string | null
  readonly restored?: string | null
}

export function writtenOf({ format, id, title, tool, digest, parent, irreversible, segments, ...rest }: Plan): WrittenPlan {
  return {
    format,
    id,
    title,
    tool,
    digest,
    ...(parent === null ? {} : { parent }),
    ...rest,
    ...(irreversible === null ? {} : { irreversible }),
    segments: segments.map(writtenSegment),
  }
}

export function planOf({ parent, irreversible, segments, sums: _sums, ...rest }: WrittenPlan): Plan {
  return { ...rest, parent: parent ?? null, irreversible: irreversible ?? null, segments: segments.map(segmentOf) }
}

function writtenSegment({ transactional, downTransactional, steps, before, after, restored, ...rest }: Segment): WrittenSegment {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after), ...Object.keys(restored)])].sort()
  const footprint = keys.map((key) => ({
    object: namesOf(key),
    ...(key in before ? { before: before[key] ?? null } : {}),
    ...(key in after ? { after: after[key] ?? null } : {}),
    ...(key in restored ? { restored: restored[key] ?? null } : {}),
  }))
  return {
    ...(transactional ? {} : { transactional }),
    ...(downTransactional ? {} : { downTransactional }),
    ...rest,
    steps: steps.map(writtenStep),
    footprint,
  }
}

function segmentOf({ transactional, downTransactional, steps, footprint, ...rest }: WrittenSegment): Segment {
  const prints = (which: 'before' | 'after' | 'restored'): Footprint =>
    Object.fromEntries(footprint.flatMap((print) => (which in print ? [[keyOfNames(print.object), print[which] ?? null]] : [])))
  return {
    ...rest,
    transactional: transactional !== false,
    downTransactional: downTransactional !== false,
    steps: steps.map(stepOf),
    before: prints('before'),
    after: prints('after'),
    restored: prints('restored'),
  }
}

function writtenStep({ title, source, impact, estimate, hazards, up, down, downHazards, objects, ...rest }: PlanStep): WrittenStep {
  const { on, also, ...locking } = impact
  return {
    title,
    ...(source === null ? {} : { source }),
    ...locking,
    ...(on === undefined ? {} : { on: [on.kind, ...on.path] }),
    ...(also === undefined ? {} : { also: also.map((one) => ({ lock: one.lock, on: [one.on.kind, ...one.on.path] })) }),
    ...(estimate === undefined ? {} : { estimate }),
    ...(hazards.length === 0 ? {} : { hazards: hazards.map(writtenHazard) }),
    up: script(up),
    ...(down.length === 0 ? {} : { down: script(down) }),
    ...(downHazards.length === 0 ? {} : { downHazards: downHazards.map(writtenHazard) }),
    ...rest,
    objects: objects.map(namesOf),
  }
}

function stepOf({ source, lock, on, work, briefly, also, hazards, up, down, downHazards, objects, ...rest }: WrittenStep): PlanStep {
  const impact = {
    ...(lock === undefined ? {} : { lock }),
    ...(on === undefined ? {} : { on: idOfNames(on) }),
    ...(work === undefined ? {} : { work }),
    ...(briefly === undefined ? {} : { briefly }),
    ...(also === undefined ? {} : { also: also.map((one) => ({ lock: one.lock, on: idOfNames(one.on) })) }),
  }
  return {
    ...rest,
    source: source ?? null,
    // Checked by the digest: what is in the file is what a plan held.
    impact: impact as PlanStep['impact'],
    hazards: (hazards ?? []).map(hazardOf),
    up: statementsOf(up),
    down: statementsOf(down),
    downHazards: (downHazards ?? []).map(hazardOf),
    objects: objects.map(keyOfNames),
  }
}

function writtenHazard({ hazard, object }: PlanHazard): { readonly [hazard: string]: Names } {
  return { [hazard]: namesOf(object) }
}

function hazardOf(written: { readonly [hazard: string]: Names }): PlanHazard {
  const [[hazard, names] = ['', []]] = Object.entries(written)
  return { hazard: hazard as PlanHazard['hazard'], object: keyOfNames(names) }
}

function namesOf(key: string): Names {
  const { kind, path } = idOf(key)
  return [kind, ...path]
}

function keyOfNames(names: Names): string {
  return keyOf(idOfNames(names))
}

function idOfNames([kind = '', ...path]: Names): ObjectId {
  return { kind, path }
}

const END = ';\n'

/** Statements as one text, each with a semicolon and a line of its own, so that psql runs it; a list where they cannot be told apart again. */
function script(statements: readonly string[]): readonly string[] | string {
  const text = statements.map((statement) => `${statement}${END}`).join('')
  const same = statementsOf(text)
  return same.length === statements.length && same.every((statement, i) => statement === statements[i]) ? text : statements
}

function statementsOf(written: string | readonly string[] | undefined): readonly string[] {
  if (written === undefined) return []
  return typeof written === 'string' ? written.split(END).filter((statement) => statement !== '') : written
}

/** Has it all that reading a plan touches? Whether it is right is the digest's to say. */
export function isPlanShaped(value: unknown): value is WrittenPlan {
  if (!isRecord(value)) return false
  const { format, id, title, digest, tool, segments, target, scope, allow, renames, rehearsal, sums } = value
  return (
    format === 1 &&
    [id, title, digest, tool].every((text) => typeof text === 'string') &&
    isRecord(target) &&
    isNames(target.searchPath) &&
    isRecord(scope) &&
    (scope.schemas === '*' || isNames(scope.schemas)) &&
    isNames(scope.manage) &&
    isNames(scope.ignore) &&
    isNames(allow) &&
    (renames === undefined || isNames(renames)) &&
    isRecord(rehearsal) &&
    isRecord(rehearsal.rows) &&
    isNames(rehearsal.caveats) &&
    (sums === undefined || isRecord(sums)) &&
    isListOf(segments, isSegment)
  )
}

function isSegment(value: unknown): boolean {
  return isRecord(value) && isListOf(value.steps, isStep) && isListOf(value.footprint, (print) => isRecord(print) && isNames(print.object))
}

function isStep(value: unknown): boolean {
  if (!isRecord(value)) return false
  const { title, up, down, on, also, hazards, downHazards, objects } = value
  const isScript = (text: unknown) => typeof text === 'string' || isNames(text)
  const areHazards = (list: unknown) =>
    list === undefined ||
    isListOf(list, (hazard) => isRecord(hazard) && Object.values(hazard).length === 1 && Object.values(hazard).every(isNames))
  return (
    typeof title === 'string' &&
    isScript(up) &&
    (down === undefined || isScript(down)) &&
    (on === undefined || isNames(on)) &&
    (also === undefined || isListOf(also, (one) => isRecord(one) && isNames(one.on))) &&
    areHazards(hazards) &&
    areHazards(downHazards) &&
    isListOf(objects, isNames)
  )
}

function isRecord(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isNames(value: unknown): value is readonly string[] {
  return isListOf(value, (item) => typeof item === 'string')
}

function isListOf(value: unknown, test: (item: unknown) => boolean): value is readonly unknown[] {
  return Array.isArray(value) && value.every(test)
}
