import { digest } from '../catalog/canonical.js'
import type { Value } from '../catalog/catalog.js'
import type { Plan } from './plan.js'
import { writtenOf } from './plan-layout.js'

/** What of a plan can be told apart from the rest, named as its file has it; without the estimates. */
interface Part {
  /** `allow`, `step 2`, `footprint 1`. */
  readonly name: string
  readonly value: Value
  /** The title of a step. */
  readonly title?: string
}

function partsOf(plan: Plan): Part[] {
  const { format: _format, id: _id, digest: _digest, segments, ...head } = writtenOf(plan)
  const steps = segments.flatMap((segment) => segment.steps)
  return [
    ...Object.entries(head).map(([name, value]) => ({ name, value: plain(value) })),
    ...steps.map(({ estimate: _estimate, ...step }, i) => ({ name: `step ${i + 1}`, value: plain(step), title: step.title })),
    ...segments.map(({ steps: own, footprint, ...rest }, i) => ({
      name: `footprint ${i + 1}`,
      value: plain({ ...rest, steps: own.length, footprint }),
    })),
  ]
}

/** A plan is plain data all through: JSON takes out what is undefined. */
function plain(value: unknown): Value {
  return JSON.parse(JSON.stringify(value)) as Value
}

/** The first digits of a digest of each part, by which a plan that was edited tells where. */
export interface Sums {
  readonly [part: string]: string
}

export function sumsOf(plan: Plan): Sums {
  return Object.fromEntries(partsOf(plan).map(({ name, value }) => [name, sumOf(value)]))
}

function sumOf(value: Value): string {
  return digest(value).slice(0, 8)
}

/** The first part that is not what the sums say; null where all are. */
export function partUnlike(plan: Plan, sums: Sums): string | null {
  const parts = partsOf(plan)
  const unlike = parts.find(({ name, value }) => sums[name] !== sumOf(value))
  const gone = Object.keys(sums).find((name) => !parts.some((part) => part.name === name))
  if (unlike) return placeOf(unlike)
  return gone === undefined ? null : `${gone}, which is gone`
}

/** The first field in which a plan is not another; null where they are the same but for estimates. */
export function firstDifference(was: Plan, now: Plan): string | null {
  const [old, found] = [partsOf(was), partsOf(now)]
  for (const part of found) {
    const other = old.find(({ name }) => name === part.name)
    if (other === undefined) return `${placeOf(part)}, which is new`
    const field = fieldUnlike(other.value, part.value)
    if (field !== null) return `${placeOf(part)}${field === '' || isHead(part) ? '' : `, in its ${field}`}`
  }
  const gone = old.find(({ name }) => !found.some((part) => part.name === name))
  return gone === undefined ? null : `${placeOf(gone)}, which is gone`
}

function isHead({ title, name }: Part): boolean {
  return title === undefined && !name.startsWith('footprint ')
}

/** The name of the first field that differs; empty where there are no fields, null where nothing differs. */
function fieldUnlike(was: Value, now: Value): string | null {
  if (digest(was) === digest(now)) return null
  if (!isRecord(was) || !isRecord(now)) return ''
  const names = [...new Set([...Object.keys(now), ...Object.keys(was)])]
  return names.find((name) => digest(was[name] ?? null) !== digest(now[name] ?? null)) ?? ''
}

function isRecord(value: Value): value is { readonly [name: string]: Value } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function placeOf({ name, title }: Part): string {
  return title === undefined ? `its ${name}` : `${name}, “${title}”`
}
