import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
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
