import { execFileSync, spawnSync } from 'node:child_process'
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { parseAllowedSigners } from '../../src/signature/allowed-signers.js'
import { judge, messageFor, NAMESPACE } from '../../src/signature/approval.js'
import { readEd25519, signWith } from '../../src/signature/private-key.js'
import { formatSshSignature, parseSshSignature } from '../../src/signature/ssh-signature.js'
import { signedData } from '../../src/signature/verify.js'
import { wireStrings } from '../../src/signature/wire.js'
import { folderWith, removeFolders } from '../cli/schemactl.js'
import { ROOT } from '../servers/root.js'

/** What the samples sign: ssh-keygen made them, of keys that are gone. */
const DIGEST = '3fa9c21b'.repeat(8)
const NOW = new Date('2026-06-15T12:00:00Z')
const sample = (file: string) => readFileSync(join(ROOT, 'test/signature/samples', file), 'utf8')
const SIGNERS = sample('allowed_signers')

afterAll(removeFolders)

const verdicts = (texts: readonly string[], signers = SIGNERS, digest = DIGEST) => {
  const files = texts.map((text, i) => ({ file: `${i}.sig`, text }))
  return judge(digest, files, parseAllowedSigners(signers, 'allowed_signers'), NOW)
}
const reason = (text: string, signers = SIGNERS, digest = DIGEST) => verdicts([text], signers, digest)[0]?.why
/** The key of a sample, as a line has it. */
const keyOf = (name: string) => new RegExp(`^${name}@example.com (.*)$`, 'm').exec(SIGNERS)?.[1] ?? ''

describe('a signature of ssh-keygen', () => {
  test.each(['ed25519', 'rsa-3072', 'ecdsa-256', 'ecdsa-384', 'ecdsa-521'])('with %s counts', (name) => {
    const text = sample(`${name}.sig`)
    expect(verdicts([text])).toEqual([
      {
        file: '0.sig',
        key: expect.stringMatching(/^SHA256:[\w+/]{43}$/),
        signer: `${name}@example.com`,
        fits: true,
        counts: true,
        why: null,
      },
    ])
    const parsed = parseSshSignature(text)
    expect(parsed && formatSshSignature(parsed)).toBe(text)
  })

  test('with the other hash, or with line ends of Windows, counts', () => {
    expect(reason(sample('ed25519-sha256.sig'))).toBeNull()
    expect(reason(sample('ed25519.sig').replaceAll('\n', '\r\n'))).toBeNull()
  })

  test('does not count for another digest or purpose, by an unknown or a weak key', () => {
    expect(reason(sample('ed25519.sig'), SIGNERS, 'f'.repeat(64))).toMatch(/does not fit the digest/)
    expect(reason(sample('ed25519-git.sig'))).toBe(`it was made for "git", not for ${NAMESPACE}`)
    expect(reason(sample('ed25519.sig'), '')).toBe('its key is not among the signers')
    expect(reason(sample('rsa-1024.sig'))).toMatch(/ssh-rsa.*2048 bits/)
    expect(reason('nonsense')).toBe('it is no SSH signature')
  })

  test.each(['ed25519', 'rsa-3072', 'ecdsa-256'])('with %s and any byte changed does not count', (name) => {
    const bytes = Buffer.from(sample(`${name}.sig`).split('\n').slice(1, -2).join(''), 'base64')
    for (let at = 0; at < bytes.length; at += 7) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 0x10
      const text = `-----BEGIN SSH SIGNATURE-----\n${changed.toString('base64')}\n-----END SSH SIGNATURE-----\n`
      expect(reason(text)).toEqual(expect.any(String))
    }
  })
})

test('a signature of a security token counts', () => {
  const { key, text } = byToken()
  expect(reason(text, `ana ${key}`)).toBeNull()
})

/** Made as the token would, since none is at hand: OpenSSH's PROTOCOL.u2f. */
function byToken(): { readonly key: string; readonly text: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const type = 'sk-ssh-ed25519@openssh.com'
  const key = wireStrings(type, Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'), 'ssh:')
  const data = signedData(NAMESPACE, 'sha512', messageFor(DIGEST)) ?? Buffer.alloc(0)
  const touched = Buffer.from([1, 0, 0, 0, 7])
  const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest()
  const made = sign(null, Buffer.concat([sha256('ssh:'), touched, sha256(data)]), privateKey)
  const signature = Buffer.concat([wireStrings(type, made), touched])
  const text = formatSshSignature({ publicKey: key, namespace: NAMESPACE, hash: 'sha512', signature })
  return { key: `${type} ${key.toString('base64')}`, text }
}

function byPem(): { readonly key: string; readonly text: string } {
  const { privateKey } = generateKeyPairSync('ed25519')
  const key = readEd25519(String(privateKey.export({ type: 'pkcs8', format: 'pem' })))
  if (!key) throw new Error('the key is not read')
  const text = signWith(key, NAMESPACE, messageFor(DIGEST))
  return { key: `ssh-ed25519 ${parseSshSignature(text)?.publicKey.toString('base64')}`, text }
}

test('a signature of our own, with a key in PEM, counts', () => {
  const { key, text } = byPem()
  expect(reason(text, `ana ${key}`)).toBeNull()
  expect(reason(text, `ana ${keyOf('ed25519')}`)).toBe('its key is not among the signers')
})

describe('allowed_signers', () => {
  test('says whose key it is, for what, and how long', () => {
    const key = keyOf('ed25519')
    const text = sample('ed25519.sig')
    expect(reason(text, `# a comment\n\nana namespaces="git,schemactl-*" ${key}`)).toBeNull()
    expect(reason(text, `"ana,ana@home" valid-after="20260101",valid-before="20270101Z" ${key} a comment`)).toBeNull()
    expect(reason(text, `ana namespaces="git" ${key}`)).toBe('its key is trusted for git only')
    expect(reason(text, `ana namespaces="*,!schemactl-plan" ${key}`)).toMatch(/only/)
    expect(reason(text, `ana Valid-Before="202606151159Z" ${key}`)).toBe('its key was valid until 2026-06-15T11:59:00.000Z')
    expect(reason(text, `ana valid-after="20260615120001Z" ${key}`)).toBe('its key is valid only after 2026-06-15T12:00:01.000Z')
    expect(reason(text, `*@example.com cert-authority ${key}`)).toBe('its key is not among the signers')
    expect(reason(text, `!ana ${key}`)).toBe('its key is not among the signers')
    expect(reason(text, `ana valid-before="20200101" ${key}\nana ${key}`)).toBeNull()
  })

  test('two signatures of one person, or with one key, are one approval', () => {
    const texts = [sample('ed25519.sig'), sample('ecdsa-256.sig')]
    const counted = (signed: string[], ...lines: string[]) => verdicts(signed, lines.join('\n')).map(({ counts }) => counts)
    expect(counted(texts, `ana ${keyOf('ed25519')}`, `ben ${keyOf('ecdsa-256')}`)).toEqual([true, true])
    expect(counted(texts, `ana ${keyOf('ed25519')}`, `ana,ben ${keyOf('ecdsa-256')}`)).toEqual([true, false])
    expect(counted([texts[0] ?? '', texts[0] ?? ''], `ana ${keyOf('ed25519')}`, `ben ${keyOf('ed25519')}`)).toEqual([true, false])
  })

  test.each([
    ['ana', 'no line'],
    ['ana ssh-ed25519 AAAAnonsense', 'no line'],
    ['ana ssh-rsa KEY', 'no line'],
    ['ana frobnicate ssh-ed25519 KEY', 'frobnicate'],
    ['ana valid-after="20261340" ssh-ed25519 KEY', '20261340'],
    ['ana valid-before="20260231" ssh-ed25519 KEY', '20260231'],
  ])('a line that is wrong is told with its place: %s', (line, said) => {
    const text = `\n${line.replace('KEY', keyOf('ed25519').split(' ')[1] ?? '')}`
    expect(() => parseAllowedSigners(text, 'allowed_signers')).toThrow(
      expect.objectContaining({
        code: 'bad-signers',
        location: { file: 'allowed_signers', line: 2 },
        message: expect.stringContaining(said),
      }),
    )
  })
})

const here = spawnSync('ssh-keygen', ['-?']).error === undefined

;(here ? describe : describe.skip)('ssh-keygen, where it is there,', () => {
  let folder: string
  beforeAll(() => {
    folder = folderWith({})
    for (const [name, passphrase] of [
      ['plain', ''],
      ['locked', 'secret'],
    ] as const)
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-C', '', '-f', join(folder, name)])
  })
  const read = (name: string) => readFileSync(join(folder, name), 'utf8')

  test('writes the same text for its key', () => {
    const key = readEd25519(read('plain'))
    const theirs = execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-n', NAMESPACE, '-f', join(folder, 'plain')], {
      input: messageFor(DIGEST),
      encoding: 'utf8',
    })
    expect(key && signWith(key, NAMESPACE, messageFor(DIGEST))).toBe(theirs)
    for (const name of ['locked', 'plain.pub']) expect(readEd25519(read(name))).toBeNull()
  })

  test.each([
    ['ours', byPem],
    ['that of a token', byToken],
  ])('verifies %s', (_, make) => {
    const { key, text } = make()
    writeFileSync(join(folder, 'allowed'), `ana ${key}`)
    writeFileSync(join(folder, 'sig'), text)
    const verify = ['-Y', 'verify', '-f', join(folder, 'allowed'), '-I', 'ana', '-n', NAMESPACE, '-s', join(folder, 'sig')]
    expect(execFileSync('ssh-keygen', verify, { input: messageFor(DIGEST), encoding: 'utf8' })).toContain('Good')
  })
})
