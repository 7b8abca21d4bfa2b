import type { Catalog } from '../catalog/catalog.js'
import { idOf } from '../catalog/id.js'
import { mayRebuild, type Step } from '../diff/steps.js'
import { codeOf, UserError } from '../errors.js'
import { DatabaseError } from '../postgres/database-error.js'
import { quoteName } from '../sql/quote.js'
import type { SeededTable } from './rows.js'
import { type StepError, StepRefused } from './step-error.js'

/*
 * What a rehearsal that was refused teaches the next one.
 */

/** What PostgreSQL refuses to alter in place is to be dropped and created instead. */
export class Rebuild extends Error {
  constructor(readonly keys: readonly string[]) {
    super(`to be rebuilt: ${keys.join(', ')}`)
  }
}

/** What PostgreSQL refuses to do online is to be done in the ordinary way. */
export class Plainly extends Error {
  constructor(readonly key: string) {
    super(`not online: ${key}`)
  }
}

/** What hand-written steps leave without a value is to have one from the moment it comes. */
export class Unfilled extends Error {
  constructor(readonly key: string) {
    super(`not filled by hand: ${key}`)
  }
}

/** NOT NULL of a column that comes, refused although hand-written steps ran before: they are about others. */
export function unfilled(steps: readonly Step[], error: StepError, goal: Catalog): string | null {
  const step = NO_VALUE.has(codeOf(error.cause) ?? '') ? steps.find(({ title }) => title === error.title) : undefined
  const key = step?.verb === 'alter' ? step.objects[0] : undefined
  return key !== undefined && !goal.objects.has(key) ? key : null
}

/** NOT NULL itself, and the check that proves it online. */
const NO_VALUE = new Set(['23502', '23514'])

/** The object whose online form was refused; null where it was another statement, or where the rows are at fault. */
export function refusedOnline(steps: readonly Step[], error: StepError): string | null {
  if (refusesValues(error.cause)) return null
  return steps.find((step) => step.online && step.title === error.title)?.objects[0] ?? null
}

/**
 * What a refused step alters, or the whole that does not take a part any more (the constraint of a domain that arrays in tables are of), if
 * it may be dropped and created: rows would go with the rest.
 */
export function rebuildable(steps: readonly Step[], error: StepError, state: Catalog, goal: Catalog): string[] {
  const step = steps.find((candidate) => candidate.title === error.title && candidate.sql.includes(error.statement))
  const objects = step?.objects ?? []
  const wholes = objects.flatMap((key) => goal.objects.get(key)?.parent ?? [])
  const refused = step?.verb === 'alter' ? objects : step?.verb === 'create' && codeOf(error.cause) === NOT_SUPPORTED ? wholes : []
  return refused.filter((key) => mayRebuild(state.objects.get(key)))
}

/** feature_not_supported */
const NOT_SUPPORTED = '0A000'

/** What a rehearsal showed, for the next. */
export interface Learnt {
  /** Objects were not made along with others as they were expected to be. */
  apart: boolean
  readonly rebuild: Set<string>
  readonly plain: Set<string>
  readonly whole: Set<string>
}

/** Is it to be tried again, otherwise? `steps` are those that came to the error. */
export function learn(learnt: Learnt, error: unknown, steps: readonly Step[]): boolean {
  if (error instanceof Rebuild) for (const key of error.keys) learnt.rebuild.add(key)
  else if (error instanceof Plainly) learnt.plain.add(error.key)
  else if (error instanceof Unfilled) learnt.whole.add(error.key)
  else if (!learnt.apart && madeOtherwise(steps, error)) learnt.apart = true
  else return false
  return true
}

/**
 * The synthetic rows, not the plan, may be at fault: real rows can satisfy what they do not. Types of extensions have SQLSTATEs of their
 * own for values that they do not take, so that whatever PostgreSQL refuses is tried again without rows.
 */
export function mayBeRows(error: unknown): error is UserError & { readonly cause: Error } {
  return error instanceof UserError && codeOf(error.cause) !== undefined
}

/** Where others were to be made along, PostgreSQL may have chosen other names for them. */
function madeOtherwise(steps: readonly Step[], error: unknown): boolean {
  return error instanceof UserError && !refusesValues(error.cause) && steps.some(({ spread }) => spread)
}

/** The tables with a synthetic row that the refused step is about, and those below them. */
export function concernedBy(error: UserError & { readonly cause: Error }, seeded: readonly SeededTable[]): SeededTable[] {
  if (!(error instanceof StepRefused)) return []
  const { schema, table } = error.cause instanceof DatabaseError ? error.cause : {}
  const told = schema === undefined || table === undefined ? [] : [quoteName(schema, table)]
  const about = new Set([...told, ...error.objects.map((key) => quoteName(...idOf(key).path.slice(0, 2)))])
  return seeded.filter(({ name, above }) => [name, ...above].some((one) => about.has(one)))
}

/** SQLSTATE classes 22 (a value that the new type does not take) and 23 (integrity). */
export function refusesValues(error: unknown): boolean {
  return /^2[23]/.test(codeOf(error) ?? '')
}
