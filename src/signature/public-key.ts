import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { readWire, type WireReader } from './wire.js'

/** A public key in SSH's encoding, and in OpenSSL's. */
export interface PublicKey {
  /** `ssh-ed25519`. */
  readonly type: string
  readonly key: KeyObject
  /** What a key on a security token is bound to; null for others. */
  readonly application: Buffer | null
}

/** What `ssh-keygen -l` shows: `SHA256:…`. */
export function fingerprintOf(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
}

export function typeOf(blob: Buffer): string {
  try {
    return readWire(blob).text()
  } catch {
    return ''
  }
}

/** Null for what is no key, or of a sort that is not accepted: certificates, DSA, RSA of less than 2048 bits. */
export function readPublicKey(blob: Buffer): PublicKey | null {
  try {
    const wire = readWire(blob)
    const type = wire.text()
    const jwk = Object.hasOwn(READERS, type) ? READERS[type]?.(wire) : undefined
    if (!jwk) return null
    const application = type.startsWith('sk-') ? wire.string() : null
    return wire.isAtEnd() ? { type, key: createPublicKey({ key: jwk, format: 'jwk' }), application } : null
  } catch {
    return null
  }
}

/** What stands after the type, as a JSON Web Key. */
const READERS: { readonly [type: string]: (wire: WireReader) => JsonWebKey | null } = {
  'ssh-ed25519': ed25519,
  'sk-ssh-ed25519@openssh.com': ed25519,
  'ecdsa-sha2-nistp256': (wire) => ecdsa(wire, 'nistp256'),
  'ecdsa-sha2-nistp384': (wire) => ecdsa(wire, 'nistp384'),
  'ecdsa-sha2-nistp521': (wire) => ecdsa(wire, 'nistp521'),
  'sk-ecdsa-sha2-nistp256@openssh.com': (wire) => ecdsa(wire, 'nistp256'),
  'ssh-rsa': rsa,
}

function ed25519(wire: WireReader): JsonWebKey {
  return { kty: 'OKP', crv: 'Ed25519', x: base64url(wire.string()) }
}

const CURVES = {
  nistp256: { crv: 'P-256', size: 32 },
  nistp384: { crv: 'P-384', size: 48 },
  nistp521: { crv: 'P-521', size: 66 },
} as const

function ecdsa(wire: WireReader, curve: keyof typeof CURVES): JsonWebKey | null {
  const { crv, size } = CURVES[curve]
  const named = wire.text()
  const point = wire.string()
  // 4: neither coordinate is left out, the only form that SSH has.
  if (named !== curve || point.length !== 1 + 2 * size || point[0] !== 4) return null
  return { kty: 'EC', crv, x: base64url(point.subarray(1, 1 + size)), y: base64url(point.subarray(1 + size)) }
}

/** Bytes below which an RSA key can be broken. */
const LEAST_RSA = 256

function rsa(wire: WireReader): JsonWebKey | null {
  const [exponent, modulus] = [wire.string(), wire.string()].map((number) => number.subarray(number.findIndex((byte) => byte !== 0)))
  if (!exponent || !modulus || modulus.length < LEAST_RSA) return null
  return { kty: 'RSA', e: base64url(exponent), n: base64url(modulus) }
}

function base64url(bytes: Buffer): string {
  return bytes.toString('base64url')
}
