import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serverAccount } from './account.js'
import { environment, readableNative } from './binaries.js'
import { query } from './databases.js'
import { SETTINGS, type TestServer } from './server.js'

/**
 * Starts PostgreSQL of a major on a free port of 127.0.0.1, in a folder of its own. It ends with `stop()` or with this
 * process, whatever way that dies, and takes its folder with it.
 */
export async function startServer(major: number): Promise<TestServer> {
  const home = serverHome(major)
  try {
    const native = readableNative(major, home)
    initialise(native, home)
    const port = await freePort()
    const guard = launch(native, home, port)
    const url = `postgres://postgres@127.0.0.1:${port}/postgres`
    await ready(url, guard, join(home, 'log'))
    return { major, url, port, origin: 'embedded', stop: () => stopped(guard) }
  } catch (error) {
    rmSync(home, { recursive: true, force: true })
    throw error
  }
}

function serverHome(major: number): string {
  const home = mkdtempSync(join(tmpdir(), `schemactl-pg${major}-`))
  const { uid, gid } = serverAccount()
  if (uid !== undefined && gid !== undefined) chownSync(home, uid, gid)
  chmodSync(home, 0o700)
  return home
}

function initialise(native: string, home: string): void {
  const { status, stderr, error } = spawnSync(
    join(native, 'bin/initdb'),
    ['-D', join(home, 'data'), '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'],
    { ...serverAccount(), cwd: '/', env: environment(native), encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`initdb failed: ${stderr}`, { cause: error })
}

// The guard outlives us by a moment: when our end of descriptor 3 closes, for whatever reason, it stops the server.
const GUARD = `
  trap '' HUP INT TERM
  home=$1; shift
  "$@" 3<&- &
  server=$!
  (cat <&3 >/dev/null; kill -INT $server 2>/dev/null) &
  wait $server
  cd / && rm -rf "$home"
`

function launch(native: string, home: string, port: number): ChildProcess {
  const settings = { ...SETTINGS, port: String(port), listen_addresses: '127.0.0.1', unix_socket_directories: '' }
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const log = openSync(join(home, 'log'), 'a')
  const guard = spawn('sh', ['-c', GUARD, 'guard', home, join(native, 'bin/postgres'), '-D', join(home, 'data'), ...options], {
    ...serverAccount(),
    cwd: '/',
    env: environment(native),
    detached: true,
    stdio: ['ignore', log, log, 'pipe'],
  })
  closeSync(log)
  // Neither may keep a finished test run alive: the server is to end with it.
  guard.unref()
  lifeline(guard).unref()
  return guard
}

function lifeline(guard: ChildProcess): Socket {
  // stdio[3] was asked for as a pipe, which Node makes a socket.
  return guard.stdio[3] as Socket
}

async function ready(url: string, guard: ChildProcess, log: string): Promise<void> {
  for (const end = Date.now() + 90_000; ; await new Promise((resume) => setTimeout(resume, 50))) {
    try {
      await query(url, 'select 1')
      return
    } catch (error) {
      if (guard.exitCode === null && Date.now() < end) continue
      throw new Error(`the test server did not start: ${readLog(log)}`, { cause: error })
    }
  }
}

function readLog(path: string): string {
  try {
    return readFileSync(path, 'utf8').slice(-2000)
  } catch {
    return 'its log is gone'
  }
}

async function stopped(guard: ChildProcess): Promise<void> {
  if (guard.exitCode !== null) return
  guard.ref()
  const exit = new Promise((resume) => guard.once('exit', resume))
  lifeline(guard).destroy()
  await exit
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resume) => probe.listen(0, '127.0.0.1', resume))
  const { port } = probe.address() as AddressInfo
  await new Promise((resume) => probe.close(resume))
  return port
}
