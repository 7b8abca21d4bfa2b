import { existsSync } from 'node:fs'
import { relative } from 'node:path'
import { UserError } from '../errors.js'
import { readSource, type Source } from '../source/read.js'
import type { Workspace } from './workspace.js'

/** Fails also where the paths hold no file at all: as a schema, that would ask to drop everything. */
export async function readSchema(workspace: Workspace): Promise<Source> {
  const { schema, folder } = workspace
  const missing = schema.filter((path) => !existsSync(path))
  if (missing.length > 0) throw notThere(workspace, missing)
  const source = await readSource(schema, { cwd: folder })
  if (source.files.length > 0) return source
  throw new UserError('no-schema-files', `There is no .sql or .yaml file in ${namesOf(schema, folder)}.`, {
    next: 'Write one; schemactl inspect --out makes them from the database as it is.',
  })
}

function notThere({ schema, folder, inProject, project }: Workspace, missing: readonly string[]): UserError {
  const byFlag = schema !== project.schema
  if (!inProject && !byFlag)
    return new UserError('no-schema-files', 'There is no schemactl.yaml here or above, and no folder schema.', {
      next: 'schemactl init makes a project; or name the schema files with --schema.',
    })
  const location = byFlag ? undefined : project.schemaLocation
  const message = `There is no file or folder ${namesOf(missing, folder)}, where the schema files should be.`
  const right = byFlag ? 'Name it as it is called, after --schema' : 'Name it as it is called, under schema: in schemactl.yaml'
  return new UserError('no-schema-files', message, {
    ...(location && { location }),
    next: `${right}; where there are no schema files yet, schemactl inspect --out writes them from the database as it is.`,
  })
}

function namesOf(paths: readonly string[], folder: string): string {
  return paths.map((path) => (relative(folder, path).startsWith('..') ? path : relative(folder, path) || path)).join(', ')
}
