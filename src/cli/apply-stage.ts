import { apply, type Outcome } from '../apply/apply.js'
import { type Chain, isInForce } from '../apply/chain.js'
import { type Entry, type Journal, openJournal } from '../apply/journal.js'
import { withLock } from '../apply/lock.js'
import { UserError } from '../errors.js'
import type { Plan } from '../plan/plan.js'
import type { Session } from '../postgres/session.js'
import { findPlan, looksLikePath } from './find-plan.js'
import { interruptible } from './interrupt.js'
import { type PlanLink, readChain } from './links.js'
import { readPlanFolder } from './plan-folder.js'
import { lossText } from './plan-text.js'
import { count } from './quantity.js'
import type { Workspace } from './workspace.js'

export interface Applying {
  readonly say: (text: string) => void
  /** Throws where the user declines. */
  readonly confirm: (question: string) => Promise<void>
}

/** The plans that these words name; without any, all that are pending, in order. Those in force already are told, and left out. */
export async function plansToApply(
  workspace: Workspace,
  session: Session,
  words: readonly string[],
  say: (text: string) => void,
): Promise<Plan[]> {
  const journal = await openJournal(session, 'read')
  const entries = await journal.entries()
  if (words.length === 0) return pendingPlans(workspace, journal, (await readChain(workspace, entries)).chain)
  // A file that is named by its path needs no other.
  const files = words.every(looksLikePath) ? [] : await readPlanFolder(workspace)
  const plans: Plan[] = []
  for (const word of words) plans.push(await findPlan(word, files, journal, entries))
  return plans.filter((plan) => {
    const known = entries.find(({ id }) => id === plan.id)
    if (known && isInForce(known)) say(`${plan.id} is ${known.status} already, since ${known.at}.`)
    return !known || !isInForce(known)
  })
}

async function pendingPlans(
  { inProject }: Workspace,
  journal: Journal,
  { pending, stranded, forks, half }: Chain<PlanLink>,
): Promise<Plan[]> {
  if (!inProject)
    throw new UserError('no-project', 'There is no schemactl.yaml here or above, and so no folder of plans.', {
      next: 'Name the plan file: schemactl apply plan.yaml.',
    })
  const [fork] = forks
  if (fork)
    throw new UserError(
      'forked',
      `These plans were made side by side, each to follow ${fork.parent ?? 'nothing'}: ${fork.plans.join(', ')}.`,
      {
        next: 'Apply one by its id; then delete the file of the other, and plan again.',
      },
    )
  const [lost] = stranded
  if (lost) throw missingParent(lost.plan)
  const unfinished = half !== null && !pending.some(({ id }) => id === half.id) ? [await journal.plan(half.id)] : []
  return [...unfinished, ...pending.map(({ plan }) => plan)]
}

function missingParent({ id, parent }: Plan): UserError {
  return new UserError('missing-parent', `${id} follows ${parent}, which is not applied here.`, {
    next: `Apply ${parent} first; or, where the database has it already, schemactl stamp ${parent}.`,
  })
}

/** Runs the plans under the lock, each once however many try at the same time. */
export async function applyPlans(
  workspace: Workspace,
  session: Session,
  plans: readonly Plan[],
  { say, confirm }: Applying,
): Promise<Outcome[]> {
  if (plans.length === 0) return []
  announceLosses(plans, say)
  await confirm(`Apply ${plans.length === 1 ? plans[0]?.id : count(plans.length, 'plan')} to ${session.label}?`)
  return interruptible(workspace.target, session, say, (checkpoint) =>
    withLock(session, async () => {
      const journal = await openJournal(session, workspace.keeping)
      const outcomes: Outcome[] = []
      for (const plan of plans) {
        const entries = await journal.entries()
        if (entries.some((entry) => entry.id === plan.id && isInForce(entry))) continue
        refuseOrphan(plan, entries)
        say(`${plan.id}: ${plan.title}`)
        outcomes.push(
          await apply(session, journal, plan, (event) => {
            checkpoint()
            say(`  ${event.segments > 1 ? `[${event.segment}/${event.segments}] ` : ''}${event.title}`)
          }),
        )
      }
      return outcomes
    }),
  )
}

function refuseOrphan(plan: Plan, entries: readonly Entry[]): void {
  if (plan.parent !== null && !entries.some((entry) => entry.id === plan.parent && isInForce(entry))) throw missingParent(plan)
}

function announceLosses(plans: readonly Plan[], say: (text: string) => void): void {
  const losses = plans.flatMap(({ segments }) => segments.flatMap(({ steps }) => steps.flatMap(({ hazards }) => hazards.map(lossText))))
  if (losses.length > 0) say(`This may lose data, as was allowed:\n${losses.map((loss) => `  ${loss}`).join('\n')}`)
  for (const { id, irreversible } of plans) if (irreversible !== null) say(`${id} cannot be taken back: ${irreversible}`)
}
