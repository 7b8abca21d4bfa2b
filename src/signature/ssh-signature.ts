import { readWire, uint32Of, wireStrings } from './wire.js'

/** A detached signature as `ssh-keygen -Y sign` writes it (OpenSSH's PROTOCOL.sshsig). */
export interface SshSignature {
  readonly publicKey: Buffer
  /** What it was made for: a signature for one purpose is none for another. */
  readonly namespace: string
  readonly hash: string
  readonly signature: Buffer
}

const BEGIN = '-----BEGIN SSH SIGNATURE-----'
const END = '-----END SSH SIGNATURE-----'
const MAGIC = 'SSHSIG'
const VERSION = 1

/** Null for what is no such signature. */
export function parseSshSignature(text: string): SshSignature | null {
  const lines = text.trim().split(/\r?\n/)
  if (lines[0] !== BEGIN || lines.at(-1) !== END) return null
  try {
    const wire = readWire(Buffer.from(lines.slice(1, -1).join(''), 'base64'))
    if (wire.raw(MAGIC.length).toString() !== MAGIC || wire.uint32() !== VERSION) return null
    const [publicKey, namespace, _reserved, hash, signature] = [wire.string(), wire.text(), wire.string(), wire.text(), wire.string()]
    return wire.isAtEnd() ? { publicKey, namespace, hash, signature } : null
  } catch {
    return null
  }
}

export function formatSshSignature({ publicKey, namespace, hash, signature }: SshSignature): string {
  const bytes = Buffer.concat([Buffer.from(MAGIC), uint32Of(VERSION), wireStrings(publicKey, namespace, '', hash, signature)])
  return [BEGIN, ...(bytes.toString('base64').match(/.{1,70}/g) ?? []), END, ''].join('\n')
}
