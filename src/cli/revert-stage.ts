import { type Outcome, revert } from '../apply/apply.js'
import { isInForce } from '../apply/chain.js'
import { type Entry, type Journal, openJournal } from '../apply/journal.js'
import { withLock } from '../apply/lock.js'
import { UserError } from '../errors.js'
import type { Plan, PlanHazard } from '../plan/plan.js'
import { allows } from '../plan/stage.js'
import type { Session } from '../postgres/session.js'
import { type Applying, progress, sayLosses } from './apply-stage.js'
import { idByPrefix } from './find-plan.js'
import { interruptible } from './interrupt.js'
import { leftByPlans } from './left-behind.js'
import { lossesNow } from './newer-rows.js'
import { lossText } from './plan-text.js'
import { count } from './quantity.js'
import { refuseUnapproved } from './unapproved.js'
import type { Workspace } from './workspace.js'

/** Which plans to undo: so many, all after one, or all. */
export interface Reach {
  readonly steps?: number | undefined
  readonly to?: string | undefined
  readonly all?: boolean
}

/** Undoes plans, newest first; a plan that is half applied or half reverted counts as the newest. */
export async function revertPlans(
  workspace: Workspace,
  session: Session,
  reach: Reach,
  { say, tick, confirm, running, requireSignatures }: Applying,
): Promise<Outcome[]> {
  const entries = await (await openJournal(session, 'read')).entries()
  const chosen = choose(entries, reach)
  if (chosen.length === 0) return []
  const journal = await openJournal(session, 'read')
  const plans = await readable(journal, chosen)
  const losses = await lossesNow(session, plans)
  refuseLosses(losses, workspace.allow)
  await refuseUnapproved(workspace, session, plans, { requireSignatures })
  sayLosses(losses, say)
  await confirm(`Revert ${plans.length === 1 ? plans[0]?.id : count(plans.length, 'plan')} on ${session.label}?`)
  const outcomes: Outcome[] = []
  const left = () => leftByPlans(session, 'revert', plans, outcomes)
  return interruptible({ target: workspace.target, session, say, left }, (checkpoint) =>
    withLock(session, async () => {
      for (const plan of plans) {
        const now = (await journal.entries()).find(({ id }) => id === plan.id)
        if (!now || now.status === 'reverted') continue
        say(`${plan.id}: ${plan.title}`)
        checkpoint()
        outcomes.push(await revert(session, journal, plan, progress(checkpoint, { say, tick }), running))
      }
      return outcomes
    }),
  )
}

function choose(entries: readonly Entry[], { steps, to, all }: Reach): Entry[] {
  const standing = entries.filter((entry) => isInForce(entry) || entry.status === 'applying' || entry.status === 'reverting').reverse()
  if (all === true) return standing.filter((entry) => entry.segments > 0)
  if (to === undefined) {
    if (steps !== undefined && steps > standing.length && standing.length > 0) throw tooFew(steps, standing)
    return standing.slice(0, steps ?? 1)
  }
  const id = idByPrefix(
    to,
    standing.map((entry) => entry.id),
    'in force on this database',
  )
  return standing.slice(
    0,
    standing.findIndex((entry) => entry.id === id),
  )
}

/** Who asks for more than there is has miscounted, and would undo what was not meant. */
function tooFew(steps: number, standing: readonly Entry[]): UserError {
  return new UserError('too-few-plans', `${count(standing.length, 'plan')} can be reverted here, not ${steps}.`, {
    next: 'schemactl history lists them; --all reverts every one.',
  })
}

/** Reads them from the journal, and refuses what cannot be taken back. */
async function readable(journal: Journal, entries: readonly Entry[]): Promise<Plan[]> {
  const plans: Plan[] = []
  for (const entry of entries) {
    if (entry.segments === 0)
      throw new UserError('baseline', `${entry.id} records the database as schemactl found it: there is nothing to revert.`, {
        next: 'Change the schema files, and plan.',
      })
    const plan = await journal.plan(entry.id)
    if (plan.irreversible !== null)
      throw new UserError('irreversible', `${plan.id} cannot be taken back: ${plan.irreversible}`, {
        next: 'Go on from here with a new plan.',
      })
    plans.push(plan)
  }
  return plans
}

function refuseLosses(losses: readonly PlanHazard[], allow: readonly string[]): void {
  const refused = losses.filter(({ hazard }) => !allows(allow, hazard))
  if (refused.length === 0) return
  throw new UserError('data-loss', `Taking this back would lose data:\n${refused.map((loss) => `  ${lossText(loss)}`).join('\n')}`, {
    next: `If that is what you want, revert with --allow ${[...new Set(refused.map(({ hazard }) => hazard))].sort().join(',')}.`,
  })
}
