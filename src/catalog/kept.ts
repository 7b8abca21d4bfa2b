import type { Catalog, CatalogObject, DependencyType, Unmodelled } from './catalog.js'

/** A whole catalog as JSON holds it; nothing is left out. */
export interface KeptCatalog {
  readonly major: number
  readonly role: string
  readonly objects: readonly CatalogObject[]
  readonly needs: readonly (readonly [dependent: string, row: readonly (readonly [needed: string, type: DependencyType])[]])[]
  readonly unmodelled: readonly Unmodelled[]
}

export function kept({ major, role, objects, needs, unmodelled }: Catalog): KeptCatalog {
  return { major, role, objects: [...objects.values()], needs: [...needs].map(([key, row]) => [key, [...row]]), unmodelled }
}

export function unkept({ major, role, objects, needs, unmodelled }: KeptCatalog): Catalog {
  return {
    major,
    role,
    objects: new Map(objects.map((object) => [object.key, object])),
    needs: new Map(needs.map(([key, row]) => [key, new Map(row)])),
    unmodelled,
  }
}
