import pg from 'pg'
import { type ConnectionSettings, connectionSettings, type Server, type SessionAttributes } from '../config/connection-settings.js'
import type { Target } from '../config/target.js'
import { UserError } from '../errors.js'
import { errorCode, explain } from './connect-error.js'
import { openSession, type Session } from './session.js'
import { isUnix, limitTime, openSocket } from './socket.js'
import { TYPES } from './types.js'

export { maskUrl } from '../config/connection-string.js'
export type { Target } from '../config/target.js'

export interface ConnectOptions {
  readonly applicationName?: string
  /** Every transaction of the session is READ ONLY unless it says otherwise. */
  readonly readOnly?: boolean
}

/** Connects to the database that the target names. Fails with a UserError; a wrong password is tried once. */
export async function connect(target: Target, options: ConnectOptions = {}): Promise<Session> {
  const session =
    target.kind === 'embedded'
      ? await (await import('./embedded.js')).openEmbedded({ folder: target.folder })
      : await connectToFirst(settingsOf(target), options)
  if (options.readOnly === true) await session.execute('set session characteristics as transaction read only')
  return session
}

function settingsOf(target: Target & { readonly kind: 'url' }): ConnectionSettings {
  const settings = connectionSettings(target.url, process.env)
  return target.database === undefined ? settings : { ...settings, database: target.database }
}

/** Another database of the same server, to be reached in the same way. */
export function onDatabase(target: Target & { readonly kind: 'url' }, database: string): Target & { readonly kind: 'url' } {
  return { ...target, database }
}

function label(server: Server, settings: ConnectionSettings): string {
  return `${server.host}:${server.port}/${settings.database}`
}

/** Network errors and wrong roles lead to the next server of the list; what a server says to us itself does not. */
async function connectToFirst(settings: ConnectionSettings, options: ConnectOptions): Promise<Session> {
  const failures: UserError[] = []
  const attributes = settings.attributes ?? (settings.servers.length > 1 && options.readOnly !== true ? 'read-write' : 'any')
  const rounds = attributes === 'prefer-standby' ? (['standby', 'any'] as const) : [attributes]
  for (const wanted of rounds) {
    for (const server of settings.servers) {
      try {
        return await requireAttributes(await connectTo(server, settings, options), wanted)
      } catch (error) {
        const failure = explain(error, server, settings)
        if (!PASSED_OVER.has(failure.code)) throw failure
        failures.push(failure)
      }
    }
  }
  const [only] = failures
  if (failures.length === 1 && only !== undefined) throw only
  throw new UserError('connection-refused', `None of the servers can be used. ${failures.map((failure) => failure.message).join(' ')}`, {
    next: 'Correct the list of hosts in the database URL.',
    cause: new AggregateError(failures),
  })
}

const PASSED_OVER = new Set([
  'connection-refused',
  'unknown-host',
  'connection-timeout',
  'connection-closed',
  'connection-failed',
  'server-not-ready',
  'too-many-connections',
  'wrong-server-role',
])

async function requireAttributes(session: Session, wanted: SessionAttributes): Promise<Session> {
  if (wanted === 'any') return session
  const [state] = await session.query<{ readonly: boolean; standby: boolean }>(
    `select current_setting('transaction_read_only')::bool as readonly, pg_is_in_recovery() as standby`,
  )
  const fits = {
    'read-write': !state?.readonly,
    'read-only': state?.readonly,
    primary: !state?.standby,
    standby: state?.standby,
    'prefer-standby': true,
  }
  if (fits[wanted] === true) return session
  await session.close()
  throw new UserError('wrong-server-role', `${session.label} is not ${wanted}.`, {
    next: 'Correct target_session_attrs or the list of hosts.',
  })
}

/** INVALID_AUTHORIZATION: no entry of pg_hba.conf fits, which may be for want or for presence of TLS alone. */
const NOT_ADMITTED = '28000'

async function connectTo(server: Server, settings: ConnectionSettings, options: ConnectOptions): Promise<Session> {
  const { mode } = settings.ssl
  if (mode === 'disable' || isUnix(server)) return attempt(server, settings, options, 'no')
  if (mode !== 'allow' && mode !== 'prefer') return attempt(server, settings, options, 'yes')
  const [first, second] = mode === 'allow' ? (['no', 'yes'] as const) : (['if-offered', 'no'] as const)
  try {
    return await attempt(server, settings, options, first)
  } catch (error) {
    const code = errorCode(error)
    const otherWay = code === NOT_ADMITTED || (mode === 'prefer' && explain(error, server, settings).code.startsWith('tls-'))
    if (!otherWay) throw error
    return attempt(server, settings, options, second).catch((again: unknown) => {
      throw errorCode(again) === NOT_ADMITTED ? error : again
    })
  }
}

async function attempt(
  server: Server,
  settings: ConnectionSettings,
  options: ConnectOptions,
  encrypt: 'no' | 'if-offered' | 'yes',
): Promise<Session> {
  const socket = await openSocket(server, settings, encrypt)
  // It is connected; pg asks for that all the same, and listens for the event.
  const connected = Object.assign(socket, { connect: () => process.nextTick(() => socket.emit('connect')) })
  const client = new pg.Client({
    stream: () => connected,
    ssl: false,
    host: server.host,
    port: server.port,
    user: settings.user,
    database: settings.database,
    password: () => settings.passwordFor(server, settings.database) ?? missingPassword(settings, server),
    types: TYPES,
    application_name: options.applicationName ?? settings.applicationName ?? 'schemactl',
    enableChannelBinding: settings.channelBinding,
    ...(settings.options === undefined ? {} : { options: settings.options }),
  })
  const limit = limitTime(socket, settings.timeout)
  try {
    return await openSession(client, label(server, settings))
  } catch (error) {
    socket.destroy()
    throw error
  } finally {
    clearTimeout(limit)
  }
}

function missingPassword(settings: ConnectionSettings, server: Server): never {
  throw new UserError('password-missing', `The server at ${server.host}:${server.port} wants a password for user "${settings.user}".`, {
    next: 'Give it in the database URL, PGPASSWORD or ~/.pgpass (which only its owner may read).',
  })
}
