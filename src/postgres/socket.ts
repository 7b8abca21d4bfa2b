import { readFileSync } from 'node:fs'
import net from 'node:net'
import tls from 'node:tls'
import type { ConnectionSettings, Server } from '../config/connection-settings.js'
import { UserError } from '../errors.js'

/** SSLRequest: its length, then 1234 and 5679. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])

/** The server has no TLS although it was required. */
export class NoTls extends Error {}

/**
 * A socket to the server on which the protocol can start, encrypted or not. We negotiate TLS ourselves: @databases/pg verifies
 * nothing with sslmode=verify-full unless a root certificate is named.
 */
export async function openSocket(server: Server, settings: ConnectionSettings, encrypt: 'no' | 'if-offered' | 'yes'): Promise<net.Socket> {
  const socket = connectTo(server)
  const limit = limitTime(socket, settings.timeout)
  try {
    await event(socket, 'connect')
    socket.setNoDelay(true)
    socket.setKeepAlive(true, 60_000)
    if (encrypt === 'no' || isUnix(server)) return socket
    if (settings.ssl.direct || (await offersTls(socket))) return await upgrade(socket, server, settings)
    if (encrypt === 'if-offered') return socket
    throw new NoTls('the server has no TLS')
  } catch (error) {
    socket.destroy()
    throw error
  } finally {
    clearTimeout(limit)
  }
}

export function isUnix(server: Server): boolean {
  return server.address.startsWith('/')
}

function connectTo(server: Server): net.Socket {
  return isUnix(server)
    ? net.connect({ path: `${server.address}/.s.PGSQL.${server.port}` })
    : net.connect({ host: server.address, port: server.port })
}

/** Ends the socket with ETIMEDOUT unless the timer is cleared before; 0 is no limit. */
export function limitTime(socket: net.Socket, milliseconds: number): NodeJS.Timeout | undefined {
  if (milliseconds === 0) return undefined
  return setTimeout(() => socket.destroy(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })), milliseconds)
}

/** Resolves with the event's first argument; an error or the end of the socket rejects. */
function event(socket: net.Socket, name: 'connect' | 'data' | 'secureConnect'): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const settle = (action: () => void) => {
      socket.off('error', onError).off('close', onClose).off(name, onEvent)
      action()
    }
    const onError = (error: Error) => settle(() => reject(error))
    const onClose = () => settle(() => reject(Object.assign(new Error('the server closed the connection'), { code: 'ECONNRESET' })))
    const onEvent = (value: unknown) => settle(() => resolve(value))
    socket.on('error', onError).on('close', onClose).on(name, onEvent)
  })
}

async function offersTls(socket: net.Socket): Promise<boolean> {
  const answer = event(socket, 'data')
  socket.write(SSL_REQUEST)
  const data = await answer
  // More than the one byte would be text that somebody slipped in before the encryption (CVE-2021-23222).
  if (!(data instanceof Uint8Array) || data.length !== 1) throw new Error("the server does not speak PostgreSQL's protocol")
  return data[0] === 0x53
}

async function upgrade(socket: net.Socket, server: Server, { ssl }: ConnectionSettings): Promise<tls.TLSSocket> {
  const verifies = ssl.mode === 'verify-ca' || ssl.mode === 'verify-full'
  const secure = tls.connect({
    socket,
    rejectUnauthorized: verifies,
    // Not given to the name check by Node when it is an address (SNI holds no addresses), so it is checked by us.
    checkServerIdentity: (_, certificate) => (ssl.mode === 'verify-full' ? tls.checkServerIdentity(server.host, certificate) : undefined),
    ...(net.isIP(server.host) === 0 ? { servername: server.host } : {}),
    ...(ssl.direct ? { ALPNProtocols: ['postgresql'] } : {}),
    ...(verifies && ssl.rootCertificate !== undefined && ssl.rootCertificate !== 'system'
      ? { ca: read('sslrootcert', ssl.rootCertificate) }
      : {}),
    ...(ssl.certificate === undefined ? {} : { cert: read('sslcert', ssl.certificate) }),
    ...(ssl.key === undefined ? {} : { key: read('sslkey', ssl.key) }),
    ...(ssl.passphrase === undefined ? {} : { passphrase: ssl.passphrase }),
  })
  await event(secure, 'secureConnect')
  return secure
}

function read(keyword: string, file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new UserError('tls-file', `The file ${file} (${keyword}) cannot be read.`, {
      next: `Correct ${keyword} or the file's access rights.`,
      cause,
    })
  }
}
