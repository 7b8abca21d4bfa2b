import { createHash } from 'node:crypto'
import { rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Project } from '../config/settings.js'
import { findEnvironment } from '../config/target.js'
import { UserError } from '../errors.js'
import { makeFolder } from '../folders.js'
import type { Plan } from '../plan/plan.js'
import { type Approval, judge, messageFor, NAMESPACE, type SignatureFile } from '../signature/approval.js'
import { fingerprintOf } from '../signature/public-key.js'
import { parseSshSignature } from '../signature/ssh-signature.js'
import { signersOf } from './approval-rules.js'
import { type Approvals, approvalsFor } from './approvals.js'
import { shown } from './plan-folder.js'
import { chooseKey, keyText, signMessage } from './signing-key.js'

export interface Signed extends Approvals {
  readonly plan: string
  readonly digest: string
  readonly file: string
  /** Fingerprint of the key. */
  readonly key: string
  /** This key had signed it before: nothing was written. */
  readonly already: boolean
}

/** Signs the digest of a plan, and writes the signature beside it: a file for each key, so that people who sign at the same time do not meet. */
export async function signPlan(
  { plan, folder }: { readonly plan: Plan; readonly folder: string },
  { project, env }: { readonly project: Project; readonly env: string | undefined },
  given: string | undefined,
  say: (text: string) => void,
): Promise<Signed> {
  // Who counts is looked up again once it is signed, and then nothing may be missing.
  signersOf(project, env === undefined ? undefined : findEnvironment(project, env))
  const chosen = await chooseKey(given)
  say(`Key: ${keyText(chosen)}`)
  const text = await signMessage(chosen, NAMESPACE, messageFor(plan.digest), say)
  const publicKey = parseSshSignature(text)?.publicKey ?? Buffer.alloc(0)
  const why = flawOf(plan, { file: 'the signature', text }, publicKey)
  if (why !== null)
    throw new UserError('cannot-sign', `A signature with this key would not count: ${why}.`, { next: 'Give another key with --key.' })
  const key = fingerprintOf(publicKey)
  const before = await approvalsFor(plan, [folder], project, env)
  const old = before.approvals.find((approval) => approval.key === key && approval.fits)
  const path = old?.file ?? join(folder, `${plan.id}.${createHash('sha256').update(publicKey).digest('hex').slice(0, 12)}.sig`)
  if (!old) await writeWhole(path, text)
  const { id, digest } = plan
  return { plan: id, digest, file: shown(path), key, already: old !== undefined, ...(await approvalsFor(plan, [folder], project, env)) }
}

/** Why the signature would not count although its key were trusted. */
function flawOf({ digest }: Plan, file: SignatureFile, key: Buffer): string | null {
  const [verdict] = judge(digest, [file], [{ principals: [''], key, location: { file: '', line: 0 } }], new Date())
  return verdict?.why ?? null
}

async function writeWhole(path: string, text: string): Promise<void> {
  const half = `${path}.tmp`
  makeFolder(dirname(path))
  await writeFile(half, text)
  await rename(half, path)
}

export function signedText({ plan, file, key, already, approvals }: Signed): string {
  const own: Approval | undefined = approvals.find((approval) => approval.key === key)
  const who = own?.signer ? `${own.signer} (${key})` : key
  const but = own?.why ? `\nIt does not count: ${own.why}.` : ''
  return `${already ? 'Signed already' : 'Signed'}: ${plan} by ${who}${but}\n${already ? 'There' : 'Written'}: ${file}`
}
