import { spawn } from 'node:child_process'
import { codeOf, UserError } from '../errors.js'

/**
 * Has `ssh-keygen -Y sign` sign the message: it knows agents, passphrases (which it asks for on the terminal itself) and security
 * tokens. `key` is the file of a private key, or of a public one whose private half an agent holds.
 */
export async function signBySshKeygen(key: string, namespace: string, message: string, say: (text: string) => void): Promise<string> {
  const child = spawn('ssh-keygen', ['-q', '-Y', 'sign', '-n', namespace, '-f', key], { stdio: ['pipe', 'pipe', 'pipe'] })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  let [signature, complaint] = ['', '']
  child.stdout.on('data', (chunk) => {
    signature += String(chunk)
  })
  // As it comes: a token waits to be touched.
  child.stderr.on('data', (chunk) => {
    complaint += String(chunk)
    say(String(chunk).trimEnd())
  })
  // It may end before it has read all, and says why itself.
  child.stdin.on('error', () => undefined)
  child.stdin.end(message)
  const code = await ended.catch((error: unknown) => {
    throw codeOf(error) === 'ENOENT' ? isMissing(key, error) : error
  })
  if (code === 0) return signature
  throw new UserError('cannot-sign', `ssh-keygen cannot sign with ${key}: ${lastLine(complaint) ?? `it ended with ${code}`}`, {
    next: 'Give another key with --key; for a key with a passphrase, ssh-add loads it into the agent.',
  })
}

function isMissing(key: string, cause: unknown): UserError {
  return new UserError(
    'no-ssh-keygen',
    `${key} is not an Ed25519 key without a passphrase: ssh-keygen is needed for it, and is not here.`,
    {
      next: 'Install OpenSSH (openssh-client), or give an Ed25519 key with --key.',
      cause,
    },
  )
}

function lastLine(text: string): string | undefined {
  return text
    .trim()
    .split(/\r?\n/)
    .findLast((line) => line.trim() !== '')
    ?.replace(/^Enter passphrase[^:]*: */, '')
}
