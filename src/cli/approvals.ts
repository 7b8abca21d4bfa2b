import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { type Entry, type Journal, openJournal } from '../apply/journal.js'
import { groupBy } from '../catalog/group.js'
import type { Project } from '../config/settings.js'
import { findEnvironment } from '../config/target.js'
import { UserError } from '../errors.js'
import type { Plan } from '../plan/plan.js'
import type { Session } from '../postgres/session.js'
import { type Approval, judge } from '../signature/approval.js'
import { type ApprovalRules, signersOf } from './approval-rules.js'
import { looksLikePath } from './find-plan.js'
import { shown } from './plan-folder.js'
import { count } from './quantity.js'
import type { Workspace } from './workspace.js'

/** Where signatures of plans lie: beside them. */
export function signatureFolders(
  { project, inProject }: Pick<Workspace, 'project' | 'inProject'>,
  words: readonly string[] = [],
): string[] {
  return [...new Set([...(inProject ? [project.plans] : []), ...words.filter(looksLikePath).map((path) => resolve(dirname(path)))])]
}

/** Paths of files that may hold signatures, by the id of their plan: `ID.….sig`. */
export type SignaturePaths = ReadonlyMap<string, readonly string[]>

export async function findSignatures(folders: readonly string[]): Promise<SignaturePaths> {
  const names = await Promise.all(
    folders.filter((folder) => existsSync(folder)).map(async (folder) => (await readdir(folder)).map((name) => join(folder, name))),
  )
  const paths = names.flat().filter((path) => path.endsWith('.sig'))
  // No id has a full stop in it.
  return groupBy(paths.sort(), (path) => basename(path).split('.')[0] ?? '')
}

/** Every signature of the plan, and whether it counts now. */
export async function approvalsOf(
  { id, digest }: Pick<Plan, 'id' | 'digest'>,
  signatures: SignaturePaths,
  signers: ApprovalRules['signers'],
): Promise<Approval[]> {
  const paths = signatures.get(id) ?? []
  if (paths.length === 0) return []
  const files = await Promise.all(paths.map(async (path) => ({ file: shown(path), text: await readFile(path, 'utf8') })))
  return judge(digest, files, signers(), new Date())
}

export function counted(approvals: readonly Approval[]): Approval[] {
  return approvals.filter(({ counts }) => counts)
}

/** `ana@example.com (SHA256:…)`, which is also what the journal keeps. */
export function approverText({ signer, key, file }: Approval): string {
  if (key === null) return file
  return signer === null ? key : `${signer} (${key})`
}

export function approvalText(approval: Approval): string {
  return `${approverText(approval)}: ${approval.why ?? 'counts'}`
}

/** The signatures of a plan as an environment sees them, or as all do, and how many each of them wants. */
export interface Approvals {
  readonly approvals: readonly Approval[]
  readonly required: { readonly [environment: string]: number }
}

export async function approvalsFor(plan: Plan, folders: readonly string[], project: Project, env: string | undefined): Promise<Approvals> {
  const environment = env === undefined ? undefined : findEnvironment(project, env)
  const asking = [...(environment ? [environment] : project.environments.values())].filter(({ requireSignatures }) => requireSignatures > 0)
  return {
    approvals: await approvalsOf(plan, await findSignatures(folders), () => signersOf(project, environment)),
    required: Object.fromEntries(asking.map(({ name, requireSignatures }) => [name, requireSignatures])),
  }
}

/** Nothing where nobody signed it and nobody asks for that. */
export function approvalsText({ approvals, required }: Approvals): string[] {
  const wanted = Object.entries(required).map(([name, number]) => `${name} wants ${number}`)
  if (approvals.length === 0 && wanted.length === 0) return []
  return [
    `Approvals: ${counted(approvals).length}${wanted.length === 0 ? '' : `; ${wanted.join(', ')}`}`,
    ...approvals.map((approval) => `  ${approvalText(approval)}`),
  ]
}

/** Throws UserError unless each plan has the approvals that are required. Gives those that count, by plan, for the journal. */
export async function refuseUnapproved(
  session: Session,
  plans: readonly Plan[],
  { required, signers }: ApprovalRules,
  folders: readonly string[],
): Promise<ReadonlyMap<string, readonly Approval[]>> {
  const approvals = new Map<string, readonly Approval[]>()
  const signatures = await findSignatures(folders)
  const refused: { readonly id: string; readonly text: string }[] = []
  for (const plan of plans) {
    const found = await approvalsOf(plan, signatures, signers)
    approvals.set(plan.id, counted(found))
    if (counted(found).length >= required || (await notedFor(session, plan)).length >= required) continue
    if (signers().length === 0) throw nobodyNamed()
    const needs = `${count(required, 'approval')}${required > 1 ? ' by different signers' : ''}`
    refused.push({ id: plan.id, text: `Plan ${plan.id} needs ${needs}, and has ${has(found)}` })
  }
  const [first] = refused
  if (!first) return approvals
  throw new UserError('not-approved', `${refused.map(({ text }) => text).join('\n')}\nNothing was done.`, {
    next: `Have ${first.id} reviewed and signed by one whom signers: names: schemactl plan sign ${first.id}.`,
  })
}

function nobodyNamed(): UserError {
  return new UserError('no-signers', 'Plans are to be signed here, and nobody is named whose signature counts.', {
    next: 'Name a file of allowed_signers, or its lines, under signers: in schemactl.yaml.',
  })
}

function has(found: readonly Approval[]): string {
  if (found.length === 0) return 'none: it is not signed.'
  return `${counted(found).length || 'none'}:\n${found.map((one) => `  ${approvalText(one)}`).join('\n')}`
}

/** Who had approved a plan when it was applied, where it stands still, in part or as a whole: that covers its way back and its rest. */
async function notedFor(session: Session, { id, digest }: Plan): Promise<string[]> {
  const journal: Journal = await openJournal(session, 'read')
  const stands = (entry: Entry) => entry.id === id && entry.digest === digest && entry.status !== 'reverted'
  if (!(await journal.entries()).some(stands)) return []
  const noted = (await journal.events()).filter(({ plan, action }) => plan === id && action === 'approve')
  return [...new Set(noted.map(({ outcome }) => outcome))]
}
