import { equal } from '../catalog/canonical.js'
import type { Catalog } from '../catalog/catalog.js'
import { idOf } from '../catalog/id.js'
import { isOfRoles, type TargetState } from '../diff/scope.js'
import { UserError } from '../errors.js'
import { spoken } from '../kinds/spoken.js'

/** Files may name roles that only stood in for others while they were loaded. Throws UserError that names the first, and who needs it. */
export function refuseMissingRoles(wanted: Catalog, { catalog, compared }: TargetState, lineOf: (key: string) => string | null): void {
  for (const [key, needed] of wanted.needs) {
    if (!catalog.objects.has(key) || !compared(key)) continue
    const role = [...needed.keys()].find((one) => isRole(wanted, one) && !catalog.objects.has(one))
    if (role === undefined) continue
    const [name = ''] = idOf(role).path
    const line = lineOf(key)
    throw new UserError(
      'missing-role',
      `There is no role ${name}, and ${spoken(idOf(key))}${line === null ? '' : ` (${line})`} needs it.`,
      {
        next: `State it in the files (create role ${name}) and plan with --manage roles; or create it on the server.`,
      },
    )
  }
}

/** Roles that go while something that stays needs them. Throws UserError that names what. */
export function refuseRolesInUse(live: Catalog, { catalog }: TargetState): void {
  const stays = (key: string) => {
    const [before, after] = [live.objects.get(key), catalog.objects.get(key)]
    return before !== undefined && after !== undefined && equal(before.definition, after.definition)
  }
  const uses = [...live.needs].flatMap(([key, needed]) =>
    stays(key) ? [...needed.keys()].filter((one) => isRole(live, one) && !catalog.objects.has(one)).map((role) => ({ key, role })) : [],
  )
  const [first] = uses
  if (first === undefined) return
  const [name = ''] = idOf(first.role).path
  const named = uses.filter(({ role }) => role === first.role).map(({ key }) => spoken(idOf(key)))
  const more = named.length > MOST ? `\n  and ${named.length - MOST} more` : ''
  throw new UserError(
    'role-in-use',
    `The role ${name} cannot be dropped, since these need it:\n${named
      .sort()
      .slice(0, MOST)
      .map((text) => `  ${text}`)
      .join('\n')}${more}`,
    {
      next: 'Say in the files whose they are instead, with --manage owners,privileges,roles; or change it by hand (REASSIGN OWNED, DROP OWNED).',
    },
  )
}

const MOST = 5

function isRole(catalog: Catalog, key: string): boolean {
  const object = catalog.objects.get(key)
  return object !== undefined && object.parent === undefined && isOfRoles(object, (one) => catalog.objects.get(one))
}
