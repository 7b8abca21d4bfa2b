import { existsSync } from 'node:fs'
import { appendFile, readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onFile, UserError } from '../errors.js'
import { IGNORED, PROJECT_FILES } from './project-template.js'
import { writeWhole } from './whole-file.js'

export interface Initialised {
  readonly folder: string
  readonly written: readonly string[]
  /** There already, and left as they were. */
  readonly kept: readonly string[]
}

/**
 * Writes a small working project; nothing that is there is changed, but for lines that .gitignore lacks. Without `example`, for a database
 * that is there already, the schema folder has no objects that it lacks.
 */
export async function initProject(path: string, { example: wanted = true } = {}): Promise<Initialised> {
  const folder = resolve(path)
  if (existsSync(folder) && !(await stat(folder)).isDirectory())
    throw new UserError('not-a-folder', `${path} is a file.`, { next: 'Name a folder, or none for this one.' })
  // A schema folder that has files is the user's: the example would ask for tables that nobody wants.
  const isTaken = existsSync(join(folder, 'schema')) && (await readdir(join(folder, 'schema'))).length > 0
  const example = isTaken ? {} : wanted ? await exampleSchema() : { 'schema/.gitkeep': '' }
  const files = Object.entries({ ...PROJECT_FILES, ...example })
  const written: string[] = []
  const kept: string[] = []
  for (const [name, content] of files) ((await writeNew(join(folder, name), content)) ? written : kept).push(name)
  if (await ignoreMore(join(folder, '.gitignore'))) written.push('.gitignore')
  return { folder, written: written.sort(), kept: kept.sort() }
}

async function writeNew(path: string, content: string): Promise<boolean> {
  if (existsSync(path)) return false
  await writeWhole(path, content)
  return true
}

async function ignoreMore(path: string): Promise<boolean> {
  const now = existsSync(path) ? await onFile(path, 'read', () => readFile(path, 'utf8')) : ''
  const missing = IGNORED.filter((line) => !now.split(/\r?\n/).includes(line))
  if (missing.length === 0) return false
  await onFile(path, 'written', () => appendFile(path, `${now === '' || now.endsWith('\n') ? '' : '\n'}${missing.join('\n')}\n`))
  return true
}

async function exampleSchema(): Promise<{ readonly [path: string]: string }> {
  const folder = exampleFolder(dirname(fileURLToPath(import.meta.url)))
  const names = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
  return Object.fromEntries(
    await Promise.all(names.sort().map(async (name) => [join('schema', name), await readFile(join(folder, name), 'utf8')] as const)),
  )
}

/** The package's own: one folder up from the bundle, two from the source. */
function exampleFolder(from: string): string {
  const found = join(from, 'schema')
  if (existsSync(found) && existsSync(join(from, 'package.json'))) return found
  if (dirname(from) === from) throw new Error('the package has no folder schema')
  return exampleFolder(dirname(from))
}
