import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import type { EnvironmentConfig, Project, Template } from '../config/settings.js'
import { UserError } from '../errors.js'
import { parseAllowedSigners, type Signer } from '../signature/allowed-signers.js'
import { environmentsHere } from './environments-here.js'
import { shown } from './plan-folder.js'
import type { Workspace } from './workspace.js'

/** How many approvals a plan needs on a database, and whose count. */
export interface ApprovalRules {
  readonly required: number
  /** Read only where there is a signature to look at. */
  readonly signers: () => readonly Signer[]
}

/** What the environments of this database ask for, whichever way it was named; a flag may ask for more, never for less. */
export function approvalRules(workspace: Pick<Workspace, 'environment' | 'project' | 'target'>, asked = 0): ApprovalRules {
  const [strictest] = [...environmentsHere(workspace)].sort((a, b) => b.requireSignatures - a.requireSignatures)
  const required = Math.max(asked, strictest?.requireSignatures ?? 0)
  return { required, signers: () => signersOf(workspace.project, strictest) }
}

/** Whose signatures count: the lines of the files that `signers` names, and those that stand there themselves. */
export function signersOf({ signers, folder }: Project, environment: EnvironmentConfig | undefined): Signer[] {
  return (environment?.signers ?? signers ?? []).flatMap((source) =>
    LINE.test(source.text) ? parseAllowedSigners(source.text, source.location.file, source.location.line) : readSigners(folder, source),
  )
}

/** A line of allowed_signers: keys begin so, since the length of their type does. */
const LINE = /\sAAAA/

function readSigners(folder: string, { text, location }: Template): Signer[] {
  const path = resolve(folder, text.replace(/^~(?=[/\\])/, homedir()))
  if (existsSync(path)) return parseAllowedSigners(readFileSync(path, 'utf8'), shown(path))
  throw new UserError('no-signers-file', `there is no file ${shown(path)}`, {
    location,
    next: 'Write it as OpenSSH has allowed_signers: a line such as ana@example.com ssh-ed25519 AAAA… for each person.',
  })
}
