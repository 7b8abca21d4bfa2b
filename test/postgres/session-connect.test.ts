import { readFileSync } from 'node:fs'
import net, { type AddressInfo, type Server } from 'node:net'
import { join } from 'node:path'
import tls from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { connectionSettings } from '../../src/config/connection-settings.js'
import { connect } from '../../src/postgres/connect.js'
import { runServers } from '../servers/index.js'
import { ROOT } from '../servers/root.js'

const [server] = runServers()
if (server === undefined) throw new Error('no server')
const settings = connectionSettings(server.url, {})
const [where] = settings.servers
if (where === undefined) throw new Error('no server')
const credentials = `${settings.user}:${settings.passwordFor(where, settings.database) ?? ''}`
const CERTIFICATES = join(ROOT, 'test/postgres/certificates')
const AUTHORITY = join(CERTIFICATES, 'authority.crt')

/** Speaks TLS before the test server, which has none, with a certificate for `localhost`; counts its connections. */
function tlsInFront(): Server {
  return net.createServer((client) => {
    client.on('error', () => undefined)
    client.once('data', () => {
      client.write('S')
      const [key, cert] = ['localhost.key', 'localhost.crt'].map((file) => readFileSync(join(CERTIFICATES, file)))
      const plain = new tls.TLSSocket(client, { isServer: true, ...(key && cert ? { key, cert } : {}) })
      const upstream = net.connect(where?.port ?? 0, where?.address)
      plain.on('error', () => upstream.destroy())
      upstream.on('error', () => plain.destroy())
      plain.pipe(upstream).pipe(plain)
    })
  })
}

/** Accepts and never answers, or answers every login with one ErrorResponse. */
function stranger(code?: string): Server & { logins: number } {
  const stranger = Object.assign(
    net.createServer((client) => {
      client.on('error', () => undefined)
      client.on('data', (data) => {
        if (code === undefined) return
        if (data.length === 8) return void client.write('N')
        stranger.logins++
        const fields = Buffer.from(`SFATAL\0C${code}\0Msorry\0\0`)
        const head = Buffer.alloc(5, 'E')
        head.writeInt32BE(fields.length + 4, 1)
        client.end(Buffer.concat([head, fields]))
      })
    }),
    { logins: 0 },
  )
  return stranger
}

const servers: Server[] = []
async function listen<S extends Server>(one: S): Promise<S> {
  servers.push(one)
  await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve))
  return one
}
const portOf = (one: Server) => (one.address() as AddressInfo).port
afterAll(() => {
  for (const one of servers) one.close()
})

const open = async (url: string) => {
  const session = await connect({ kind: 'url', url })
  await session.close()
  return session.label
}

describe('TLS', () => {
  let front: Server
  beforeAll(async () => {
    front = await listen(tlsInFront())
  })
  const url = (host: string, parameters: string) => `postgresql://${credentials}@${host}:${portOf(front)}/postgres?${parameters}`

  test('verify-full refuses a certificate that nobody known has signed', async () => {
    await expect(open(url('localhost', 'sslmode=verify-full'))).rejects.toMatchObject({ name: 'UserError', code: 'tls-unverified' })
  })
  test('verify-full accepts the named authority', async () => {
    expect(await open(url('localhost', `sslmode=verify-full&sslrootcert=${AUTHORITY}`))).toContain('localhost')
  })
  test('verify-full refuses another host name, verify-ca does not look at it', async () => {
    await expect(open(url('127.0.0.1', `sslmode=verify-full&sslrootcert=${AUTHORITY}`))).rejects.toMatchObject({ code: 'tls-unverified' })
    expect(await open(url('127.0.0.1', `sslmode=verify-ca&sslrootcert=${AUTHORITY}`))).toContain('127.0.0.1')
  })
  test('require encrypts and verifies nothing, unless an authority is named', async () => {
    expect(await open(url('127.0.0.1', 'sslmode=require'))).toContain('127.0.0.1')
    await expect(open(url('localhost', `sslmode=require&sslrootcert=${join(CERTIFICATES, 'localhost.key')}`))).rejects.toMatchObject({
      code: 'tls-unverified',
    })
  })
  test('require refuses a server without', async () => {
    const plain = `postgresql://${credentials}@${where.host}:${where.port}/${settings.database}`
    await expect(open(`${plain}?sslmode=require`)).rejects.toMatchObject({ code: 'tls-missing' })
    expect(await open(`${plain}?sslmode=prefer`)).toContain(where.host)
  })
})

describe('errors', () => {
  test('say that no server answers, without the password', async () => {
    const one = await listen(stranger())
    const port = portOf(one)
    await new Promise((resolve) => one.close(resolve))
    await expect(open(`postgresql://me:hidden@127.0.0.1:${port}/db`)).rejects.toMatchObject({
      name: 'UserError',
      code: 'connection-refused',
      message: `No server answers at 127.0.0.1:${port}.`,
      next: expect.any(String),
    })
  })
  test('name an unknown database', async () => {
    const url = new URL(server.url)
    url.pathname = '/no_such_database'
    await expect(open(url.href)).rejects.toMatchObject({ code: 'unknown-database', message: expect.stringContaining('"no_such_database"') })
  })
  test('end a wait', async () => {
    const one = await listen(stranger())
    await expect(open(`postgresql://me@127.0.0.1:${portOf(one)}/db?connect_timeout=1`)).rejects.toMatchObject({
      code: 'connection-timeout',
    })
  })
  test('tell a wrong password, tried once', async () => {
    const one = await listen(stranger('28P01'))
    const failure = open(`postgresql://me:hidden@127.0.0.1:${portOf(one)}/db`)
    await expect(failure).rejects.toMatchObject({ code: 'wrong-password', message: expect.not.stringContaining('hidden') })
    expect(one.logins).toBe(1)
  })
  test('pass on why a user is not admitted', async () => {
    const one = await listen(stranger('28000'))
    await expect(open(`postgresql://me@127.0.0.1:${portOf(one)}/db`)).rejects.toMatchObject({ code: 'not-admitted' })
  })
})

describe('a list of hosts', () => {
  test('goes on to the next one where nobody answers', async () => {
    expect(await open(`postgresql://${credentials}@127.0.0.1:1,${where.host}:${where.port}/${settings.database}`)).toBe(
      `${where.host}:${where.port}/${settings.database}`,
    )
  })
  test('is searched for the wanted role', async () => {
    const url = `postgresql://${credentials}@${where.host}:${where.port}/${settings.database}?target_session_attrs=standby`
    await expect(open(url)).rejects.toMatchObject({ code: 'wrong-server-role' })
  })
})
