import type { EnvironmentConfig } from '../config/settings.js'
import { labelOf, resolveTarget } from '../config/target.js'
import { UserError } from '../errors.js'
import type { Workspace } from './workspace.js'

/** Throws where the database belongs to an environment marked `protected`, whichever way it was named. */
export function refuseProtected(workspace: Workspace, verb: string): void {
  const named = workspace.environment?.protected === true ? workspace.environment : undefined
  const found = named ?? [...workspace.project.environments.values()].find((other) => other.protected && isThis(workspace, other))
  if (found === undefined) return
  throw new UserError('protected', `The environment ${found.name} is protected: schemactl ${verb} does not touch its database.`, {
    next: 'Use schemactl plan and apply there; name another database with --env or --url for development.',
  })
}

/** By host, port and database; an environment whose URL lacks a variable here is none that we could be on. */
function isThis({ project, target }: Workspace, { name, url }: EnvironmentConfig): boolean {
  if (url === undefined) return false
  try {
    const other = resolveTarget(project, { env: name }, process.env)
    return other.label === labelOf(target, process.env)
  } catch (error) {
    if (error instanceof UserError && error.code === 'missing-variable') return false
    throw error
  }
}
