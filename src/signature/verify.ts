import { createHash, verify as verifyBytes } from 'node:crypto'
import { type PublicKey, readPublicKey } from './public-key.js'
import { readWire, unsignedOf, wireStrings } from './wire.js'

/** Did the holder of this key sign these bytes? Both key and signature as SSH has them; what cannot be read is no. */
export function verifies(keyBlob: Buffer, data: Buffer, signature: Buffer): boolean {
  const key = readPublicKey(keyBlob)
  if (!key) return false
  try {
    const wire = readWire(signature)
    const algorithm = wire.text()
    const bytes = wire.string()
    if (key.application === null) return wire.isAtEnd() && matches(key, algorithm, data, bytes)
    // A token signs what it is bound to, whether it was touched, and how often it has signed (OpenSSH's PROTOCOL.u2f).
    const touched = wire.raw(5)
    const told = Buffer.concat([sha256(key.application), touched, sha256(data)])
    return wire.isAtEnd() && matches(key, algorithm, told, bytes)
  } catch {
    return false
  }
}

function matches({ type, key }: PublicKey, algorithm: string, data: Buffer, signature: Buffer): boolean {
  // RSA keys sign in several ways; that with SHA-1, `ssh-rsa`, is not accepted.
  if (type === 'ssh-rsa') {
    const hash = { 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' }[algorithm]
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
    const padded = unsignedOf(signature, Math.ceil(bits / 8))
    return hash !== undefined && padded !== null && verifyBytes(hash, data, key, padded)
  }
  if (algorithm !== type) return false
  if (key.asymmetricKeyType === 'ed25519') return verifyBytes(null, data, key, signature)
  const { hash, size } = ECDSA[key.asymmetricKeyDetails?.namedCurve ?? ''] ?? {}
  if (hash === undefined || size === undefined) return false
  const wire = readWire(signature)
  const numbers = [unsignedOf(wire.string(), size), unsignedOf(wire.string(), size)]
  const both = numbers.flatMap((number) => number ?? [])
  return both.length === 2 && wire.isAtEnd() && verifyBytes(hash, data, { key, dsaEncoding: 'ieee-p1363' }, Buffer.concat(both))
}

/** By OpenSSL's name of the curve. RFC 5656, section 6.2.1. */
const ECDSA: { readonly [curve: string]: { readonly hash: string; readonly size: number } } = {
  prime256v1: { hash: 'sha256', size: 32 },
  secp384r1: { hash: 'sha384', size: 48 },
  secp521r1: { hash: 'sha512', size: 66 },
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest()
}

/** What is signed for a message, by OpenSSH's PROTOCOL.sshsig; null for a hash that it does not know. */
export function signedData(namespace: string, hash: string, message: string): Buffer | null {
  if (hash !== 'sha256' && hash !== 'sha512') return null
  return Buffer.concat([Buffer.from('SSHSIG'), wireStrings(namespace, '', hash, createHash(hash).update(message).digest())])
}
