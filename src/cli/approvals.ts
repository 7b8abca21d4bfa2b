import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { groupBy } from '../catalog/group.js'
import type { Project } from '../config/settings.js'
import { findEnvironment } from '../config/target.js'
import type { Plan } from '../plan/plan.js'
import { type Approval, judge } from '../signature/approval.js'
import { type ApprovalRules, signersOf } from './approval-rules.js'
import { looksLikePath, shown } from './plan-folder.js'
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
    folders
      .filter((folder) => existsSync(folder))
      .map(async (folder) => (await readdir(folder)).filter((name) => name.endsWith('.sig')).map((name) => join(folder, name))),
  )
  // No id has a full stop in it.
  return groupBy(names.flat().sort(), (path) => basename(path).split('.')[0] ?? '')
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
