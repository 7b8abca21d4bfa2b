import { UserError } from '../errors.js'
import { environmentsHere } from './environments-here.js'
import type { Workspace } from './workspace.js'

/** Throws where the database belongs to an environment that is protected, or that wants plans to be approved, whichever way it was named. */
export function refuseProtected(workspace: Workspace, verb: string): void {
  const found = environmentsHere(workspace).find((other) => other.protected || other.requireSignatures > 0)
  if (found === undefined) return
  const why = found.protected ? 'is protected' : 'wants plans to be signed'
  throw new UserError('protected', `The environment ${found.name} ${why}: schemactl ${verb} does not touch its database.`, {
    next: 'Use schemactl plan and apply there; name another database with --env or --url for development.',
  })
}
