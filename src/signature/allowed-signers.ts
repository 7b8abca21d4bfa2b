import { type SourceLocation, UserError } from '../errors.js'
import { typeOf } from './public-key.js'

/** One line of OpenSSH's allowed_signers: whose key counts, and for what (ssh-keygen(1), ALLOWED SIGNERS). */
export interface Signer {
  /** Who it is, most often one address; patterns as they are written. */
  readonly principals: readonly string[]
  readonly key: Buffer
  /** Purposes that the key may sign for, as a list of patterns; absent: all. */
  readonly namespaces?: string
  readonly validAfter?: Date
  readonly validBefore?: Date
  /** The key stands for certificates that it signed, not for itself. */
  readonly certAuthority?: true
  readonly location: SourceLocation
}

/** Throws UserError at a line that cannot be read: one who is missing silently would be looked for long. */
export function parseAllowedSigners(text: string, file: string, firstLine = 1): Signer[] {
  return text.split(/\r?\n/).flatMap((line, i) => {
    const trimmed = line.trim()
    return trimmed === '' || trimmed.startsWith('#') ? [] : [signerOf(trimmed, { file, line: firstLine + i })]
  })
}

/** `principals [options] keytype key [comment]`; blanks stand only within quotes. */
const LINE =
  /^(?:"(?<quoted>[^"]+)"|(?<plain>\S+))\s+(?:(?<options>(?:[^\s"]|"(?:\\"|[^"])*")+)\s+)?(?<type>[a-z][\w.@-]*)\s+(?<key>AAAA[\w+/]+={0,2})(?:\s|$)/

function signerOf(line: string, location: SourceLocation): Signer {
  const { quoted, plain = '', options, type, key = '' } = LINE.exec(line)?.groups ?? {}
  const bytes = Buffer.from(key, 'base64')
  if (type === undefined || typeOf(bytes) !== type)
    throw refused('this is no line of allowed_signers', location, 'Write it as: ana@example.com ssh-ed25519 AAAA…')
  const principals = (quoted ?? plain).split(',').filter((name) => name !== '' && !name.startsWith('!'))
  return { principals, key: bytes, location, ...optionsOf(options ?? '', location) }
}

type Options = Pick<Signer, 'namespaces' | 'validAfter' | 'validBefore' | 'certAuthority'>

function optionsOf(text: string, location: SourceLocation): Options {
  const found: Options[] = [...text.matchAll(OPTION)].map(([, name = '', quoted, plain = '']) =>
    optionOf(name.toLowerCase(), quoted?.replaceAll('\\"', '"') ?? plain, location),
  )
  return Object.assign({}, ...found) as Options
}

/** `name`, `name="value"`, or `name=value`. */
const OPTION = /([^,="]+)(?:=(?:"((?:\\"|[^"])*)"|([^,]*)))?(?:,|$)/g

function optionOf(name: string, value: string, location: SourceLocation): Options {
  if (name === 'cert-authority') return { certAuthority: true }
  if (name === 'namespaces') return { namespaces: value }
  if (name === 'valid-after') return { validAfter: timeOf(value, location) }
  if (name === 'valid-before') return { validBefore: timeOf(value, location) }
  throw refused(`the option "${name}" is not known`, location, 'Use namespaces, valid-after or valid-before.')
}

/** Local time, unless a Z says UTC. */
function timeOf(text: string, location: SourceLocation): Date {
  const [, year, month, day, hour = '00', minute = '00', second = '00', zone = ''] =
    /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(Z?)$/i.exec(text) ?? []
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone.toUpperCase()}`)
  const isThatDay = (zone === '' ? time.getDate() : time.getUTCDate()) === Number(day)
  if (isThatDay) return time
  throw refused(`"${text}" is no time`, location, 'Write it as YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS, with a Z for UTC.')
}

function refused(message: string, location: SourceLocation, next: string): UserError {
  return new UserError('bad-signers', message, { location, next })
}
