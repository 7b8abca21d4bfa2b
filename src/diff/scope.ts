import { equal } from '../catalog/canonical.js'
import { addNeed, type Catalog, type CatalogObject, type Needs, rootOf } from '../catalog/catalog.js'
import { idOf } from '../catalog/id.js'
import { kindOf } from '../kinds/registry.js'

export type Sort = 'owners' | 'privileges' | 'roles'

/** What schemactl answers for in a database; all else is left as it is. */
export interface Scope {
  /** Managed schemas, or all of the database. */
  readonly schemas: ReadonlySet<string> | '*'
  readonly manage: ReadonlySet<Sort>
  /** Names of objects to leave alone: `schema.name`, with `*` for any run of characters. */
  readonly ignore: readonly string[]
  /** Objects outside any schema that an earlier plan made: they are dropped once the files no longer state them. */
  readonly formerly: ReadonlySet<string>
}

/** What the files say beyond what two catalogs can tell: does one state this sort (owner, privileges) of the object, or this attribute? */
export type Stated = (object: CatalogObject, aspect: string) => boolean

export interface Wanted {
  /** The files, as a catalog. */
  readonly catalog: Catalog
  /** The same shadow before the files were loaded: what every database has from the start. */
  readonly base: Catalog
  readonly stated: Stated
}

export interface TargetState {
  readonly catalog: Catalog
  /** False for what is left to PostgreSQL: grants and owners of new objects that nobody stated. */
  readonly compared: (key: string) => boolean
  /** Unmanaged schemas of the live database, with their number of objects. */
  readonly unmanaged: ReadonlyMap<string, number>
  /** Of either state, what the scope ignores by name; without what belongs to it. */
  readonly ignored: ReadonlySet<string>
}

/** The state to reach: the files where schemactl manages, the live database elsewhere. */
export function targetState(wanted: Wanted, live: Catalog, scope: Scope): TargetState {
  const objects = new Map<string, CatalogObject>()
  const needs: Needs = new Map()
  const left = new Set<string>()
  const unmanaged = new Map<string, number>()
  const ignored = new Set<string>()
  const take = (object: CatalogObject, from: Catalog) => {
    objects.set(object.key, object)
    for (const [needed, type] of from.needs.get(object.key) ?? []) addNeed(needs, object.key, needed, type)
  }
  const manager = managerOf(wanted, live, scope)
  const stated = statedWithHeirs(wanted)
  for (const object of live.objects.values()) {
    if (manager.ignores(object)) {
      take(object, live)
      if (object.parent === undefined) ignored.add(object.key)
    } else if (!manager.inScope(object)) {
      take(object, live)
      const schema = schemaOf(object, live)
      if (schema !== null && object.parent === undefined) unmanaged.set(schema, (unmanaged.get(schema) ?? 0) + 1)
    } else if (manager.follows(object) && targetStays(object, wanted.catalog)) take(object, live)
  }
  for (const object of wanted.catalog.objects.values()) {
    if (manager.ignores(object) && object.parent === undefined) ignored.add(object.key)
    if (!manager.inScope(object) || manager.isUntouchedBase(object)) continue
    if (manager.follows(object)) {
      const root = targetOf(object)
      if (!live.objects.has(root)) left.add(object.key)
      if (live.objects.has(object.key) || live.objects.has(root)) continue
    }
    take(sharing(withUnstated(object, live.objects.get(object.key), stated), live.objects.get(object.key)), wanted.catalog)
  }
  for (const [key, row] of needs) for (const needed of row.keys()) if (!objects.has(needed)) needs.get(key)?.delete(needed)
  const catalog = { ...wanted.catalog, objects, needs, unmodelled: live.unmodelled, role: live.role }
  return { catalog, compared: (key) => comparedKey(key, left, scope, manager, catalog, live), unmanaged, ignored }
}

/** Both states are compared more than once: what is equal is the same, so that nobody has to look twice. */
function sharing(object: CatalogObject, live: CatalogObject | undefined): CatalogObject {
  return live && equal(object.definition, live.definition) ? { ...object, definition: live.definition } : object
}

/** What is said of a column is said of those that inherit it. */
function statedWithHeirs({ stated, catalog }: Wanted): Stated {
  const statedAt: Stated = (object, attribute) =>
    stated(object, attribute) ||
    (object.echoes ?? []).some((key) => {
      const model = catalog.objects.get(key)
      return model !== undefined && statedAt(model, attribute)
    })
  return statedAt
}

function comparedKey(key: string, left: ReadonlySet<string>, scope: Scope, manager: Manager, target: Catalog, live: Catalog): boolean {
  if (left.has(key)) return false
  const [kind = ''] = JSON.parse(key) as string[]
  const sort = kindOf(kind).managedAs
  if (sort === undefined || scope.manage.has(sort)) return true
  const object = target.objects.get(key) ?? live.objects.get(key)
  return object !== undefined && manager.statesSort(object)
}

interface Manager {
  /** By name, whatever is managed. */
  ignores(object: CatalogObject): boolean
  inScope(object: CatalogObject): boolean
  /** Managed, but nobody stated it: the live state is kept. */
  follows(object: CatalogObject): boolean
  /** As every new database has it, and no file says otherwise. */
  isUntouchedBase(object: CatalogObject): boolean
  statesSort(object: CatalogObject): boolean
}

function managerOf(wanted: Wanted, live: Catalog, scope: Scope): Manager {
  const ignored = scope.ignore.map(patternOf)
  const find = (key: string) => wanted.catalog.objects.get(key) ?? live.objects.get(key)
  const statesSort = (object: CatalogObject): boolean => {
    const sort = kindOf(object.id.kind).managedAs
    const target = find(targetOf(object))
    if (sort === undefined || target === undefined) return false
    return wanted.stated(object.member === undefined ? target : { ...target, key: object.member, id: idOf(object.member) }, sort)
  }
  const isUntouchedBase = (object: CatalogObject): boolean => {
    const base = wanted.base.objects.get(object.key)
    const now = wanted.catalog.objects.get(object.key)
    // What a new database has differs from one version to the next (until 14 everybody could create in public): no file asks for it.
    const counts = scope.schemas === '*' && live.major === wanted.catalog.major
    return !counts && base !== undefined && now !== undefined && equal(base.definition, now.definition)
  }
  const ignores = (object: CatalogObject): boolean => {
    if (ignored.length === 0) return false
    const name = rootPath(object, find).join('.')
    return ignored.some((pattern) => pattern.test(name))
  }
  return {
    ignores,
    isUntouchedBase,
    statesSort,
    inScope: (object) => {
      const ofRoles = isOfRoles(object, find)
      if (ofRoles && !scope.manage.has('roles')) return false
      const schema = schemaOf(object, live) ?? schemaOf(object, wanted.catalog)
      if (ignores(object)) return false
      if (scope.schemas === '*') return true
      if (schema !== null) return scope.schemas.has(schema)
      // What stands on an object that is in no schema is managed with it: grants on the database, who a role is a member of.
      // What every database has from the start is stated by nobody: what is said of it, only by itself.
      const { global, managedAs } = kindOf(object.id.kind)
      const root = rootOf(object, { get: find }).key
      const whole = ofRoles || (global && (managedAs !== undefined || !wanted.base.objects.has(root))) ? root : object.key
      return [object.key, whole].some((key) => wanted.catalog.objects.has(key) || scope.formerly.has(key))
    },
    follows: (object) => {
      if (isUntouchedBase(object) && live.objects.has(object.key)) return true
      const sort = kindOf(object.id.kind).managedAs
      if (sort === undefined || sort === 'roles' || scope.manage.has(sort)) return false
      return !statesSort(object)
    },
  }
}

/** A role, and what is said of one: of the server, not of the database. */
export function isOfRoles(object: CatalogObject, find: (key: string) => CatalogObject | undefined): boolean {
  return kindOf(rootOf(object, { get: find }).id.kind).managedAs === 'roles'
}

/** The object that an owner or a grant is about; itself otherwise. */
function targetOf(object: CatalogObject): string {
  return kindOf(object.id.kind).global ? (object.parent ?? object.key) : object.key
}

/** What belongs to an object is kept only while the object is. */
function targetStays(object: CatalogObject, wanted: Catalog): boolean {
  return !kindOf(object.id.kind).global || wanted.objects.has(targetOf(object))
}

/** Attributes that count only where they are stated are as in the live database elsewhere. */
export function withUnstated(object: CatalogObject, live: CatalogObject | undefined, stated: Stated): CatalogObject {
  const { whenStated = [], fromCreation = [] } = kindOf(object.id.kind)
  const unstated = whenStated.filter((attribute) => !stated(object, attribute) && (live || !fromCreation.includes(attribute)))
  if (unstated.length === 0) return object
  const definition = { ...object.definition }
  for (const attribute of unstated) definition[attribute] = live?.definition[attribute] ?? null
  return { ...object, definition }
}

/** The schema that an object is in, through its parent; null for what is in none. */
export function schemaOf(object: CatalogObject, catalog: Catalog): string | null {
  const kind = kindOf(object.id.kind)
  if (object.parent !== undefined) {
    const parent = catalog.objects.get(object.parent)
    if (parent) return schemaOf(parent, catalog)
  }
  if (object.id.kind === SCHEMA) return object.id.path[0] ?? null
  return kind.schemaless || kind.global ? null : (object.id.path[0] ?? null)
}

/** The one kind that the scope itself is made of. */
const SCHEMA = 'schema'

function rootPath(object: CatalogObject, find: (key: string) => CatalogObject | undefined): readonly string[] {
  const parent = object.parent === undefined ? undefined : find(object.parent)
  return parent && parent.id.kind !== SCHEMA ? rootPath(parent, find) : object.id.path
}

function patternOf(pattern: string): RegExp {
  return new RegExp(
    `^${pattern
      .split('*')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
    'u',
  )
}
