import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The project's folder, seen from this file or from the bundle of it that plain Node runs. */
export const ROOT = projectAbove(dirname(fileURLToPath(import.meta.url)))

/** What is fetched or compiled once for tests: it outlives `npm ci`. */
export const CACHE = process.env.SCHEMACTL_TEST_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'schemactl-test')

function projectAbove(folder: string): string {
  return existsSync(join(folder, 'jest.config.js')) ? folder : projectAbove(dirname(folder))
}
