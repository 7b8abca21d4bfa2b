import { rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { onFile } from '../errors.js'
import { makeFolder } from '../folders.js'

/** Writes a file that is whole or not there: beside its place first, under a name that nobody reads, then by renaming. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const half = join(dirname(path), `.${basename(path)}.${process.pid}.part`)
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
