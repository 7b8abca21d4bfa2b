import { type Entry, type Event, openJournal } from '../apply/journal.js'
import { type Standing, standingIn } from '../apply/standing.js'
import type { Session } from '../postgres/session.js'
import type { Approval } from '../signature/approval.js'
import { approvalRules } from './approval-rules.js'
import { approvalsOf, counted, findSignatures, signatureFolders } from './approvals.js'
import { followText, strandedText } from './choose-plans.js'
import { type EditedFile, editedFiles, editedText, RESTORE } from './edited-files.js'
import { chainIn } from './links.js'
import { openPlanFolder, type PlanFolder } from './plan-folder.js'
import { count } from './quantity.js'
import type { Workspace } from './workspace.js'

/** Where a database stands among the plans of the project. */
export interface Status {
  /** `current`: all plans are applied; `behind`: some are pending; `ahead`: it has plans that the project lacks; `development`: changed without plans; `unknown`: no journal. */
  readonly state: 'current' | 'development' | 'behind' | 'ahead' | 'half-applied' | 'forked' | 'unknown'
  readonly current: Entry | null
  readonly applied: number
  readonly pending: readonly { readonly id: string; readonly title: string; readonly file: string; readonly digest: string }[]
  readonly heads: readonly string[]
  readonly forks: readonly { readonly parent: string | null; readonly plans: readonly string[] }[]
  /** Plan files whose parent is neither applied nor pending. */
  readonly stranded: readonly string[]
  /** Applied plans that have no file in the project; only told where it has plan files at all. */
  readonly ahead: readonly string[]
  readonly half: Entry | null
  /** The last time that `dev` or `reset` changed it. */
  readonly development: Event | null
  /** Files of hand-written steps that were not rehearsed yet. */
  readonly drafts: readonly string[]
}

/** With what files tell besides: those of plans in force that were edited, and signatures of the pending ones. */
export interface FullStatus extends Status {
  readonly pending: readonly (Status['pending'][number] & { readonly approvals: readonly Approval[] })[]
  readonly edited: readonly EditedFile[]
  /** Approvals that a plan needs on this database. */
  readonly requiredSignatures: number
}

/** How many plan files `status` compares with the journal, from the newest on: it is to answer at once. `check` compares all. */
const NEWEST = 100

export async function statusOf(workspace: Workspace, session: Session): Promise<FullStatus> {
  const [standing, folder] = await Promise.all([standingIn(session, NEWEST), openPlanFolder(workspace)])
  const status = await statusWith(folder, standing)
  const edited = await editedFiles(folder, standing.contents, () => openJournal(session, 'read'))
  const { required, signers } = approvalRules(workspace)
  // The folder has a file for every plan there ever was.
  const signatures = status.pending.length === 0 ? new Map() : await findSignatures(signatureFolders(workspace))
  const pending = await Promise.all(
    status.pending.map(async (plan) => ({ ...plan, approvals: await approvalsOf(plan, signatures, signers) })),
  )
  return { ...status, pending, edited, requiredSignatures: required }
}

/** What the journal says, beside the plan files. */
export async function statusIn(workspace: Pick<Workspace, 'project' | 'inProject'>, standing: Standing): Promise<Status> {
  return statusWith(await openPlanFolder(workspace), standing)
}

async function statusWith(folder: PlanFolder, { links, current, half, development }: Standing): Promise<Status> {
  const { files, chain } = await chainIn(folder, links)
  const written = new Set([...files.map(({ id }) => id), ...folder.ids])
  const ahead = written.size === 0 ? [] : chain.inForce.filter((entry) => !entry.empty && !written.has(entry.id)).map(({ id }) => id)
  const { heads, forks, inForce } = chain
  const pending = chain.pending.map(({ id, plan, file }) => ({ id, title: plan.title, file, digest: plan.digest }))
  const facts = {
    current,
    half,
    heads,
    forks,
    pending,
    ahead,
    applied: inForce.length,
    stranded: chain.stranded.map(({ id }) => id),
    development,
    drafts: folder.drafts,
  }
  return { state: stateOf(facts), ...facts }
}

function stateOf({ half, development, forks, pending, ahead, stranded, current }: Omit<Status, 'state'>): Status['state'] {
  if (half !== null) return 'half-applied'
  if (development !== null) return 'development'
  if (forks.length > 0) return 'forked'
  if (pending.length > 0 || stranded.length > 0) return 'behind'
  if (ahead.length > 0) return 'ahead'
  return current === null ? 'unknown' : 'current'
}

export function statusText(status: FullStatus): string {
  const { current, applied, pending, forks, stranded, ahead, half, development, drafts, edited, state } = status
  const lines = [
    current === null
      ? 'No plan is applied.'
      : `Current: ${current.id} (${current.status} ${current.at} by ${current.by} on ${current.host}; ${count(applied, 'plan')} in all)`,
    ...(half === null
      ? []
      : [
          `Half ${half.status === 'applying' ? 'applied' : 'reverted'}: ${half.id}, ${half.segmentsDone} of ${half.segments} segments stand`,
        ]),
    ...(development === null
      ? []
      : [`Changed without a plan: schemactl ${development.action} ${development.at} by ${development.by} on ${development.host}`]),
    ...(pending.length === 0
      ? []
      : [`Pending: ${count(pending.length, 'plan')}`, ...pending.map((plan) => pendingText(plan, status.requiredSignatures))]),
    ...forks.map(({ parent, plans }) => `Made side by side, each to follow ${parent ?? 'nothing'}: ${plans.join(', ')}`),
    ...stranded.map((id) => `Cannot be applied, as the plan that it follows is missing: ${id}`),
    ...drafts.map((file) => `Draft, not rehearsed: ${file}`),
    ...edited.map((file) => `Edited since: ${editedText(file)}`),
    ...(ahead.length === 0 ? [] : [`Applied, but not among the plan files here: ${ahead.join(', ')}`]),
  ]
  const unsigned = pending.find(({ approvals }) => counted(approvals).length < status.requiredSignatures)
  const next =
    state === 'behind' && unsigned
      ? `\nNext: schemactl plan sign ${unsigned.id}, by those who approve it; then schemactl apply`
      : edited.length > 0 && (state === 'current' || state === 'ahead')
        ? `\nNext: ${RESTORE}`
        : nextText(status)
  return `${lines.join('\n')}${next}`
}

function pendingText({ file, title, approvals }: FullStatus['pending'][number], required: number): string {
  const good = counted(approvals)
  const names = good.length === 0 ? '' : `: ${good.map(({ signer }) => signer).join(', ')}`
  const signed =
    required === 0 && good.length === 0
      ? ''
      : ` (${required > 0 ? `${good.length} of ` : ''}${count(required || good.length, 'approval')}${names})`
  return `  ${file}: ${title}${signed}`
}

function nextText({ state, stranded, forks }: Status): string {
  const next: { readonly [S in Status['state']]: string } = {
    current: '',
    development: 'schemactl dev, or schemactl reset; schemactl stamp head, once plans tell how it is',
    behind: stranded[0] === undefined ? 'schemactl apply' : strandedText(stranded[0]),
    ahead: 'fetch the newer plan files from version control',
    'half-applied': 'schemactl apply finishes it; schemactl revert takes it back',
    forked: followText(forks[0]?.plans ?? []),
    unknown: 'schemactl plan; or, where the database has its objects already, schemactl stamp head',
  }
  return next[state] === '' ? '' : `\nNext: ${next[state]}`
}
