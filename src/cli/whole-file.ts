import { existsSync, statSync } from 'node:fs'
import { open, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { onFile } from '../errors.js'
import { makeFolder } from '../folders.js'

/** Writes a file that is whole or not there: beside its place first, under a name that nobody reads, then by renaming. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const half = partIn(dirname(path), path)
  await onFile(dirname(path), 'written', () => makeFolder(dirname(path)))
  await onFile(path, 'written', async () => {
    try {
      await writeFile(half, text)
      await rename(half, path)
    } catch (error) {
      await rm(half, { force: true })
      throw error
    }
  })
}

function partIn(folder: string, path: string): string {
  return join(folder, `.${basename(path)}.${process.pid}.part`)
}

/** Throws UserError where `writeWhole` is going to: before work that takes long. */
export async function refuseUnwritable(path: string): Promise<void> {
  await onFile(path, 'written', async () => {
    if (existsSync(path) && statSync(path).isDirectory()) await open(path, 'r+')
    let folder = dirname(resolve(path))
    while (!existsSync(folder)) folder = dirname(folder)
    const probe = partIn(folder, path)
    // Rights alone do not tell: a root may do all, and not write to what is mounted read-only.
    await writeFile(probe, '')
    await rm(probe)
  })
}
