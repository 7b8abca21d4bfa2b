import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Threads of one process have one id. */
const PREFIX = `schemactl-initdb-${process.pid}-`

export function makeInitdbFolder(): string {
  return mkdtempSync(join(tmpdir(), PREFIX))
}

/** For the end of the process: a thread that is ended with it removes nothing, and may be writing still. */
export function removeInitdbFolders(): void {
  try {
    for (const name of readdirSync(tmpdir()))
      if (name.startsWith(PREFIX)) rmSync(join(tmpdir(), name), { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
  } catch {
    // The system clears its temporary folder some day.
  }
}
