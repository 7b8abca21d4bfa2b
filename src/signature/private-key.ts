import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { formatSshSignature } from './ssh-signature.js'
import { signedData } from './verify.js'
import { readWire, wireStrings } from './wire.js'

const TYPE = 'ssh-ed25519'
const HASH = 'sha512'

/** An Ed25519 key that needs no passphrase, from PEM (PKCS 8) or OpenSSH's own format; null for any other, which ssh-keygen may know. */
export function readEd25519(text: string): KeyObject | null {
  try {
    const openssh = /^-----BEGIN OPENSSH PRIVATE KEY-----([^-]*)-----END OPENSSH PRIVATE KEY-----\s*$/.exec(text)
    if (openssh) return fromOpenSsh(Buffer.from(openssh[1] ?? '', 'base64'))
    const key = createPrivateKey(text)
    return key.asymmetricKeyType === 'ed25519' ? key : null
  } catch {
    return null
  }
}

const MAGIC = 'openssh-key-v1\0'

/** OpenSSH's PROTOCOL.key. */
function fromOpenSsh(bytes: Buffer): KeyObject | null {
  const wire = readWire(bytes)
  if (wire.raw(MAGIC.length).toString() !== MAGIC) return null
  const [cipher] = [wire.text(), wire.text(), wire.string()]
  if (cipher !== 'none' || wire.uint32() !== 1) return null
  wire.string()
  const secret = readWire(wire.string())
  // The same number twice, by which a wrong passphrase shows.
  const [check, again] = [secret.uint32(), secret.uint32()]
  if (check !== again || secret.text() !== TYPE) return null
  const [publicKey, both] = [secret.string(), secret.string()]
  return createPrivateKey({
    key: { kty: 'OKP', crv: 'Ed25519', d: both.subarray(0, 32).toString('base64url'), x: publicKey.toString('base64url') },
    format: 'jwk',
  })
}

/** The same text that ssh-keygen would write for this message. */
export function signWith(key: KeyObject, namespace: string, message: string): string {
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' })
  const data = signedData(namespace, HASH, message)
  if (data === null) throw new Error(`${HASH} is not known`)
  return formatSshSignature({
    publicKey: wireStrings(TYPE, Buffer.from(x, 'base64url')),
    namespace,
    hash: HASH,
    signature: wireStrings(TYPE, sign(null, data, key)),
  })
}
