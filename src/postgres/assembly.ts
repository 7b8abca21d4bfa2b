import { addNeed, type CatalogObject, type Definition, type DependencyType, type Needs, targetKey, type Value } from '../catalog/catalog.js'
import { keyOf } from '../catalog/id.js'
import { JOURNAL_COMMENT, type ObjectKind, OWN_SCHEMAS } from '../kinds/kind.js'
import { KINDS, kindOf } from '../kinds/registry.js'
import type { Address, Stray } from './unmodelled.js'

interface Row {
  readonly [attribute: string]: Value
}

/** classid, objid, objsubid, refclassid, refobjid, refobjsubid, deptype. */
export type DependencyRow = readonly [number, number, number, number, number, number, string]

/** pg_constraint, by the OID that it has everywhere. */
const CONSTRAINTS = 2606

/** Columns of a kind's query that are not attributes. */
const RESERVED = new Set([
  'classid',
  'oid',
  'subid',
  'path',
  'parentclassid',
  'parentoid',
  'parentsubid',
  'position',
  'written',
  'needs',
  'needsids',
  'needsbeside',
  'afterids',
  'ownedby',
  'echoes',
  'own',
])

/** One reading, while it is put together. A class because eight maps belong to it and to nothing else. */
export class Assembly {
  readonly objects = new Map<string, CatalogObject>()
  readonly needs: Needs = new Map()
  private readonly keyByAddress = new Map<string, string>()
  private readonly ownerOf = new Map<string, string>()
  private readonly extensionOf = new Map<string, string>()
  /** What a partition has, or is referred to by, because the partitioned table is. */
  private readonly clones = new Set<string>()
  private readonly resolved = new Map<string, string | null>()
  private readonly strays = new Map<string, Stray>()

  constructor(
    byKind: ReadonlyMap<string, string>,
    rows: readonly DependencyRow[],
    private readonly role: string,
  ) {
    for (const [classid, objid, objsubid, refclassid, refobjid, refobjsubid, type] of rows) {
      const from = addressKey(classid, objid, objsubid)
      const to = addressKey(refclassid, refobjid, refobjsubid)
      if (type === 'e') this.extensionOf.set(from, to)
      else if (type === 'i' || type === 'D') {
        this.ownerOf.set(from, to)
        // One of a foreign key's own, to each partition of the table that it refers to.
        if (classid === CONSTRAINTS && refclassid === CONSTRAINTS) this.clones.add(from)
      } else if (type === 'P' && !this.ownerOf.has(from)) {
        this.ownerOf.set(from, to)
        this.clones.add(from)
      }
    }
    const pending: [ObjectKind, Row][] = []
    for (const kind of KINDS)
      for (const row of JSON.parse(byKind.get(kind.name) ?? '[]') as Row[])
        if (kind.global) pending.push([kind, row])
        else this.addressed(kind, row)
    for (const [kind, row] of this.parented) this.add(kind, row, this.resolve(parentAddress(row)))
    for (const [kind, row] of pending) this.addGlobal(kind, row)
    for (const row of rows) this.addDependency(row)
    this.addDeclared()
    this.dropExtensionMembers()
  }

  private readonly parented: [ObjectKind, Row][] = []
  private readonly declared: [string, Row][] = []

  private addressed(kind: ObjectKind, row: Row): void {
    const key = keyOf({ kind: kind.name, path: row.path as string[] })
    if (typeof row.classid === 'number' || typeof row.classid === 'string')
      this.keyByAddress.set(addressKey(Number(row.classid), Number(row.oid), Number(row.subid)), key)
    this.parented.push([kind, row])
  }

  private add(kind: ObjectKind, row: Row, parent: string | null, member?: string): void {
    const id = { kind: kind.name, path: row.path as string[] }
    if (!kind.schemaless && OWN_SCHEMAS.includes(id.path[0] ?? '')) return
    const key = keyOf(id)
    const address = typeof row.oid === 'number' || typeof row.oid === 'string' ? addressKey(Number(row.classid), Number(row.oid), 0) : null
    const owner = address === null ? undefined : this.extensionOf.get(address)
    const extension = owner === undefined ? undefined : this.keyByAddress.get(owner)
    const definition = definitionOf(row)
    this.objects.set(key, {
      id,
      key,
      definition,
      ...printed(kind, definition, this.role),
      ...(parent === null ? {} : { parent }),
      ...(member === undefined ? {} : { member }),
      ...(typeof row.position === 'number' ? { position: row.position } : {}),
      ...(isDefinition(row.written) ? { written: row.written } : {}),
      ...(extension === undefined ? {} : { extension }),
    })
    if (parent !== null) addNeed(this.needs, key, parent, 'auto')
    this.declared.push([key, row])
  }

  private addGlobal(kind: ObjectKind, row: Row): void {
    const target = this.keyByAddress.get(addressKey(...parentAddress(row)))
    if (target === undefined) {
      // A comment on what no kind models, or a grant, is itself something not to be passed over; an owner is not.
      if (row.text === JOURNAL_COMMENT || kind.managedAs === 'owners') return
      if (kind.byUsers) this.strayOf(parentAddress(row), kind.name)
      else if (!this.extensionOf.has(addressKey(Number(row.parentclassid), Number(row.parentoid), 0))) this.strayOf(parentAddress(row))
      return
    }
    // Of what is schemactl's own, owners and grants are, too.
    if (!this.objects.has(target)) return
    const path = [...(row.path as string[]), ...(JSON.parse(target) as string[])]
    // What extensions say of their members is theirs; what is granted on these, and how they are labelled, is the user's.
    const extension = kind.byUsers ? this.memberOf(target) : undefined
    if (extension === undefined) this.add(kind, { ...row, path }, target)
    else this.add(kind, { ...row, path }, extension, target)
  }

  private addDependency([classid, objid, objsubid, refclassid, refobjid, refobjsubid, type]: DependencyRow): void {
    if (type === 'D' || type === 'e' || this.isClone(addressKey(classid, objid, objsubid))) return
    const needed = this.resolve([refclassid, refobjid, refobjsubid])
    const dependent = this.resolve([classid, objid, objsubid])
    if (dependent === null) {
      if (needed !== null) this.stray([classid, objid, objsubid], needed)
      return
    }
    if (needed === null || dependent === needed) return
    addNeed(this.needs, dependent, needed, dependencyType(dependent, needed, type))
  }

  /** A clone needs its partition; the object that it was cloned from does not. */
  private isClone(address: string): boolean {
    if (this.keyByAddress.has(address)) return false
    const owner = this.ownerOf.get(address)
    return this.clones.has(address) || (owner !== undefined && this.isClone(owner))
  }

  private addDeclared(): void {
    for (const [key, row] of this.declared) {
      for (const address of (row.needs ?? []) as unknown as Address[]) {
        const needed = this.resolve([Number(address[0]), Number(address[1]), Number(address[2])])
        if (needed !== null) addNeed(this.needs, key, needed, 'normal')
      }
      for (const address of (row.ownedby ?? []) as unknown as Address[]) {
        const owner = this.resolve([Number(address[0]), Number(address[1]), Number(address[2])])
        if (owner !== null) addNeed(this.needs, key, owner, 'owned')
      }
      for (const [kind = '', ...path] of (row.needsids ?? []) as unknown as string[][]) this.needIfThere(key, keyOf({ kind, path }))
      for (const [kind = '', ...path] of (row.afterids ?? []) as unknown as string[][])
        this.needIfThere(key, keyOf({ kind, path }), 'after')
      const self = this.objects.get(key)
      // A part is owned with its whole; and a column's privileges may come of the table's.
      for (const kind of self ? (kindOf(self.id.kind).follows ?? []) : []) this.needAbout(key, [kind], self?.parent)
      for (const beside of (row.needsbeside ?? []) as unknown as string[][]) this.needAbout(key, beside, self && targetKey(self))
      const echoes = ((row.echoes ?? []) as unknown as Address[])
        .map((address) => this.keyByAddress.get(addressKey(Number(address[0]), Number(address[1]), Number(address[2]))))
        .filter((echo) => echo !== undefined)
      if (echoes.length > 0 && self) this.objects.set(key, { ...self, echoes, ...(row.own === true ? { own: true } : {}) })
      for (const echo of echoes) addNeed(this.needs, key, echo, 'auto')
    }
  }

  /** What is called so and is about the target, or about what that is part of. */
  private needAbout(key: string, names: readonly string[], target: string | undefined): void {
    for (let whole = target; whole !== undefined; whole = this.objects.get(whole)?.parent)
      this.needIfThere(key, JSON.stringify([...names, ...(JSON.parse(whole) as string[])]))
  }

  private needIfThere(key: string, needed: string, type: DependencyType = 'normal'): void {
    if (this.objects.has(needed)) addNeed(this.needs, key, needed, type)
  }

  /** A member of an extension, and what was created with it, is the extension's; only what users put on it (grants) stays. */
  private dropExtensionMembers(): void {
    const members = new Map<string, string>()
    for (const object of this.objects.values()) {
      const extension = this.memberOf(object.key)
      if (extension !== undefined) members.set(object.key, extension)
    }
    for (const key of members.keys()) this.objects.delete(key)
    for (const [dependent, row] of [...this.needs]) {
      if (members.has(dependent)) {
        this.needs.delete(dependent)
        continue
      }
      for (const [needed, type] of [...row]) {
        const extension = members.get(needed)
        if (extension === undefined) continue
        row.delete(needed)
        addNeed(this.needs, dependent, extension, type)
      }
    }
    for (const stray of this.strays.values()) for (const key of [...stray.needs]) if (members.has(key)) stray.needs.delete(key)
  }

  /** The extension that it is a member of, or was created with a member of. */
  private memberOf(key: string | undefined): string | undefined {
    const object = key === undefined ? undefined : this.objects.get(key)
    return object && (object.extension ?? this.memberOf(object.parent))
  }

  /** The object that an address belongs to: itself, or along internal edges the object that it was made for. */
  private resolve(address: Address): string | null {
    const text = addressKey(...address)
    const known = this.resolved.get(text)
    if (known !== undefined) return known
    this.resolved.set(text, null)
    const result = this.resolveAfresh(text, address)
    this.resolved.set(text, result)
    return result
  }

  private resolveAfresh(text: string, [classid, oid, subid]: Address): string | null {
    const key = this.keyByAddress.get(text)
    if (key !== undefined) return key
    const owner = this.ownerOf.get(text) ?? (subid === 0 ? undefined : this.ownerOf.get(addressKey(classid, oid, 0)))
    if (owner !== undefined) {
      const result = this.resolve(owner.split(':').map(Number) as unknown as Address)
      if (result !== null) return result
    }
    if (subid !== 0) return this.resolve([classid, oid, 0])
    const extension = this.extensionOf.get(text)
    return extension === undefined ? null : (this.keyByAddress.get(extension) ?? null)
  }

  private stray(address: Address, needed: string): void {
    this.strayOf(address)?.needs.add(needed)
  }

  /** What belongs to the system is never a stray. */
  private strayOf(address: Address, what: string | null = null): Stray | undefined {
    if (address[1] < 16384 && what === null) return undefined
    const text = `${what ?? ''} ${addressKey(...address)}`
    const known = this.strays.get(text) ?? { address, what, needs: new Set<string>() }
    this.strays.set(text, known)
    return known
  }

  unclaimed(): readonly Stray[] {
    return [...this.strays.values()]
  }
}

/** A fingerprint leaves out what may differ from one database to the next: the applying role, and versions and places that nobody stated. */
function printed(kind: ObjectKind, definition: Definition, role: string): { readonly printed?: Definition } {
  const apart = [
    ...(kind.whenStated ?? []),
    ...(kind.applicant !== undefined && definition[kind.applicant] === role ? [kind.applicant] : []),
  ]
  return apart.length === 0 ? {} : { printed: { ...definition, ...Object.fromEntries(apart.map((attribute) => [attribute, null])) } }
}

/** A sequence goes with the column that owns it, but is made before that column's default. */
function dependencyType(dependent: string, needed: string, type: string): DependencyType {
  if (type === 'a' && dependent.startsWith('["sequence"') && needed.startsWith('["column"')) return 'owned'
  // A partition's index goes with the partitioned table's, and is made before it is attached.
  if (type === 'P' || type === 'S') return 'owned'
  return type === 'n' ? 'normal' : 'auto'
}

function addressKey(classid: number, oid: number, subid: number): string {
  return `${classid}:${oid}:${subid}`
}

function parentAddress(row: Row): Address {
  return [Number(row.parentclassid ?? 0), Number(row.parentoid ?? 0), Number(row.parentsubid ?? 0)]
}

function isDefinition(value: Value | undefined): value is Definition {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function definitionOf(row: Row): Definition {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !RESERVED.has(name)))
}
