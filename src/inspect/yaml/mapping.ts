import type { Catalog, CatalogObject, Value } from '../../catalog/catalog.js'
import { groupBy } from '../../catalog/group.js'

/** What a YAML file says of an object, and which objects that covers: all else of them is stated in SQL. */
export interface Mapping {
  readonly value: Value
  readonly covers: readonly string[]
}

/** Values of a definition, which are typed by their kinds only: a kind is never imported. */
export interface Reader {
  readonly object: CatalogObject
  text(attribute: string): string | null
  flag(attribute: string): boolean
  list(attribute: string): readonly string[]
  of(attribute: string): { readonly [name: string]: Value } | null
}

export function reader(object: CatalogObject): Reader {
  const value = (attribute: string) => object.definition[attribute]
  return {
    object,
    text: (attribute) => (typeof value(attribute) === 'string' || typeof value(attribute) === 'number' ? String(value(attribute)) : null),
    flag: (attribute) => value(attribute) === true,
    list: (attribute) => {
      const found = value(attribute)
      return Array.isArray(found) ? found.map(String) : []
    },
    of: (attribute) => {
      const found = value(attribute)
      return typeof found === 'object' && found !== null && !Array.isArray(found) ? (found as { readonly [name: string]: Value }) : null
    },
  }
}

/** What belongs to an object, by kind, as it lies in a catalog. */
export type Children = (object: CatalogObject, kind: string) => readonly CatalogObject[]

export function childrenOf(catalog: Catalog): Children {
  const byParent = groupBy(catalog.objects.values(), (object) => object.parent ?? '')
  const inOrder = (a: CatalogObject, b: CatalogObject) => (a.position ?? 0) - (b.position ?? 0) || (a.key < b.key ? -1 : 1)
  return (object, kind) => (byParent.get(object.key) ?? []).filter((child) => child.id.kind === kind).sort(inOrder)
}

/** A mapping without what is not said. */
export function compact(entries: { readonly [key: string]: Value | undefined }): { readonly [key: string]: Value } {
  return Object.fromEntries(
    Object.entries(entries).filter(
      (entry): entry is [string, Value] => entry[1] !== undefined && entry[1] !== null && entry[1] !== false && !isEmpty(entry[1]),
    ),
  )
}

function isEmpty(value: Value): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

/** `name → value`, covering what each covers; what has no mapping is left out. */
export function named(objects: readonly CatalogObject[], map: (object: CatalogObject) => Mapping | null): Mapping {
  const found = objects.flatMap((object) => {
    const mapping = map(object)
    return mapping === null ? [] : [{ name: object.id.path.at(-1) ?? '', mapping }]
  })
  return {
    value: Object.fromEntries(found.map(({ name, mapping }) => [name, mapping.value])),
    covers: found.flatMap(({ mapping }) => mapping.covers),
  }
}

/** Keys like `1` come first in a JavaScript object, whatever the order: no place for columns, which have one. */
export function isNumbered(object: CatalogObject): boolean {
  return /^\d+$/.test(object.id.path.at(-1) ?? '')
}

/** reloptions as a mapping. */
export function parameters(options: readonly string[]): { readonly [name: string]: Value } {
  return Object.fromEntries(options.map((option) => [option.slice(0, option.indexOf('=')), option.slice(option.indexOf('=') + 1)]))
}

/** The one name, or the list of them. */
export function oneOrMany(names: readonly string[]): Value {
  const [only] = names
  return names.length === 1 && only !== undefined ? only : names
}
