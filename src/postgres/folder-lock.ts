import { linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { codeOf, UserError } from '../errors.js'
import { makeFolder } from '../folders.js'

interface Holder {
  readonly pid: number
  readonly host: string
  /** Tells a process from a later one with the same pid; empty where the system does not say. */
  readonly started: string
}

export interface FolderLock {
  release(): void
}

const PATIENCE = 3_000
const HEARTBEAT = 10_000
/** How long a lock of another host, whose processes cannot be asked, may go without a heartbeat. */
const OTHER_HOST_PATIENCE = 60_000

/**
 * Keeps others from opening the folder, as PostgreSQL's own lock does not work inside WebAssembly. The lock is the file
 * `<folder>.lock`. One whose holder is gone is taken over; one that is held is waited for some seconds.
 */
export async function lockFolder(folder: string, patience = PATIENCE): Promise<FolderLock> {
  const file = `${folder}.lock`
  makeFolder(dirname(file))
  for (const end = Date.now() + patience; ; ) {
    if (create(file)) return hold(file)
    const holder = readHolder(file)
    if (holder === undefined || isGone(file, holder)) takeAway(file, holder)
    else if (Date.now() >= end) throw inUse(folder, holder)
    else await wait(100)
  }
}

function inUse(folder: string, holder: Holder): UserError {
  const where = holder.host === hostname() ? '' : ` on ${holder.host}`
  return new UserError('database-in-use', `the embedded database ${folder} is in use by process ${holder.pid}${where}`, {
    next: `wait for it to end, or stop it: kill ${holder.pid}`,
  })
}

function create(file: string): boolean {
  const own = `${file}.${process.pid}`
  writeFileSync(own, JSON.stringify({ pid: process.pid, host: hostname(), started: startOf(process.pid) } satisfies Holder))
  try {
    // Linked, not written, so that nobody ever reads half a lock.
    linkSync(own, file)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  } finally {
    rmSync(own, { force: true })
  }
}

function readHolder(file: string): Holder | undefined {
  try {
    const read: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return isHolder(read) ? read : undefined
  } catch {
    return undefined
  }
}

function isHolder(value: unknown): value is Holder {
  if (typeof value !== 'object' || value === null) return false
  const { pid, host, started } = value as Partial<Record<keyof Holder, unknown>>
  return typeof pid === 'number' && typeof host === 'string' && typeof started === 'string'
}

function isGone(file: string, holder: Holder): boolean {
  if (holder.host !== hostname()) return Date.now() - lastSign(file) > OTHER_HOST_PATIENCE
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    // EPERM: it lives and is somebody else's.
    if (codeOf(error) === 'ESRCH') return true
  }
  return holder.started !== '' && startOf(holder.pid) !== holder.started
}

function lastSign(file: string): number {
  try {
    return statSync(file).mtimeMs
  } catch {
    return 0
  }
}

/** Field 22 of /proc/<pid>/stat, counted after the command, which may hold blanks. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}

/** Moved before it is judged again: of two that find it stale at once, the second must not remove the first one's new lock. */
function takeAway(file: string, expected: Holder | undefined): void {
  const aside = `${file}.${process.pid}.stale`
  try {
    renameSync(file, aside)
    if (JSON.stringify(readHolder(aside)) !== JSON.stringify(expected)) linkSync(aside, file)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'EEXIST') throw error
  } finally {
    rmSync(aside, { force: true })
  }
}

const held = new Set<() => void>()

function hold(file: string): FolderLock {
  const heartbeat = setInterval(() => touch(file), HEARTBEAT)
  heartbeat.unref()
  const release = () => {
    if (!held.delete(release)) return
    clearInterval(heartbeat)
    rmSync(file, { force: true })
    if (held.size === 0) stopListening()
  }
  if (held.size === 0) listen()
  held.add(release)
  return { release }
}

function touch(file: string): void {
  const now = new Date()
  try {
    utimesSync(file, now, now)
  } catch {
    // Removed by hand: nothing is left to keep alive.
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

function listen(): void {
  process.on('exit', releaseAll)
  for (const signal of SIGNALS) process.on(signal, endBySignal)
}

function stopListening(): void {
  process.off('exit', releaseAll)
  for (const signal of SIGNALS) process.off(signal, endBySignal)
}

function releaseAll(): void {
  for (const release of [...held]) release()
}

/** Listening takes away a signal's usual end of the process: unless somebody else listens too, it is given back. */
function endBySignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return
  releaseAll()
  process.kill(process.pid, signal)
}
