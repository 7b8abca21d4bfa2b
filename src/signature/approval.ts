import type { Signer } from './allowed-signers.js'
import { matchesPatternList } from './pattern-list.js'
import { fingerprintOf, readPublicKey, typeOf } from './public-key.js'
import { parseSshSignature, type SshSignature } from './ssh-signature.js'
import { signedData, verifies } from './verify.js'

/** What keys sign plans for, so that a signature of a commit or a file is none of a plan. */
export const NAMESPACE = 'schemactl-plan'

/** What is signed of a plan: `echo DIGEST | ssh-keygen -Y sign -n schemactl-plan -f KEY` signs the same. */
export function messageFor(digest: string): string {
  return `${digest}\n`
}

/** A signature of a plan, and whether it counts as an approval. */
export interface Approval {
  readonly file: string
  /** Fingerprint of the key; null where it cannot be read. */
  readonly key: string | null
  /** Whose key it is, by the signers; null where they do not know it. */
  readonly signer: string | null
  /** It is a signature of this very plan, whoever made it. */
  readonly fits: boolean
  readonly counts: boolean
  /** Why it does not count. */
  readonly why: string | null
}

export interface SignatureFile {
  readonly file: string
  readonly text: string
}

/** Looks at each signature of a plan; of several by one person or key, one counts. */
export function judge(digest: string, files: readonly SignatureFile[], signers: readonly Signer[], now: Date): Approval[] {
  const counted: Signer[] = []
  return files.map(({ file, text }) => {
    const signature = parseSshSignature(text)
    if (signature === null) return { file, key: null, signer: null, fits: false, counts: false, why: 'it is no SSH signature' }
    const known = signers.filter((signer) => isFor(signer, signature))
    const flaws = known.map((signer) => ({ signer, flaw: flawOf(signer, now) }))
    const good = flaws.find(({ flaw }) => flaw === null)?.signer
    const unfit = flawOfSignature(signature, digest)
    const why = unfit ?? (good ? repeated(good, counted) : (flaws[0]?.flaw ?? 'its key is not among the signers'))
    if (why === null) counted.push(...known)
    const signer = (good ?? known[0])?.principals[0] ?? null
    return { file, key: fingerprintOf(signature.publicKey), signer, fits: unfit === null, counts: why === null, why }
  })
}

/** A line that only excludes names stands for nobody. */
function isFor({ key, principals, certAuthority }: Signer, { publicKey }: SshSignature): boolean {
  return !certAuthority && principals.length > 0 && key.equals(publicKey)
}

function flawOfSignature({ publicKey, namespace, hash, signature }: SshSignature, digest: string): string | null {
  const type = typeOf(publicKey)
  if (type.includes('-cert-')) return 'it was made with a certificate, which schemactl does not check'
  if (readPublicKey(publicKey) === null)
    return `its key (${type}) is not of a sort that counts: Ed25519, ECDSA, or RSA of 2048 bits and more`
  if (namespace !== NAMESPACE) return `it was made for "${namespace}", not for ${NAMESPACE}`
  const data = signedData(namespace, hash, messageFor(digest))
  return data !== null && verifies(publicKey, data, signature)
    ? null
    : 'it does not fit the digest: what was signed is another plan, or this one before it was changed'
}

function flawOf({ namespaces, validAfter, validBefore }: Signer, now: Date): string | null {
  if (namespaces !== undefined && !matchesPatternList(NAMESPACE, namespaces)) return `its key is trusted for ${namespaces} only`
  if (validAfter !== undefined && now < validAfter) return `its key is valid only after ${validAfter.toISOString()}`
  if (validBefore !== undefined && now > validBefore) return `its key was valid until ${validBefore.toISOString()}`
  return null
}

function repeated(signer: Signer, counted: readonly Signer[]): string | null {
  const same = counted.some(({ key, principals }) => key.equals(signer.key) || principals.some((name) => signer.principals.includes(name)))
  return same ? 'the same signer has approved already' : null
}
