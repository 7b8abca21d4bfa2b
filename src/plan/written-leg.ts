import { equal } from '../catalog/canonical.js'
import type { Catalog } from '../catalog/catalog.js'
import { idOf } from '../catalog/id.js'
import { UserError } from '../errors.js'
import { spoken } from '../kinds/spoken.js'
import type { Session } from '../postgres/session.js'
import type { DraftStep } from './draft.js'
import { type Runnable, runSegment } from './run-steps.js'
import { refusalOf, StepError } from './step-error.js'

/** Hand-written steps on their way up. */
export async function runUp(session: Session, steps: readonly DraftStep[], after?: (step: DraftStep) => Promise<void>): Promise<void> {
  const own = new Map(steps.map((step) => [upOf(step), step]))
  const told = after && (async (ran: Runnable) => void (own.has(ran) && (await after(own.get(ran) as DraftStep))))
  await run(session, [...own.keys()], isTogether(steps), told)
}

/** One transaction on the way up. */
export function isTogether([first]: readonly DraftStep[]): boolean {
  return first?.transactional !== false
}

/** On their way back; null where they came back, else why there is none. */
export async function runDown(session: Session, steps: readonly DraftStep[]): Promise<string | null> {
  const reason = steps.find(({ irreversible }) => irreversible !== null)?.irreversible ?? null
  if (reason === null) await run(session, [...steps].reverse().map(downOf), isDownTransactional(steps))
  return reason
}

export function isDownTransactional(steps: readonly DraftStep[]): boolean {
  return steps.every(({ downBatch }) => downBatch === null)
}

function upOf({ title, up, batch }: DraftStep): Runnable {
  return { title, sql: up.map(({ text }) => text), ...(batch === null ? {} : { batch }) }
}

function downOf({ title, down, downBatch }: DraftStep): Runnable {
  return { title: `undo: ${title}`, sql: down.map(({ text }) => text), ...(downBatch === null ? {} : { batch: downBatch }) }
}

async function run(
  session: Session,
  steps: readonly Runnable[],
  transactional: boolean,
  after?: (step: Runnable) => Promise<void>,
): Promise<void> {
  try {
    await runSegment(session, steps, transactional, after)
  } catch (error) {
    if (!(error instanceof StepError)) throw error
    throw new UserError('plan-fails', `In the rehearsal ${refusalOf(error)}`, {
      next: error.cause.hint ?? 'Mend the statement; or, where the database has changed since it was written, plan again.',
      cause: error.cause,
    })
  }
}

/** Throws UserError where what the steps changed, on either way, is not what it was before them. */
export function refuseDifference(before: Catalog, after: Catalog, undoing: Catalog, undone: Catalog): void {
  const touched = [...changedKeys(before, after), ...changedKeys(undoing, undone)].sort()
  const key = touched.find((candidate) => !same(before, undone, candidate))
  if (key === undefined) return
  const what = !undone.objects.has(key) ? 'is gone' : before.objects.has(key) ? 'is not what it was' : 'is left over'
  throw new UserError('not-proven', `Rehearsed, the way back does not come back: ${spoken(idOf(key))} ${what}.`, {
    next: 'Mend down; or state irreversible: with the reason.',
  })
}

export function changedKeys(before: Catalog, after: Catalog): string[] {
  return [...new Set([...before.objects.keys(), ...after.objects.keys()])].filter((key) => !same(before, after, key))
}

function same(one: Catalog, other: Catalog, key: string): boolean {
  return equal(one.objects.get(key)?.definition, other.objects.get(key)?.definition)
}
