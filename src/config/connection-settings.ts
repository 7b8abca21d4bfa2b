import { existsSync, readFileSync, statSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'
import { UserError } from '../errors.js'
import { parseConnectionString } from './connection-string.js'

export const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const
export type SslMode = (typeof SSL_MODES)[number]

export const SESSION_ATTRIBUTES = ['any', 'read-write', 'read-only', 'primary', 'standby', 'prefer-standby'] as const
export type SessionAttributes = (typeof SESSION_ATTRIBUTES)[number]

export interface Server {
  /** A name, an address, or the folder of a Unix socket. */
  readonly host: string
  /** Where to connect, when the name is only for the certificate. */
  readonly address: string
  readonly port: number
}

export interface ConnectionSettings {
  readonly servers: readonly Server[]
  readonly user: string
  readonly database: string
  readonly passwordFor: (server: Server, database: string) => string | undefined
  readonly ssl: {
    readonly mode: SslMode
    readonly direct: boolean
    readonly rootCertificate?: string
    readonly certificate?: string
    readonly key?: string
    readonly passphrase?: string
  }
  readonly channelBinding: boolean
  readonly options?: string
  readonly applicationName?: string
  /** Milliseconds to the first answer of one server; 0 is no limit. */
  readonly timeout: number
  readonly attributes?: SessionAttributes
}

export type Environment = Readonly<Record<string, string | undefined>>

const VARIABLES: Readonly<Record<string, string>> = {
  host: 'PGHOST',
  hostaddr: 'PGHOSTADDR',
  port: 'PGPORT',
  user: 'PGUSER',
  password: 'PGPASSWORD',
  dbname: 'PGDATABASE',
  passfile: 'PGPASSFILE',
  application_name: 'PGAPPNAME',
  options: 'PGOPTIONS',
  connect_timeout: 'PGCONNECT_TIMEOUT',
  sslmode: 'PGSSLMODE',
  sslrootcert: 'PGSSLROOTCERT',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
  sslnegotiation: 'PGSSLNEGOTIATION',
  channel_binding: 'PGCHANNELBINDING',
  target_session_attrs: 'PGTARGETSESSIONATTRS',
}

/** libpq waits for ever; a tool that runs from cron must not. Seconds. */
const DEFAULT_TIMEOUT = '15'

/** What the string says, then the PG* variables, then libpq's defaults. */
export function connectionSettings(text: string, environment: Environment): ConnectionSettings {
  const given = parseConnectionString(text)
  const get = (key: string) => given.get(key) ?? (environment[VARIABLES[key] ?? ''] || undefined)
  const user = get('user') ?? accountName()
  const database = get('dbname') ?? user
  const passfile = get('passfile') ?? join(homeFolder(), '.pgpass')
  const password = get('password')
  return {
    servers: servers(get),
    user,
    database,
    passwordFor: (server, database) => password ?? passwordFromFile(passfile, server, database, user),
    ssl: sslSettings(get),
    channelBinding: get('channel_binding') !== 'disable',
    timeout: timeout(get('connect_timeout') ?? DEFAULT_TIMEOUT),
    ...optional('options', get('options')),
    ...optional('applicationName', get('application_name')),
    ...optional('attributes', oneOf('target_session_attrs', SESSION_ATTRIBUTES, get('target_session_attrs'))),
  }
}

/** Neither an account nor a home folder needs to be there: a container may run as any number. */
function accountName(): string {
  try {
    return userInfo().username
  } catch (cause) {
    throw new UserError('no-user', 'The database URL names no user, and this system has no name for the one that runs schemactl.', {
      next: 'Name the user in the database URL, or by PGUSER.',
      cause,
    })
  }
}

function homeFolder(): string {
  try {
    return homedir()
  } catch {
    return '/'
  }
}

type Get = (key: string) => string | undefined

/** `{}` where there is no value, since an optional property is either there or not. */
function optional<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  // TypeScript widens a computed key to string.
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V }
}

function oneOf<T extends string>(keyword: string, allowed: readonly T[], value: string | undefined): T | undefined {
  if (value === undefined) return undefined
  const found = allowed.find((candidate) => candidate === value)
  if (found !== undefined) return found
  throw new UserError('invalid-url', `${keyword} cannot be "${value}".`, { next: `Use one of ${allowed.join(', ')}.` })
}

function timeout(text: string): number {
  const seconds = Number(text)
  if (!Number.isFinite(seconds)) throw new UserError('invalid-url', `connect_timeout cannot be "${text}".`, { next: 'Give it in seconds.' })
  return seconds <= 0 ? 0 : seconds * 1000
}

function servers(get: Get): Server[] {
  const hosts = (get('host') ?? '').split(',')
  const addresses = (get('hostaddr') ?? '').split(',')
  const ports = (get('port') ?? '').split(',')
  const count = Math.max(hosts.length, addresses.length)
  return Array.from({ length: count }, (_, index) => {
    const port = portOf(ports.length === 1 ? ports[0] : ports[index])
    const address = addresses[index] || undefined
    const host = (hosts[index] || address) ?? defaultHost(port)
    return { host, address: address ?? host, port }
  })
}

function portOf(text: string | undefined): number {
  if (text === undefined || text === '') return 5432
  const port = Number(text)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  throw new UserError('invalid-url', `The port cannot be "${text}".`, { next: 'Use a number from 1 to 65535.' })
}

/** A local socket where there is one, as libpq prefers it. */
function defaultHost(port: number): string {
  const folders = ['/var/run/postgresql', '/tmp']
  return folders.find((folder) => existsSync(join(folder, `.s.PGSQL.${port}`))) ?? 'localhost'
}

function sslSettings(get: Get): ConnectionSettings['ssl'] {
  const own = (file: string) => {
    const path = join(homeFolder(), '.postgresql', file)
    return existsSync(path) ? path : undefined
  }
  const certificate = get('sslcert') ?? own('postgresql.crt')
  const rootCertificate = get('sslrootcert') ?? own('root.crt')
  const mode = oneOf('sslmode', SSL_MODES, get('sslmode')) ?? (get('sslrootcert') === 'system' ? 'verify-full' : 'prefer')
  return {
    // As libpq does: who names a root certificate wants it used.
    mode: mode === 'require' && rootCertificate !== undefined ? 'verify-ca' : mode,
    direct: get('sslnegotiation') === 'direct',
    ...optional('rootCertificate', rootCertificate),
    ...optional('certificate', certificate),
    ...optional('key', get('sslkey') ?? (certificate === undefined ? undefined : own('postgresql.key'))),
    ...optional('passphrase', get('sslpassword')),
  }
}

function passwordFromFile(file: string, server: Server, database: string, user: string): string | undefined {
  if (!existsSync(file)) return undefined
  // libpq does not read a password file that others could.
  if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0) return undefined
  const host = server.host.startsWith('/') ? 'localhost' : server.host
  const wanted = [host, String(server.port), database, user]
  for (const line of readFileSync(file, 'utf8').split(/\r?\n/)) {
    if (line.startsWith('#')) continue
    const fields = [...line.matchAll(/((?:[^:\\]|\\.)*)(?::|$)/g)].map(([, field]) => (field ?? '').replace(/\\(.)/g, '$1'))
    if (wanted.every((value, index) => fields[index] === '*' || fields[index] === value)) return fields[4]
  }
  return undefined
}
