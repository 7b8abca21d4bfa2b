import { execFile } from 'node:child_process'
import { statSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { UserError } from '../errors.js'
import { readEd25519, signWith } from '../signature/private-key.js'
import { signBySshKeygen } from '../signature/ssh-keygen.js'

/** A key to sign with: a file, or a public key whose private half an agent holds. */
export type SigningKey = { readonly file: string; readonly from: string } | { readonly publicKey: string; readonly from: string }

/** The one that was given, else that with which git signs, else the first that ssh itself would take. */
export async function chooseKey(given: string | undefined): Promise<SigningKey> {
  if (given !== undefined) {
    if (isFile(given)) return { file: given, from: '--key' }
    throw new UserError('no-key', `There is no file ${given}.`, {
      next: 'Give the file of a private key, or of a public one that the agent holds.',
    })
  }
  return (await keyOfGit()) ?? keyOfSsh()
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}

/** Where git signs by SSH at all. */
async function keyOfGit(): Promise<SigningKey | null> {
  if ((await gitConfig('gpg.format')) !== 'ssh') return null
  const literal = /^(?:key::)?((?:ssh|ecdsa|sk)-\S+ AAAA.*)$/.exec(await gitConfig('user.signingkey'))
  if (literal) return { publicKey: literal[1] ?? '', from: `git's user.signingkey` }
  const file = await gitConfig('user.signingkey', '--type=path')
  if (file === '') return null
  if (isFile(file)) return { file, from: `git's user.signingkey` }
  throw new UserError('no-key', `There is no file ${file}, which git's user.signingkey names.`, {
    next: 'Correct it, or give a key with --key.',
  })
}

/** Empty where it is not set, or git is not there. */
async function gitConfig(name: string, ...options: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)('git', ['config', ...options, '--get', name])).stdout.trim()
  } catch {
    return ''
  }
}

const NAMES = ['id_ed25519', 'id_ed25519_sk', 'id_ecdsa', 'id_ecdsa_sk', 'id_rsa']

function keyOfSsh(): SigningKey {
  const folder = join(homedir(), '.ssh')
  // The private half may be in the agent alone.
  const file = NAMES.flatMap((name) => [join(folder, name), join(folder, `${name}.pub`)]).find(isFile)
  if (file !== undefined) return { file, from: 'the default' }
  throw new UserError('no-key', `There is no key to sign with: none in ${folder}, and git's user.signingkey names none.`, {
    next: 'Give one with --key; ssh-keygen -t ed25519 makes one.',
  })
}

/** Signs by ourselves with an Ed25519 key that needs no passphrase, else through ssh-keygen. */
export async function signMessage(key: SigningKey, namespace: string, message: string, say: (text: string) => void): Promise<string> {
  if ('publicKey' in key) return withFile(key.publicKey, (file) => signBySshKeygen(file, namespace, message, say))
  const own = readEd25519(await readFile(key.file, 'utf8'))
  return own ? signWith(own, namespace, message) : signBySshKeygen(key.file, namespace, message, say)
}

async function withFile<T>(text: string, work: (file: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'schemactl-key-'))
  try {
    const file = join(folder, 'key.pub')
    await writeFile(file, `${text}\n`)
    return await work(file)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export function keyText(key: SigningKey): string {
  return 'file' in key ? `${key.file} (${key.from})` : `the key of the agent that ${key.from} names`
}
