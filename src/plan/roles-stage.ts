import { equal } from '../catalog/canonical.js'
import type { Catalog, CatalogObject } from '../catalog/catalog.js'
import { describe, idOf, keyOf } from '../catalog/id.js'
import { isOfRoles } from '../diff/scope.js'
import { UserError } from '../errors.js'
import { kindOf } from '../kinds/registry.js'
import { isAboutRoles, rolesCreated } from '../postgres/cluster-statements.js'
import { embeddedIdentity, embeddedShadow } from '../postgres/shadow.js'
import type { Plan } from './plan.js'
import { indexSource } from './source-lines.js'
import type { Request } from './stage.js'
import { roleNames, roleOf, rolesIn, wantedRoles } from './wanted-roles.js'

/**
 * With --manage roles: what the files want of them. Where that changes any, all else happens in the embedded PostgreSQL, too: on a server
 * a role that is made, even for a moment, is everybody's. Throws UserError where the role that applies may not do so.
 */
export async function withRoles(request: Request, live: Catalog): Promise<Request> {
  const dropped = new Set(request.dropRoles ?? [])
  if (!request.manage.includes('roles')) {
    if (dropped.size > 0) throw notManaged()
    return request
  }
  const statements = request.source.statements.filter(isAboutRoles)
  const created = new Set(rolesCreated(statements))
  refuseDrops(dropped, live, created)
  const now = rolesIn(live)
  const rolesLeft = roleNames(live).filter(
    (name) => request.formerly.has(keyOf({ kind: ROLE, path: [name] })) && !created.has(name) && !dropped.has(name),
  )
  const asNow = { ...request, roles: now, rolesLeft }
  if (statements.length === 0 && dropped.size === 0) return asNow
  const { states, lineOf } = indexSource(statements, request.searchPath)
  const roles = await wantedRoles(live, { statements, stated: states, dropped })
  const changed = [...new Set([...now.objects.keys(), ...roles.objects.keys()])].filter(
    (key) => !equal(now.objects.get(key)?.definition, roles.objects.get(key)?.definition),
  )
  if (changed.length === 0) return asNow
  const superuser = await refuseUnable(request, live, changed, lineOf)
  const { cache } = request
  return {
    ...request,
    roles,
    rolesChanged: new Set(changed),
    rolesLeft,
    caveats: roleCaveats(roles, live, superuser),
    shadow: () => embeddedShadow(live.role),
    cache: cache && { ...cache, identity: async () => embeddedIdentity(live.role) },
  }
}

/** Is it compared while steps run? Of roles, only what these are to change: others may be made, changed and dropped meanwhile. */
export function comparedMeanwhile(
  { rolesChanged }: Pick<Request, 'rolesChanged'>,
  compared: (key: string) => boolean,
): (key: string) => boolean {
  return (key) => compared(key) && (!isKeyOfRoles(key) || rolesChanged?.has(key) === true)
}

/** The kind that all this is about; the engine names no other. */
const ROLE = 'role'

/** Does any of these plans make, change or drop a role? Then it cannot be tried out on a server. */
export function changeRoles(plans: readonly Plan[]): boolean {
  return plans.some(({ segments }) =>
    segments.some(({ before, after }) =>
      Object.keys({ ...before, ...after }).some((key) => (before[key] ?? null) !== (after[key] ?? null) && isKeyOfRoles(key)),
    ),
  )
}

function isKeyOfRoles(key: string): boolean {
  const { kind, path } = idOf(key)
  const { managedAs, global } = kindOf(kind)
  return managedAs === 'roles' || (global === true && path.length === 2 && isKeyOfRoles(JSON.stringify([path[0], path[1]])))
}

/** What a plan that changes roles does not show. */
function roleCaveats(roles: Catalog, live: Catalog, superuser: boolean): string[] {
  const find = (key: string) => live.objects.get(key) ?? roles.objects.get(key)
  const named = (objects: Iterable<CatalogObject>) =>
    [...objects].filter((object) => object.parent === undefined && isOfRoles(object, find))
  const made = named(roles.objects.values()).filter(({ key, definition }) => !live.objects.has(key) && definition.login === true)
  const gone = named(live.objects.values()).filter(({ key }) => !roles.objects.has(key))
  return [
    ...(superuser ? [] : [`that ${live.role} may change these roles: in the shadow it is a superuser`]),
    ...made.map(({ id }) => `that somebody can connect as ${id.path[0]}: it has no password until one is set by hand`),
    ...gone.map(({ id }) => `what ${id.path[0]} owns in other databases; and a password that it has does not come back`),
  ]
}

function notManaged(): UserError {
  return new UserError('usage', '--drop-role drops roles, which are not managed here.', { next: 'Add --manage roles.' })
}

function refuseDrops(dropped: ReadonlySet<string>, live: Catalog, created: ReadonlySet<string>): void {
  const roles = rolesIn(live)
  const find = (key: string) => roles.objects.get(key)
  const known = new Set([...roles.objects.values()].map((object) => roleOf(object, find)))
  for (const name of dropped) {
    if (created.has(name))
      throw new UserError('role-is-stated', `The role ${name} is to be dropped, and the files create it.`, {
        next: 'Take it out of the files.',
      })
    if (name === live.role)
      throw new UserError('own-role', `The role ${name} cannot drop itself.`, { next: 'Plan and apply as another role.' })
    if (!known.has(name))
      throw new UserError('no-such-role', `There is no role ${name} to drop.`, { next: 'Check its name: psql lists roles by \\du.' })
  }
}

/** Throws for the first of what cannot be done by the role that plans, which is taken for the one that applies. Returns: is it a superuser? */
async function refuseUnable(
  request: Pick<Request, 'live'>,
  live: Catalog,
  changed: readonly string[],
  lineOf: (key: string) => string | null,
): Promise<boolean> {
  const what = (key: string) => `${describe(idOf(key))}${lineOf(key) === null ? '' : ` (${lineOf(key)})`}`
  const own = changed.find((key) => live.objects.get(key)?.parent === undefined && idOf(key).path.join() === live.role)
  if (own !== undefined)
    throw new UserError('own-role', `The files want another ${what(own)}, and that is the role that plans and applies.`, {
      next: 'Plan and apply as another role, a superuser say; or state it as it is.',
    })
  const [self] = await request.live.query<{ superuser: boolean; may: boolean }>(
    'select rolsuper as superuser, rolcreaterole as may from pg_catalog.pg_roles where rolname = current_user',
  )
  if (self?.superuser || self?.may) return self.superuser
  throw new UserError(
    'may-not-change-roles',
    `The role ${live.role} may not change roles, and the files want another ${what(changed[0] ?? '')}.`,
    {
      next: 'Plan and apply as a role with CREATEROLE or a superuser; or leave --manage roles out, and have somebody change it.',
    },
  )
}
