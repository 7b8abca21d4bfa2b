import { idOf } from '../catalog/id.js'
import { codeOf, UserError } from '../errors.js'
import { kindOf } from '../kinds/registry.js'
import type { Plan } from './plan.js'
import type { Request } from './stage.js'

/** The kind that all this is about; the engine names no other. */
export const ROLE = 'role'

/** Does any of these plans make, change or drop a role? Then it cannot be tried out on a server. */
export function changeRoles(plans: readonly Plan[]): boolean {
  return plans.some(({ segments }) =>
    segments.some(({ before, after }) =>
      Object.keys({ ...before, ...after }).some((key) => (before[key] ?? null) !== (after[key] ?? null) && isKeyOfRoles(key)),
    ),
  )
}

/** Names of the roles that these plans drop, which no file says. */
export function rolesDropped(plans: readonly Plan[]): string[] {
  const after = plans.flatMap(({ segments }) => segments.flatMap((segment) => Object.entries(segment.after)))
  const last = new Map(after)
  const first = new Map(plans.flatMap(({ segments }) => segments.flatMap(({ before }) => Object.entries(before))).reverse())
  return [...last].flatMap(([key, print]) => {
    const { kind, path } = idOf(key)
    return kind === ROLE && print === null && first.get(key) ? (path[0] ?? []) : []
  })
}

/** Is it compared while steps run? Of roles, only what these are to change: others may be made, changed and dropped meanwhile. */
export function comparedMeanwhile(
  { rolesChanged }: Pick<Request, 'rolesChanged'>,
  compared: (key: string) => boolean,
): (key: string) => boolean {
  return (key) => compared(key) && (!isKeyOfRoles(key) || rolesChanged?.has(key) === true)
}

/** A role, what it is a member of, its settings or its comment. */
function isKeyOfRoles(key: string): boolean {
  const { kind, path } = idOf(key)
  const { managedAs, global } = kindOf(kind)
  return managedAs === 'roles' || (global === true && path.length === 2 && isKeyOfRoles(JSON.stringify([path[0], path[1]])))
}

/** SQLSTATEs of an extension that is not available, and of a library that is not there. */
const LACKING: readonly string[] = ['0A000', '58P01']

/** What the embedded PostgreSQL cannot hold (an extension) stands in the way of roles only where both are tried out at once. */
export function withRolesFirst(error: unknown, { rolesChanged, rolesOnly, pending = [] }: Request): unknown {
  if (!(error instanceof UserError) || rolesOnly) return error
  if (error.code !== 'rehearsal-impossible' && !LACKING.includes(codeOf(error.cause) ?? '')) return error
  const before = changeRoles(pending)
  if (!before && rolesChanged === undefined) return error
  const first = before ? 'apply the pending plans first.' : 'plan and apply the roles first, with --roles-only.'
  return new UserError(error.code, error.message, {
    ...(error.location && { location: error.location }),
    next: `Roles change, so that all is tried out in the embedded PostgreSQL, which lacks this: ${first}`,
    cause: error.cause,
  })
}
