import { keyOf, type ObjectId } from './id.js'
import { once } from './once.js'

export type Value = null | boolean | number | string | readonly Value[] | { readonly [name: string]: Value }

/** What PostgreSQL knows of an object, attribute by attribute; names are the kind's own. */
export type Definition = { readonly [attribute: string]: Value }

export interface CatalogObject<D extends Definition = Definition> {
  readonly id: ObjectId
  readonly key: string
  readonly definition: D
  /** What its fingerprint is made of, where that is not its definition: without what may differ from one database to the next. */
  readonly printed?: Definition
  /** The object that this one is created and dropped with: a column's table, a comment's target. */
  readonly parent?: string
  /** Of what stands on a member of an extension (a grant): that member, which is no object here. `parent` is the extension. */
  readonly member?: string
  /** Its place among its siblings: the columns of a table. Not part of the definition. */
  readonly position?: number
  /** Attributes whose order means nothing and is not compared, in the order in which they stand: storage parameters. */
  readonly written?: Definition
  /** Objects whose creation, drop and change PostgreSQL repeats on this one: the parent's column of an inherited one. */
  readonly echoes?: readonly string[]
  /** An echo that its table declares besides: it outlives its models, and is made before them, which are then merged with it. */
  readonly own?: true
  /** Member of this extension (its key): never touched, but others may depend on it through the extension. */
  readonly extension?: string
}

/**
 * Why one object needs another, after pg_depend.deptype: `normal` blocks a drop, `auto` goes with it. `owned` goes with it too, but
 * can be created first: a sequence that a column owns. `after` says only in which order both are best created.
 */
export type DependencyType = 'normal' | 'auto' | 'owned' | 'after'

/** A state of a whole database, or the part of it that was read. Keys are `keyOf(id)`. */
export interface Catalog {
  readonly objects: ReadonlyMap<string, CatalogObject>
  /** dependent → what it needs → why. */
  readonly needs: ReadonlyMap<string, ReadonlyMap<string, DependencyType>>
  /** What was found and no kind models, as PostgreSQL describes it: `operator class public.x for access method btree`. */
  readonly unmodelled: readonly Unmodelled[]
  /** server_version_num / 10000. */
  readonly major: number
  /** The role that read it: the owner of what it would create. */
  readonly role: string
  /** What the database is called, where that is to be written; otherwise left out, since it differs in every shadow. */
  readonly database?: string
}

export interface Unmodelled {
  readonly description: string
  /** Keys of modelled objects that it depends on. */
  readonly needs: readonly string[]
}

export type Needs = Map<string, Map<string, DependencyType>>

export function addNeed(needs: Needs, dependent: string, needed: string, type: DependencyType): void {
  if (dependent === needed) return
  const row = needs.get(dependent) ?? new Map<string, DependencyType>()
  const known = row.get(needed)
  if (known === undefined || known === 'normal') row.set(needed, type)
  needs.set(dependent, row)
}

/** needed → its dependents → why. */
export const dependentsOf = once((needs: Catalog['needs']): Catalog['needs'] => {
  const dependents: Needs = new Map()
  for (const [dependent, row] of needs) for (const [needed, type] of row) addNeed(dependents, needed, dependent, type)
  return dependents
})

/** What an object is part of in the end: the table of a column, of its comment, of the index behind a key; the role of a membership. */
export function rootOf(object: CatalogObject, objects: { get(key: string): CatalogObject | undefined }): CatalogObject {
  const parent = object.parent === undefined ? undefined : objects.get(object.parent)
  return parent === undefined ? object : rootOf(parent, objects)
}

/** What a global object (comment, owner, grant) is about: its parent, or the member of an extension that it stands on. */
export function targetKey({ member, parent }: CatalogObject): string | undefined {
  return member ?? parent
}

export function objectAt(catalog: Catalog, id: ObjectId): CatalogObject | undefined {
  return catalog.objects.get(keyOf(id))
}
