import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { threadId } from 'node:worker_threads'
import { codeOf } from './errors.js'

/** Makes the folder, and those above it that are not there. One by one: where mkdir says ENOENT, as in /proc, Node's `recursive` tries for ever. */
export function makeFolder(path: string, mode?: number): void {
  const missing: string[] = []
  for (let folder = resolve(path); !existsSync(folder); folder = dirname(folder)) missing.unshift(folder)
  // What stands there and is no folder is told by mkdir.
  if (missing.length === 0 && !statSync(path).isDirectory()) missing.push(path)
  for (const folder of missing) makeOne(folder, mode)
}

function makeOne(folder: string, mode: number | undefined): void {
  try {
    mkdirSync(folder, { mode })
  } catch (error) {
    // Another process was there first.
    if (codeOf(error) !== 'EEXIST' || !existsSync(folder) || !statSync(folder).isDirectory()) throw error
  }
}

/** Where this user may keep what can be made again: by the XDG convention, else below the temporary folder, unless somebody else has made that one. */
export function cacheFolders(): string[] {
  const { XDG_CACHE_HOME } = process.env
  const own = XDG_CACHE_HOME === undefined || XDG_CACHE_HOME === '' ? join(homedir(), '.cache') : XDG_CACHE_HOME
  // Not userInfo(), which fails for a number without a name; Windows has none, and a temporary folder for each user.
  const uid = process.getuid?.() ?? -1
  const temporary = join(tmpdir(), `schemactl-${uid}`)
  const foreign = existsSync(temporary) && uid >= 0 && statSync(temporary).uid !== uid
  return [join(own, 'schemactl'), ...(foreign ? [] : [temporary])]
}

/** Whole or not at all; false where the folder cannot be written to. Older ones of its sort (the name's first word) go in time. */
export function keepFile(file: string, parts: readonly Uint8Array[]): boolean {
  const partial = `${file}.${process.pid}-${threadId}`
  try {
    makeFolder(dirname(file), 0o700)
    writeFileSync(partial, Buffer.concat(parts))
    renameSync(partial, file)
    removeOlder(file)
    return true
  } catch {
    removeIfThere(partial)
    return false
  }
}

function removeIfThere(file: string): void {
  try {
    rmSync(file, { force: true })
  } catch {
    // Its folder is not one: nothing was written.
  }
}

const MONTH = 30 * 24 * 3_600_000

/** Other versions may be in use side by side; what nobody has made for a month goes, left-overs of a crash included. */
function removeOlder(file: string): void {
  const sort = basename(file).split('-')[0]
  for (const name of readdirSync(dirname(file))) {
    const other = join(dirname(file), name)
    if (name.startsWith(`${sort}-`) && other !== file && Date.now() - statSync(other).mtimeMs > MONTH) rmSync(other, { force: true })
  }
}
