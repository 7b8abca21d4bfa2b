import { equal } from '../catalog/canonical.js'
import { type Catalog, type CatalogObject, rootOf } from '../catalog/catalog.js'
import { isOfRoles, type Stated, withUnstated } from '../diff/scope.js'
import { stepsBetween } from '../diff/steps.js'
import { rolesCreated } from '../postgres/cluster-statements.js'
import { openEmbedded } from '../postgres/embedded.js'
import { introspect } from '../postgres/introspect.js'
import { loadRoles, makeRoles } from '../postgres/load.js'
import type { Session } from '../postgres/session.js'
import type { Statement } from '../source/statement.js'
import { overlay, pick } from './replica.js'

/** What files say of roles. */
export interface RolesSaid {
  readonly statements: readonly Statement[]
  readonly stated: Stated
  /** Names of roles to be dropped. */
  readonly dropped: ReadonlySet<string>
  /** The superuser that the server was made with: no role of ours, but it may be a member of others. */
  readonly bootstrap: string
}

/**
 * The roles of the live database, as the files want them: a role that they create is what they say of it, and nothing else; others are as
 * they are, but for what is said of them. Found in an embedded PostgreSQL, since a server has no roles that are nobody's but ours.
 */
export async function wantedRoles(live: Catalog, { statements, stated, dropped, bootstrap }: RolesSaid): Promise<Catalog> {
  const created = new Set(rolesCreated(statements))
  const { start, end } = await beforeAndAfter(live, statements, created, bootstrap)
  const find = finderIn(live, end)
  const made = pick(end, (key) => {
    const object = end.objects.get(key)
    if (object === undefined || !isOfRoles(object, find) || roleOf(object, find) === bootstrap) return false
    return !equal(object.definition, start.objects.get(key)?.definition)
  })
  const objects = new Map([...made.objects].map(([key, object]) => [key, withUnstated(object, live.objects.get(key), stated)]))
  const gone = [...live.objects.values()].filter((object) => {
    if (!isOfRoles(object, find)) return false
    const role = roleOf(object, find)
    if (dropped.has(role)) return true
    if (start.objects.has(object.key)) return !end.objects.has(object.key)
    // PostgreSQL itself makes the role that applies a member of those that it creates.
    return created.has(role) && !made.objects.has(object.key) && !(role === live.role && object.key !== rootOf(object, { get: find }).key)
  })
  return overlay(
    rolesIn(live),
    { ...made, objects },
    gone.map(({ key }) => key),
  )
}

/** Roles, and what is said of them. */
export function rolesIn(catalog: Catalog): Catalog {
  const find = finderIn(catalog)
  return pick(catalog, (key) => {
    const object = find(key)
    return object !== undefined && isOfRoles(object, find)
  })
}

/** `catalog` with these roles in place of its own. */
export function withRolesOf(catalog: Catalog, roles: Catalog): Catalog {
  return overlay(
    catalog,
    roles,
    [...rolesIn(catalog).objects.keys()].filter((key) => !roles.objects.has(key)),
  )
}

export function roleNames(catalog: Catalog): string[] {
  return [...rolesIn(catalog).objects.values()].flatMap(({ parent, id }) => (parent === undefined ? [id.path[0] ?? ''] : []))
}

/** The name of the role that an object is of. */
export function roleOf(object: CatalogObject, find: (key: string) => CatalogObject | undefined): string {
  return rootOf(object, { get: find }).id.path[0] ?? ''
}

function finderIn(...catalogs: readonly Catalog[]): (key: string) => CatalogObject | undefined {
  return (key) => catalogs.map(({ objects }) => objects.get(key)).find((object) => object !== undefined)
}

/** The roles that files say something of without creating them, and then all as the files want them. */
async function beforeAndAfter(live: Catalog, statements: readonly Statement[], created: ReadonlySet<string>, bootstrap: string) {
  const session = await openEmbedded()
  try {
    const base = await introspect(session)
    await session.execute('begin')
    await makeRoles(session, [bootstrap])
    const find = finderIn(live)
    const others = pick(rolesIn(live), (key) => {
      const object = find(key)
      return object !== undefined && !created.has(roleOf(object, find))
    })
    await makeThoseThatCanBe(session, base, others)
    const start = await introspect(session, { inTransaction: true })
    await loadRoles(session, statements)
    return { start, end: await introspect(session, { inTransaction: true }) }
  } finally {
    await session.close().catch(() => undefined)
  }
}

/** What cannot be made there (a setting of another version, a member of a role that the files create) stays as it is. */
async function makeThoseThatCanBe(session: Session, base: Catalog, others: Catalog): Promise<void> {
  for (const statement of stepsBetween(base, overlay(base, others)).flatMap(({ sql }) => sql))
    try {
      await session.execute(`savepoint schemactl_role;\n${statement};\nrelease savepoint schemactl_role`)
    } catch {
      await session.execute('rollback to savepoint schemactl_role; release savepoint schemactl_role')
    }
}
