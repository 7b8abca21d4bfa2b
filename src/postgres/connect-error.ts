import type { ConnectionSettings, Server } from '../config/connection-settings.js'
import { codeOf, messageOf, UserError } from '../errors.js'
import { isUnix, NoTls } from './socket.js'

type Explanation = readonly [code: string, message: string, next: string]

/** Why a connection was not to be had, as the user can act on it. No password is in it. */
export function explain(error: unknown, server: Server, settings: ConnectionSettings): UserError {
  if (error instanceof UserError) return error
  const at = isUnix(server) ? `${server.address}/.s.PGSQL.${server.port}` : `${server.host}:${server.port}`
  const [code, message, next] = explanation(error, at, settings, server)
  return new UserError(code, message, { next, cause: error })
}

function explanation(error: unknown, at: string, settings: ConnectionSettings, server: Server): Explanation {
  if (error instanceof NoTls)
    return [
      'tls-missing',
      `The server at ${at} has no TLS, which sslmode=${settings.ssl.mode} asks for.`,
      'Switch TLS on in the server, or use sslmode=prefer.',
    ]
  const text = messageOf(error)
  const code = errorCode(error)
  switch (code) {
    case 'ECONNREFUSED':
    case 'ENOENT':
      return ['connection-refused', `No server answers at ${at}.`, 'Start the server, or correct host and port in the database URL.']
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return ['unknown-host', `The host name ${server.address} is not known here.`, 'Correct the host in the database URL.']
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return [
        'connection-timeout',
        `No answer from ${at} in ${settings.timeout / 1000} s.`,
        'Check the network and firewalls in between, or give more time by connect_timeout.',
      ]
    case 'ECONNRESET':
      return ['connection-closed', `The server at ${at} closed the connection at once.`, 'Look into the log of the server.']
    case '3D000':
      return [
        'unknown-database',
        `There is no database "${settings.database}" at ${at}.`,
        'Correct the name in the database URL, or create the database.',
      ]
    case '28P01':
      return [
        'wrong-password',
        `The server at ${at} does not accept the password of user "${settings.user}".`,
        'Correct user and password in the database URL, PGPASSWORD or ~/.pgpass.',
      ]
    case '28000':
      return [
        'not-admitted',
        `The server at ${at} does not admit user "${settings.user}": ${text}.`,
        'Use another user or sslmode; or create the role, or add an entry to pg_hba.conf, on the server.',
      ]
    case '57P03':
      return ['server-not-ready', `The server at ${at} takes no connections now: ${text}.`, 'Try again in a moment.']
    case '53300':
      return [
        'too-many-connections',
        `The server at ${at} has no connection left: ${text}.`,
        'End other sessions, or raise max_connections.',
      ]
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return [
        'tls-unverified',
        `The certificate of ${at} is for another host: ${text}.`,
        'Use the host name of the certificate, or sslmode=verify-ca.',
      ]
  }
  if (code !== undefined && CERTIFICATE.test(code)) {
    return [
      'tls-unverified',
      `The certificate of ${at} cannot be verified: ${text}.`,
      'Name the certificate authority by sslrootcert=FILE.',
    ]
  }
  if (code?.startsWith('ERR_SSL') || code === 'EPROTO')
    return ['tls-failed', `TLS with ${at} failed: ${text}.`, 'Check sslmode, sslcert and sslkey.']
  return ['connection-failed', `No connection to ${at}: ${text}.`, 'Look into the log of the server.']
}

/** OpenSSL's reasons, such as DEPTH_ZERO_SELF_SIGNED_CERT or CERT_HAS_EXPIRED. */
const CERTIFICATE = /CERT|SELF_SIGNED|VERIFY|CRL|ISSUER/

export function errorCode(error: unknown): string | undefined {
  // Node joins the failures of several addresses of one name, and gives the sum no code of its own in all versions.
  return codeOf(error) ?? (error instanceof AggregateError ? codeOf(error.errors[0]) : undefined)
}
