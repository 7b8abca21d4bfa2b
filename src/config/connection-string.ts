import { isIPv6 } from 'node:net'
import { UserError } from '../errors.js'

/** What a connection string says, by libpq's keywords; `host` and `port` may be lists with commas. */
export type Parameters = ReadonlyMap<string, string>

/** Keywords of libpq that change how we connect. */
const USED = [
  'host',
  'hostaddr',
  'port',
  'user',
  'password',
  'dbname',
  'passfile',
  'application_name',
  'options',
  'connect_timeout',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'sslpassword',
  'sslnegotiation',
  'channel_binding',
  'target_session_attrs',
]

/** Keywords of libpq that may stand there, and that make no difference here. */
const IGNORED = [
  'client_encoding',
  'fallback_application_name',
  'keepalives',
  'keepalives_idle',
  'keepalives_interval',
  'keepalives_count',
  'tcp_user_timeout',
  'gssencmode',
  'krbsrvname',
  'gsslib',
  'gssdelegation',
  'load_balance_hosts',
  'sslcompression',
  'sslsni',
  'ssl_min_protocol_version',
  'ssl_max_protocol_version',
  'sslcertmode',
  'max_protocol_version',
  'min_protocol_version',
]

const URI =
  /^postgres(?:ql)?(?<driver>\+\w+)?:\/\/(?:(?<user>[^:@/?]*)(?::(?<password>[^/?]*))?@)?(?<hosts>[^/?]*)(?:\/(?<dbname>[^?]*))?(?:\?(?<query>.*))?$/s

/** Reads libpq's URIs, SQLAlchemy's (`postgresql+psycopg://`), and `host=… dbname=…` strings. */
export function parseConnectionString(text: string): Parameters {
  const match = URI.exec(text.trim())
  if (match?.groups !== undefined) return parseUri(text, match.groups)
  if (/^\w+\s*=/.test(text.trim())) return parseKeywords(text)
  if (text.trim() === '')
    throw new UserError('invalid-url', 'The database URL is empty.', { next: 'Write it as postgresql://user:password@host:5432/database.' })
  throw invalid(text, 'it starts neither with postgresql:// nor with a keyword such as host=')
}

function parseUri(text: string, parts: Readonly<Record<string, string | undefined>>): Parameters {
  const found = new Map<string, string>()
  const set = (key: string, value: string | undefined) => {
    if (value !== undefined && value !== '') found.set(key, decode(text, value))
  }
  set('user', parts.user)
  set('password', parts.password)
  set('dbname', parts.dbname)
  if (parts.dbname?.includes('@')) throw invalid(text, 'a / in the password must be written %2F')
  // Split before decoding: a socket's folder is written %2Frun%2Fpostgresql:5433.
  setHosts(
    found,
    (parts.hosts ?? '')
      .split(',')
      .map((host) => splitHost(text, host))
      .map(([name, port]) => [decode(text, name), port]),
  )
  const query = (parts.query ?? '')
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => splitPair(text, pair))
  const hosts = query.filter(([key]) => key === 'host').map(([, value]) => value)
  // SQLAlchemy repeats host=name:port for each server.
  if (hosts.length > 0)
    setHosts(
      found,
      hosts.flatMap((value) => value.split(',')).map((host) => splitHost(text, host)),
    )
  for (const [key, value] of query) if (key !== 'host') setKeyword(found, text, key, value, parts.driver !== undefined)
  return found
}

function splitPair(text: string, pair: string): readonly [key: string, value: string] {
  const at = pair.indexOf('=')
  if (at < 0) throw invalid(text, `the parameter ${pair} has no value`)
  return [decode(text, pair.slice(0, at)), decode(text, pair.slice(at + 1))]
}

function decode(text: string, part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw invalid(text, 'a % in it is not followed by two hexadecimal digits (a % itself is written %25)')
  }
}

function splitHost(text: string, host: string): readonly [name: string, port: string] {
  if (host.startsWith('/')) return [host, '']
  const match = /^(?:\[(?<ip6>[^\]]*)\]|(?<name>[^:]*))(?::(?<port>\d*))?$/.exec(host)
  if (match?.groups !== undefined) return [match.groups.ip6 ?? match.groups.name ?? '', match.groups.port ?? '']
  // An IPv6 address without brackets has no port.
  if (isIPv6(host)) return [host, '']
  throw invalid(text, 'its host cannot be read (a special character in the password is written as % and two hexadecimal digits)')
}

function setHosts(found: Map<string, string>, hosts: readonly (readonly [string, string])[]): void {
  if (hosts.some(([name]) => name !== '')) found.set('host', hosts.map(([name]) => name).join(','))
  if (hosts.some(([, port]) => port !== '')) found.set('port', hosts.map(([, port]) => port).join(','))
}

function setKeyword(found: Map<string, string>, text: string, key: string, value: string, othersToo: boolean): void {
  // asyncpg and others say ssl=require, or ssl=true.
  if (key === 'ssl') found.set('sslmode', value === 'true' || value === '1' ? 'require' : value === 'false' ? 'disable' : value)
  else if (USED.includes(key)) found.set(key, value)
  // A Python driver takes parameters of its own, which only concern it.
  else if (!IGNORED.includes(key) && !othersToo)
    throw invalid(
      text,
      `the parameter "${key}" is not known`,
      'Take it out: libpq does not know it either, and other programs take such parameters for themselves.',
    )
}

function parseKeywords(text: string): Parameters {
  const found = new Map<string, string>()
  const pair = /\s*(\w+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))(?=\s|$)\s*/suy
  for (let at = 0; at < text.length; at = pair.lastIndex) {
    pair.lastIndex = at
    const [, key, quoted, plain] = pair.exec(text) ?? []
    if (key === undefined) throw invalid(text, `it cannot be read from character ${at + 1} on`)
    setKeyword(found, text, key, (quoted ?? plain ?? '').replace(/\\(.)/gs, '$1'), false)
  }
  return found
}

function invalid(text: string, reason: string, next = 'Write it as postgresql://user:password@host:5432/database.'): UserError {
  return new UserError('invalid-url', `The database URL ${maskUrl(text)} cannot be used: ${reason}.`, {
    next,
  })
}

/** The connection string without its passwords, and not too long to be read. Spoilt as it may be: too much hidden is better than too little. */
export function maskUrl(text: string): string {
  const masked = maskAuthority(text).replace(PARAMETER, (whole, before: string, key: string) =>
    SHOWN.has(key.toLowerCase()) ? whole : `${before}***`,
  )
  return masked.length > LONGEST ? `${masked.slice(0, LONGEST)}…` : masked
}

const LONGEST = 300
const PARAMETER = /((?:^|[?&\s])([\w-]+)\s*=\s*)(?:'(?:[^'\\]|\\.)*'?|[^\s&]*)/g
const SHOWN: ReadonlySet<string> = new Set([...USED, ...IGNORED].filter((key) => !/password/.test(key)))

/** What stands between the user's name and the last @ of all that could be a password. */
function maskAuthority(text: string): string {
  const start = /^\s*[\w+]*:?\/\//.exec(text)?.[0].length ?? 0
  const at = text.lastIndexOf('@')
  const end = at >= 0 ? at : start > 0 ? start + text.slice(start).search(/[/?]|$/) : text.search(/\s|$/)
  const found = text.slice(start, end)
  const colon = found.indexOf(':')
  if (colon < 0 || (at < 0 && HOSTS.test(found))) return text
  return `${text.slice(0, start + colon)}:***${text.slice(end)}`
}

/** Hosts with their ports, without a user. */
const HOSTS = /^(?:(?:\[[^\]]*\]|[^:,]*)(?::\d*)?(?:,|$))+$/
