import { apply, type Outcome, type Progress, type Running } from '../apply/apply.js'
import { isInForce } from '../apply/chain.js'
import { type Entry, openJournal } from '../apply/journal.js'
import { withLock } from '../apply/lock.js'
import type { Plan, PlanHazard } from '../plan/plan.js'
import type { Session } from '../postgres/session.js'
import { missingParent } from './choose-plans.js'
import { type Checkpoint, interruptible } from './interrupt.js'
import { leftByPlans } from './left-behind.js'
import { lossText } from './plan-text.js'
import { refuseAhead } from './preflight.js'
import { count } from './quantity.js'
import { type Asked, refuseUnapproved } from './unapproved.js'
import type { Workspace } from './workspace.js'

export interface Applying extends Asked {
  readonly say: (text: string) => void
  /** Told again and again while batches run. Default: silence. */
  readonly tick?: (text: string) => void
  /** Throws where the user declines. */
  readonly confirm: (question: string) => Promise<void>
  readonly running?: Running
  /** False: rows are not looked at before. */
  readonly preflight?: boolean
}

/** Runs the plans under the lock, each once however many try at the same time. */
export async function applyPlans(
  workspace: Workspace,
  session: Session,
  plans: readonly Plan[],
  { say, tick, confirm, running, preflight = true, ...asked }: Applying,
): Promise<Outcome[]> {
  if (plans.length === 0) return []
  const approvers = await refuseUnapproved(workspace, session, plans, asked)
  announceLosses(plans, say)
  await confirm(`Apply ${plans.length === 1 ? plans[0]?.id : count(plans.length, 'plan')} to ${session.label}?`)
  const outcomes: Outcome[] = []
  const left = () => leftByPlans(session, 'apply', plans, outcomes)
  return interruptible({ target: workspace.target, session, say, left }, (checkpoint) =>
    withLock(session, async () => {
      const journal = await openJournal(session, workspace.keeping)
      for (const plan of plans) {
        const entries = await journal.entries()
        if (entries.some((entry) => entry.id === plan.id && isInForce(entry))) continue
        refuseOrphan(plan, entries)
        if (preflight) await refuseAhead(session, plan, doneOf(plan, entries), say)
        say(`${plan.id}: ${plan.title}`)
        checkpoint()
        const approvals = approvers.get(plan.id) ?? []
        if (approvals.length > 0) say(`  approved by ${approvals.join(', ')}`)
        outcomes.push(await apply(session, journal, plan, progress(checkpoint, { say, tick }), { ...running, approvals }))
      }
      return outcomes
    }),
  )
}

function doneOf({ id }: Plan, entries: readonly Entry[]): number {
  const known = entries.find((entry) => entry.id === id)
  return known?.status === 'applying' ? known.segmentsDone : 0
}

function refuseOrphan(plan: Plan, entries: readonly Entry[]): void {
  if (plan.parent !== null && !entries.some((entry) => entry.id === plan.parent && isInForce(entry))) throw missingParent(plan)
}

function announceLosses(plans: readonly Plan[], say: (text: string) => void): void {
  const steps = plans.flatMap(({ segments }) => segments.flatMap((segment) => segment.steps))
  sayLosses(
    steps.flatMap(({ hazards }) => hazards),
    say,
  )
  for (const { id, irreversible } of plans) if (irreversible !== null) say(`${id} cannot be taken back: ${irreversible}`)
}

export function sayLosses(losses: readonly PlanHazard[], say: (text: string) => void): void {
  if (losses.length > 0) say(`This may lose data, as was allowed:\n${losses.map((loss) => `  ${lossText(loss)}`).join('\n')}`)
}

/** Says each step as it begins, and how far its batches have come; throws once the user asked to stop. */
export function progress(
  checkpoint: Checkpoint,
  { say, tick = () => undefined }: { readonly say: Applying['say']; readonly tick?: Applying['tick'] | undefined },
): Progress {
  return ({ segment, segments, title, changed }) => {
    checkpoint()
    const text = `  ${segments > 1 ? `[${segment}/${segments}] ` : ''}${title}`
    if (changed === undefined) say(text)
    else tick(`${text}: ${count(changed, 'row')}`)
  }
}
