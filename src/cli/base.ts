import type { Chain } from '../apply/chain.js'
import { lastDevelopment } from '../apply/development.js'
import { type Entry, type Event, openJournal } from '../apply/journal.js'
import { UserError } from '../errors.js'
import type { Plan } from '../plan/plan.js'
import type { Session } from '../postgres/session.js'
import { refuseForks } from './choose-plans.js'
import { type PlanLink, readChain } from './links.js'
import type { Workspace } from './workspace.js'

/** What a new plan follows: the newest plan in force, and those that are pending after it, in order. */
export interface Base {
  readonly current: Entry | null
  readonly pending: readonly Plan[]
}

/** Throws UserError where a plan is half applied, or the plans are not one line. */
export async function baseOf(workspace: Workspace, live: Session): Promise<Base> {
  const journal = await openJournal(live, 'read')
  const { chain } = await readChain(workspace, await journal.entries())
  refuseDevelopment(await lastDevelopment(journal))
  refuseHalf(chain)
  refuseForks(chain)
  return { current: chain.current, pending: chain.pending.map(({ plan }) => plan) }
}

export function refuseHalf({ half }: Chain<PlanLink>): void {
  if (half === null) return
  const { message, next } = halfText(half)
  throw new UserError('half-applied', message, { next })
}

export function halfText({ id, status, segmentsDone, segments }: Entry): { readonly message: string; readonly next: string } {
  const [what, next] =
    status === 'applying'
      ? ['applied', 'schemactl apply finishes it; schemactl revert takes it back.']
      : ['reverted', 'schemactl revert finishes it.']
  return { message: `Plan ${id} is half ${what}: ${segmentsDone} of ${segments} segments stand.`, next }
}

/** A plan that starts where only `dev` leads would fit no other database, and files that `dev` followed seem planned. Throws UserError. */
export function refuseDevelopment(last: Event | null): void {
  if (last === null) return
  const { action, at, by } = last
  throw new UserError(
    'development-database',
    `schemactl ${action} changed this database without a plan (${at}, by ${by}): what plans lead to cannot be told from it.`,
    {
      next: 'Plan and check on a database that only plans changed, such as --url embedded:.schemactl/planned; schemactl stamp head records here what came of it.',
    },
  )
}
