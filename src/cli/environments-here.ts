import type { EnvironmentConfig } from '../config/settings.js'
import { labelOf, resolveTarget } from '../config/target.js'
import { UserError } from '../errors.js'
import type { Workspace } from './workspace.js'

/** The environments whose database this is, whichever way it was named; the one that --env named comes first. */
export function environmentsHere(workspace: Pick<Workspace, 'environment' | 'project' | 'target'>): readonly EnvironmentConfig[] {
  const { environment, project } = workspace
  const others = [...project.environments.values()].filter((other) => other !== environment && isThis(workspace, other))
  return environment === null ? others : [environment, ...others]
}

/** By host, port and database; an environment whose URL lacks a variable here is none that we could be on. */
function isThis({ project, target }: Pick<Workspace, 'project' | 'target'>, { name, url }: EnvironmentConfig): boolean {
  if (url === undefined) return false
  try {
    const other = resolveTarget(project, { env: name }, process.env)
    return other.label === labelOf(target, process.env)
  } catch (error) {
    if (error instanceof UserError && error.code === 'missing-variable') return false
    throw error
  }
}
