import { rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { type Chain, chainOf } from '../apply/chain.js'
import { lastDevelopment } from '../apply/development.js'
import { openJournal } from '../apply/journal.js'
import { visible } from '../catalog/id.js'
import { UserError } from '../errors.js'
import { draftOf, isByHand } from '../plan/draft.js'
import type { Plan } from '../plan/plan.js'
import { rolesDropped } from '../plan/role-plans.js'
import type { Session } from '../postgres/session.js'
import { findSignatures } from './approvals.js'
import { type Base, refuseDevelopment, refuseHalf } from './base.js'
import { followText } from './choose-plans.js'
import { planSteps } from './draft-stage.js'
import { idByPrefix } from './find-plan.js'
import { type PlanLink, readChain } from './links.js'
import { writePlan } from './plan-report.js'
import { planOf } from './plan-stage.js'
import type { Workspace } from './workspace.js'

export interface Rebased {
  readonly was: string
  /** Null: nothing is left to do for it. */
  readonly plan: Plan | null
  readonly file: string | null
}

/** Makes a plan, and those that follow it, follow all others: planned again on what these leave, their files replaced. */
export async function rebase(
  workspace: Workspace,
  live: Session,
  word: string | undefined,
  say: (text: string) => void,
): Promise<Rebased[]> {
  const journal = await openJournal(live, 'read')
  refuseDevelopment(await lastDevelopment(journal))
  const entries = await journal.entries()
  const { files, chain } = await readChain(workspace, entries)
  refuseHalf(chain)
  const first = word === undefined ? theOneToMove(chain) : named(word, chain)
  if (first === null) return []
  const moved = branchOf(first, [...chain.pending, ...chain.stranded])
  const ids = new Set(moved.map(({ id }) => id))
  const rest = chainOf(
    files.filter(({ id }) => !ids.has(id)),
    entries,
  )
  const [fork] = rest.forks
  if (fork)
    throw new UserError('forked', `Others were made side by side, too: ${fork.plans.join(', ')}.`, {
      next: `${followText(fork.plans)}; then rebase again.`,
    })
  const made = await planAgain(workspace, live, moved, { current: rest.current, pending: rest.pending.map(({ plan }) => plan) }, say)
  const results: Rebased[] = []
  for (const [i, link] of moved.entries())
    results.push(await replaceFile(link, made[i] ?? null, new Set(made.flatMap((plan) => plan?.id ?? []))))
  return results
}

async function planAgain(
  workspace: Workspace,
  live: Session,
  moved: readonly PlanLink[],
  { current, pending }: Base,
  say: (text: string) => void,
): Promise<(Plan | null)[]> {
  const made: (Plan | null)[] = []
  // It has all that the files ask for; those before it what they had.
  const last = moved.findLast(({ plan }) => !isByHand(plan))?.plan
  for (const { plan } of moved) {
    const base: Base = { current, pending: [...pending, ...made.filter((one) => one !== null)] }
    // A plan holds what was given to it, which was checked then.
    const manage = [...new Set([...workspace.manage, ...(plan.scope.manage as Workspace['manage'])])]
    const allowing = { ...workspace, manage, allow: [...new Set([...workspace.allow, ...plan.allow])] }
    const draft = await draftOf(plan)
    const asked = {
      title: plan.title,
      ...(draft && { draft }),
      ...(plan !== last && { part: plan }),
      renamesBefore: plan.renames ?? [],
      dropRoles: rolesDropped([plan]),
      strictChain: true,
      base,
      say,
    }
    const alone = draft !== null && isByHand(plan)
    const { plan: again } = alone ? await planSteps(allowing, live, draft, base, say) : await planOf(allowing, live, asked)
    sayLost(plan, again, say)
    made.push(again)
  }
  return made
}

/** Renames that the others did, or left nothing to do for. */
function sayLost(was: Plan, now: Plan | null, say: (text: string) => void): void {
  const lost = (was.renames ?? []).filter((rename) => !now?.renames?.includes(rename))
  if (lost.length > 0) say(visible(`Renamed by ${was.id}, and not any more, as the other plans leave it: ${lost.join(', ')}`))
}

/** The new file is whole before the old one goes, with its signatures: they are of what nobody will run. */
async function replaceFile({ id, file }: PlanLink, plan: Plan | null, kept: ReadonlySet<string>): Promise<Rebased> {
  const old = resolve(file)
  const path = plan && join(dirname(old), `${plan.id}.yaml`)
  if (plan !== null && path !== null) await writePlan(path, plan)
  if (path !== old && !kept.has(id)) {
    const signatures = (await findSignatures([dirname(old)])).get(id) ?? []
    for (const gone of [old, ...signatures]) await rm(gone)
  }
  return { was: id, plan, file: path }
}

function named(word: string, { pending, stranded, inForce }: Chain<PlanLink>): PlanLink {
  const open = [...pending, ...stranded]
  const id = idByPrefix(
    word,
    [...open, ...inForce].map((link) => link.id),
    'among the plan files and those in force',
  )
  const link = open.find((candidate) => candidate.id === id)
  if (link) return link
  throw new UserError('in-force', `${id} is applied here already: others are to follow it.`, { next: 'Name the other plan.' })
}

/** The one that is not applied of two made side by side, or the one that lost its parent; null where the plans are one line. */
function theOneToMove({ forks, stranded, pending }: Chain<PlanLink>): PlanLink | null {
  const lost = stranded.filter(({ parent }) => !stranded.some(({ id }) => id === parent))
  const [fork] = forks
  const candidates = fork ? pending.filter(({ id }) => fork.plans.includes(id)) : lost
  const [only, ...others] = candidates
  if (only === undefined) return stranded[0] ?? null
  if (others.length === 0) return only
  throw new UserError('which-plan', `Any of these can be made to follow the others: ${candidates.map(({ id }) => id).join(', ')}.`, {
    next: `Name the one to move: schemactl rebase ${candidates.at(-1)?.id}.`,
  })
}

function branchOf(first: PlanLink, links: readonly PlanLink[]): PlanLink[] {
  const branch = [first]
  for (let i = 0; i < branch.length; i++) branch.push(...links.filter((link) => link.parent === branch[i]?.id && !branch.includes(link)))
  return branch
}
