import { equal } from '../catalog/canonical.js'
import type { Catalog } from '../catalog/catalog.js'
import { keyOf } from '../catalog/id.js'
import { UserError } from '../errors.js'
import { isAboutRole, isAboutRoles, rolesCreated } from '../postgres/cluster-statements.js'
import type { Session } from '../postgres/session.js'
import { embeddedIdentity, embeddedShadow } from '../postgres/shadow.js'
import type { Statement } from '../source/statement.js'
import { changeRoles, ROLE } from './role-plans.js'
import { refuseDrops, refuseUnable, roleCaveats } from './role-rights.js'
import { indexSource } from './source-lines.js'
import type { Request } from './stage.js'
import { roleNames, rolesIn, wantedRoles } from './wanted-roles.js'

/**
 * With --manage roles: what the files want of them. Where that changes any, all else happens in the embedded PostgreSQL, too: on a server
 * a role that is made, even for a moment, is everybody's. Throws UserError where the role that applies may not do so.
 */
export async function withRoles(request: Request, live: Catalog): Promise<Request> {
  const dropped = new Set(request.dropRoles ?? [])
  // What pending plans do to roles, no server shows before they are applied.
  const pending = changeRoles(request.pending ?? [])
  if (!request.manage.includes('roles')) {
    if (dropped.size > 0 || request.rolesOnly) throw notManaged(dropped.size > 0 ? '--drop-role drops' : '--roles-only plans')
    return pending ? inEmbedded(request, live) : request
  }
  const bootstrap = await bootstrapOf(request.live)
  const said = request.source.statements.filter(isAboutRoles)
  const isOfBootstrap = (statement: Statement) => isAboutRole(statement, bootstrap)
  const statements = said.filter((statement) => !isOfBootstrap(statement))
  const roleWarnings = said.filter(isOfBootstrap).map((statement) => ({ statement, message: LEFT_OUT }))
  const created = new Set(rolesCreated(statements))
  refuseDrops(dropped, live, created)
  const now = rolesIn(live)
  const rolesLeft = roleNames(live).filter(
    (name) => request.formerly.has(keyOf({ kind: ROLE, path: [name] })) && !created.has(name) && !dropped.has(name),
  )
  const asNow = { ...request, roles: now, rolesLeft, roleWarnings }
  if (statements.length === 0 && dropped.size === 0) return pending ? inEmbedded(asNow, live) : asNow
  const { states, lineOf } = indexSource(statements, request.searchPath)
  const roles = await wantedRoles(live, { statements, stated: states, dropped, bootstrap })
  const changed = [...new Set([...now.objects.keys(), ...roles.objects.keys()])].filter(
    (key) => !equal(now.objects.get(key)?.definition, roles.objects.get(key)?.definition),
  )
  if (changed.length === 0) return pending ? inEmbedded(asNow, live) : asNow
  const superuser = await refuseUnable(request, live, changed, lineOf)
  return inEmbedded({ ...asNow, roles, rolesChanged: new Set(changed), caveats: roleCaveats(roles, live, superuser) }, live)
}

const LEFT_OUT = 'the superuser that the server was made with is not managed: the statement is left out'

async function bootstrapOf(live: Session): Promise<string> {
  const [row] = await live.query<{ name: string }>('select rolname::text as name from pg_catalog.pg_roles where oid = 10')
  return row?.name ?? ''
}

/** The same, with the embedded PostgreSQL for a shadow. */
export function inEmbedded(request: Request, live: Catalog): Request {
  const { cache } = request
  return {
    ...request,
    shadow: () => embeddedShadow(live.role),
    cache: cache && { ...cache, identity: async () => embeddedIdentity(live.role) },
  }
}

function notManaged(what: string): UserError {
  return new UserError('usage', `${what} roles, which are not managed here.`, { next: 'Add --manage roles.' })
}
