import type { Catalog, CatalogObject } from '../catalog/catalog.js'
import { idOf } from '../catalog/id.js'
import { isOfRoles } from '../diff/scope.js'
import { UserError } from '../errors.js'
import { spoken } from '../kinds/spoken.js'
import type { Request } from './stage.js'
import { roleNames } from './wanted-roles.js'

/** What a plan that changes roles does not show. */
export function roleCaveats(roles: Catalog, live: Catalog, superuser: boolean): string[] {
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

/** Roles that are named to be dropped and cannot be meant. Throws UserError. */
export function refuseDrops(dropped: ReadonlySet<string>, live: Catalog, created: ReadonlySet<string>): void {
  const known = new Set(roleNames(live))
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
export async function refuseUnable(
  request: Pick<Request, 'live'>,
  live: Catalog,
  changed: readonly string[],
  lineOf: (key: string) => string | null,
): Promise<boolean> {
  const what = (key: string) => `${spoken(idOf(key))}${lineOf(key) === null ? '' : ` (${lineOf(key)})`}`
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
