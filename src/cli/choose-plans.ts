import { type Chain, isInForce } from '../apply/chain.js'
import { type Journal, openJournal } from '../apply/journal.js'
import { UserError } from '../errors.js'
import type { Plan } from '../plan/plan.js'
import type { Session } from '../postgres/session.js'
import { allEditedFiles, editedText } from './edited-files.js'
import { findPlan, idByPrefix, isDraft } from './find-plan.js'
import { type PlanLink, readChain } from './links.js'
import { looksLikePath } from './plan-folder.js'
import type { Workspace } from './workspace.js'

/** How far to go among the pending plans; without either, to the end. */
export interface Stretch {
  readonly to?: string | undefined
  readonly steps?: number | undefined
}

/** The plans that these words name; without any, those that are pending, in order. What is in force already is told, and left out. */
export async function plansToApply(
  workspace: Workspace,
  session: Session,
  words: readonly string[],
  say: (text: string) => void,
  stretch: Stretch = {},
): Promise<Plan[]> {
  const journal = await openJournal(session, 'read')
  const entries = await journal.entries()
  const onlyPaths = words.length > 0 && words.every(looksLikePath)
  for (const edited of onlyPaths ? [] : await allEditedFiles(workspace, journal)) say(`Warning: ${editedText(edited)}`)
  if (words.length === 0) {
    const { chain, folder } = await readChain(workspace, entries)
    const pending = await pendingPlans(workspace, journal, chain, stretch, say)
    const [draft] = stretch.to === undefined ? folder.drafts : []
    // No error: applying twice is applying once, whatever somebody is writing meanwhile.
    if (draft !== undefined) say(`Left out: ${isDraft(draft).message} ${isDraft(draft).next}`)
    return pending
  }
  // A file that is named by its path needs no other.
  const files = onlyPaths ? [] : (await readChain(workspace, entries)).files
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
  chain: Chain<PlanLink>,
  { to, steps }: Stretch,
  say: (text: string) => void,
): Promise<Plan[]> {
  if (!inProject)
    throw new UserError('no-project', 'There is no schemactl.yaml here or above, and so no folder of plans.', {
      next: 'Name the plan file: schemactl apply plan.yaml.',
    })
  const { pending, half } = chain
  const unfinished = half !== null && !pending.some(({ id }) => id === half.id) ? [await journal.plan(half.id)] : []
  if (to !== undefined) return [...unfinished, ...upTo(to, chain, say)]
  refuseForks(chain)
  return [...unfinished, ...pending.map(({ plan }) => plan)].slice(0, steps)
}

/** The pending plans that lead to this one, and it. */
function upTo(word: string, { pending, stranded, inForce }: Chain<PlanLink>, say: (text: string) => void): Plan[] {
  const id = idByPrefix(
    word,
    [...pending, ...stranded, ...inForce].map((link) => link.id),
    'among the plan files and those in force',
  )
  const entry = inForce.find((known) => known.id === id)
  if (entry) {
    say(`${id} is ${entry.status} already, since ${entry.at}.`)
    return []
  }
  const lost = stranded.find((link) => link.id === id)
  if (lost) throw isStranded(stranded[0] ?? lost)
  return ancestry(id, pending)
}

/** Throws UserError where the plans are not one line. */
export function refuseForks({ forks, stranded }: Pick<Chain<PlanLink>, 'forks' | 'stranded'>): void {
  const [fork] = forks
  if (fork)
    throw new UserError(
      'forked',
      `These plans were made side by side, each to follow ${fork.parent ?? 'nothing'}: ${fork.plans.join(', ')}.`,
      {
        next: `${followText(fork.plans)}.`,
      },
    )
  const [lost] = stranded
  if (lost) throw isStranded(lost)
}

/** A pending plan, after all pending ones that it follows. */
export function ancestry(id: string, pending: readonly PlanLink[]): Plan[] {
  const link = pending.find((candidate) => candidate.id === id)
  if (!link)
    throw new UserError('missing-parent', `The plan that ${id} follows is neither applied nor among the plan files.`, {
      next: 'Restore its file from version control.',
    })
  return [...(link.parent !== null && pending.some((other) => other.id === link.parent) ? ancestry(link.parent, pending) : []), link.plan]
}

export function missingParent({ id, parent }: Pick<Plan, 'id' | 'parent'>): UserError {
  return new UserError('missing-parent', `${id} follows ${parent}, which is not applied here.`, {
    next: `Apply ${parent} first; or, where the database has it already, schemactl stamp ${parent}.`,
  })
}

function isStranded({ id, parent }: PlanLink): UserError {
  return new UserError('missing-parent', `${id} follows ${parent}, which is neither applied here nor among the plan files.`, {
    next: `${strandedText(id)}; or restore the file of ${parent} from version control.`,
  })
}

/** What to do about a plan whose parent is gone. */
export function strandedText(id: string): string {
  return `schemactl rebase ${id} makes it follow those that are there`
}

/** What to do about plans that were made side by side; those that are applied come first. */
export function followText(plans: readonly string[]): string {
  return `schemactl rebase ${plans.at(-1)} makes it follow the ${plans.length > 2 ? 'others' : 'other'}`
}
