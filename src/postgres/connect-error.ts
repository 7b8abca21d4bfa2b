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
      `the server at ${at} has no TLS, which sslmode=${settings.ssl.mode} asks for`,
      'switch TLS on in the server, or use sslmode=prefer',
    ]
  const text = messageOf(error)
  const code = errorCode(error)
  switch (code) {
    case 'ECONNREFUSED':
    case 'ENOENT':
      return ['connection-refused', `no server answers at ${at}`, 'start the server, or correct host and port in the database URL']
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return ['unknown-host', `the host name ${server.address} is not known here`, 'correct the host in the database URL']
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return [
        'connection-timeout',
        `no answer from ${at} in ${settings.timeout / 1000} s`,
        'check the network and firewalls in between, or give more time by connect_timeout',
      ]
    case 'ECONNRESET':
      return ['connection-closed', `the server at ${at} closed the connection at once`, 'look into the log of the server']
    case '3D000':
      return [
        'unknown-database',
        `there is no database "${settings.database}" at ${at}`,
        'correct the name in the database URL, or create the database',
      ]
    case '28P01':
      return [
        'wrong-password',
        `the server at ${at} does not accept the password of user "${settings.user}"`,
        'correct user and password in the database URL, PGPASSWORD or ~/.pgpass',
      ]
    case '28000':
      return [
        'not-admitted',
        `the server at ${at} does not admit user "${settings.user}": ${text}`,
        'use another user or sslmode; or create the role, or add an entry to pg_hba.conf, on the server',
      ]
    case '57P03':
      return ['server-not-ready', `the server at ${at} takes no connections now: ${text}`, 'try again in a moment']
    case '53300':
      return ['too-many-connections', `the server at ${at} has no connection left: ${text}`, 'end other sessions, or raise max_connections']
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return [
        'tls-unverified',
        `the certificate of ${at} is for another host: ${text}`,
        'use the host name of the certificate, or sslmode=verify-ca',
      ]
  }
  if (code !== undefined && CERTIFICATE.test(code)) {
    return ['tls-unverified', `the certificate of ${at} cannot be verified: ${text}`, 'name the certificate authority by sslrootcert=FILE']
  }
  if (code?.startsWith('ERR_SSL') || code === 'EPROTO')
    return ['tls-failed', `TLS with ${at} failed: ${text}`, 'check sslmode, sslcert and sslkey']
  return ['connection-failed', `no connection to ${at}: ${text}`, 'look into the log of the server']
}

/** OpenSSL's reasons, such as DEPTH_ZERO_SELF_SIGNED_CERT or CERT_HAS_EXPIRED. */
const CERTIFICATE = /CERT|SELF_SIGNED|VERIFY|CRL|ISSUER/

export function errorCode(error: unknown): string | undefined {
  // Node joins the failures of several addresses of one name, and gives the sum no code of its own in all versions.
  return codeOf(error) ?? (error instanceof AggregateError ? codeOf(error.errors[0]) : undefined)
}
