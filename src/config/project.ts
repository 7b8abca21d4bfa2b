import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { fileError, UserError } from '../errors.js'
import { readConfig } from './read-config.js'
import type { Drops, EnvironmentConfig, Project, Settings } from './settings.js'

const NAME = 'schemactl.yaml'

/**
 * The project that a folder belongs to: the nearest schemactl.yaml at or above it, or the given file. Without one, the folder
 * itself with all defaults. Fails with a UserError where the file is wrong.
 */
export async function loadProject(cwd: string, explicitFile?: string): Promise<Project> {
  const file = explicitFile === undefined ? findUpwards(resolve(cwd)) : existing(resolve(cwd, explicitFile))
  const folder = file === undefined ? resolve(cwd) : dirname(file)
  const said = readConfig(folder, file ?? NAME, file === undefined ? '' : readText(file))
  return { searchPath: ['public'], ...said, folder, ...(file === undefined ? {} : { file }), dotenv: readDotenv(folder) }
}

/** The project's settings with those of an environment put over them. */
export function settingsFor(
  project: Project,
  environment?: EnvironmentConfig,
): Settings & { readonly searchPath: readonly string[]; readonly drops: Drops } {
  // What cannot be lost twice: on a protected database, rows outlive what is dropped unless somebody says otherwise.
  const drops = environment?.drops ?? project.drops ?? (environment?.protected ? 'archive' : 'drop')
  return { ...project, ...environment, drops }
}

function findUpwards(folder: string): string | undefined {
  const file = join(folder, NAME)
  if (existsSync(file)) return file
  return dirname(folder) === folder ? undefined : findUpwards(dirname(folder))
}

function existing(path: string): string {
  const file = existsSync(path) && statSync(path).isDirectory() ? join(path, NAME) : path
  if (existsSync(file)) return file
  throw new UserError('no-config', `There is no file ${file}.`, { next: 'Correct --config, or make the file with schemactl init.' })
}

function readDotenv(folder: string): Readonly<Record<string, string | undefined>> {
  const file = join(folder, '.env')
  return existsSync(file) ? parseEnv(readText(file)) : {}
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw fileError(file, 'read', error)
  }
}
