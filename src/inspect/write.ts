import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, extname, join, relative } from 'node:path'
import { codeOf, onFile, UserError } from '../errors.js'
import { makeFolder } from '../folders.js'

export interface Written {
  /** Paths as given, below `folder`. */
  readonly files: readonly string[]
  readonly replaced: readonly string[]
  /** Schema files that were there and are not ours: they will be read along with the new ones. */
  readonly left: readonly string[]
}

/**
 * Writes all files or none: first beside their places under names that are not read, then by renaming. Refuses to replace what says
 * something else, and to write among other schema files, unless forced.
 */
export async function writeFiles(
  files: ReadonlyMap<string, string>,
  options: { readonly folder: string | null; readonly force: boolean },
): Promise<Written> {
  const replaced: string[] = []
  for (const [path, text] of files) {
    const there = await readIfThere(path)
    if (there !== null && there !== text) replaced.push(path)
  }
  const left = options.folder === null ? [] : (await schemaFiles(options.folder)).filter((path) => !files.has(path))
  if (!options.force) refuse(replaced, left, options.folder)
  const made: [from: string, to: string][] = []
  try {
    for (const [path, text] of files) {
      const beside = join(dirname(path), `.${process.pid}-${made.length}.part`)
      made.push([beside, path])
      await onFile(path, 'written', async () => {
        makeFolder(dirname(path))
        await writeFile(beside, text)
      })
    }
    for (const [from, to] of made) await onFile(to, 'written', () => rename(from, to))
  } catch (error) {
    await Promise.all(made.map(([from]) => rm(from, { force: true })))
    throw error
  }
  return { files: [...files.keys()], replaced, left }
}

function refuse(replaced: readonly string[], left: readonly string[], folder: string | null): void {
  if (replaced.length > 0)
    throw new UserError('file-exists', `Nothing was written: ${some(replaced)} would be replaced.`, {
      next: 'Name another place with --out, or replace with --force.',
    })
  if (left.length > 0 && folder !== null)
    throw new UserError(
      'folder-in-use',
      `Nothing was written: ${folder} has schema files of its own (${some(left.map((path) => relative(folder, path)))}).`,
      {
        next: 'Name an empty folder with --out, or write among them with --force.',
      },
    )
}

function some(paths: readonly string[]): string {
  return paths.length <= 3 ? paths.join(', ') : `${paths.slice(0, 3).join(', ')} and ${paths.length - 3} more`
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return null
    throw error
  }
}

async function schemaFiles(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder, { recursive: true })
    return names
      .filter(
        (name) =>
          ['.sql', '.yaml', '.yml'].includes(extname(name).toLowerCase()) &&
          !name.split('/').some((part) => part.startsWith('.') || part === 'node_modules'),
      )
      .map((name) => join(folder, name))
      .sort()
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}

/** A folder that is there; and, where nothing is, a path that a slash ends, or that has no extension, as files have. */
export async function isFolder(path: string): Promise<boolean> {
  return onFile(path, 'written', async () => {
    try {
      return (await stat(path)).isDirectory()
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return /[\\/]$/.test(path) || extname(path) === ''
      throw error
    }
  })
}
