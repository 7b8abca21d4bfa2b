import { type Entry, openJournal } from '../apply/journal.js'
import { UserError } from '../errors.js'
import type { Plan } from '../plan/plan.js'
import type { Session } from '../postgres/session.js'
import type { Approval } from '../signature/approval.js'
import { approvalRules } from './approval-rules.js'
import { approvalsOf, approvalText, approverText, counted, findSignatures, signatureFolders } from './approvals.js'
import { looksLikePath } from './plan-folder.js'
import { count } from './quantity.js'
import type { Workspace } from './workspace.js'

export interface Asked {
  /** How many approvals a plan needs, at least: its environment may ask for more. */
  readonly requireSignatures?: number | undefined
  /** Words that named plans: beside files lie their signatures. */
  readonly words?: readonly string[]
}

/** Throws UserError unless each plan has the approvals that are required. Gives those that count, by plan, for the journal. */
export async function refuseUnapproved(
  workspace: Workspace,
  session: Session,
  plans: readonly Plan[],
  { requireSignatures, words = [] }: Asked,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { required, signers } = approvalRules(workspace, requireSignatures)
  const signatures = await findSignatures(signatureFolders(workspace, words))
  const approvers = new Map<string, readonly string[]>()
  const refused: { readonly id: string; readonly text: string }[] = []
  for (const plan of plans) {
    const found = await approvalsOf(plan, signatures, signers)
    const names = counted(found).map(approverText)
    approvers.set(plan.id, names)
    if (names.length >= required) continue
    const noted = await notedFor(session, plan)
    if (people([...names, ...noted]) < required)
      refused.push({ id: plan.id, text: `Plan ${plan.id} needs ${needs(required)}, and has ${has(found, noted)}` })
  }
  const [first] = refused
  if (!first) return approvers
  if (signers().length === 0) throw nobodyNamed()
  const [word] = words.length === 1 ? words.filter(looksLikePath) : []
  throw new UserError('not-approved', `${refused.map(({ text }) => text).join('\n')}\nNothing was done.`, {
    next: `Have it reviewed and signed by one whom signers: names: schemactl plan sign ${word ?? first.id}.`,
  })
}

function needs(required: number): string {
  return `${count(required, 'approval')}${required > 1 ? ' by different signers' : ''}`
}

function has(found: readonly Approval[], noted: readonly string[]): string {
  const before = noted.filter((who) => !found.some((approval) => approval.counts && approverText(approval) === who))
  const lines = [...found.map(approvalText), ...before.map((who) => `${who}: counts, by the journal`)].map((line) => `  ${line}`)
  if (lines.length === 0) return 'none: it is not signed.'
  return `${counted(found).length + before.length || 'none'}:\n${lines.join('\n')}`
}

/** Who had approved a plan when it was applied, where it stands still, in part or as a whole: that covers its way back and its rest. */
async function notedFor(session: Session, { id, digest }: Plan): Promise<string[]> {
  const journal = await openJournal(session, 'read')
  const stands = (entry: Entry) => entry.id === id && entry.digest === digest && entry.status !== 'reverted'
  if (!(await journal.entries()).some(stands)) return []
  const noted = (await journal.events()).filter(({ plan, action }) => plan === id && action === 'approve')
  return [...new Set(noted.map(({ outcome }) => outcome))]
}

/** Without their keys: whoever has another by now is still the same. */
function people(approvers: readonly string[]): number {
  return new Set(approvers.map((text) => text.replace(/ \(SHA256:\S+\)$/, ''))).size
}

function nobodyNamed(): UserError {
  return new UserError('no-signers', 'Plans are to be signed here, and nobody is named whose signature counts.', {
    next: 'Name a file of allowed_signers, or its lines, under signers: in schemactl.yaml.',
  })
}
