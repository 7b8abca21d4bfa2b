import type { Catalog, Value } from '../catalog/catalog.js'

/** A catalog as JSON, sorted. Kinds leave secrets on the server, so that there are none in it. */
export function catalogJson(catalog: Catalog, unmodelled: readonly string[]): { readonly [key: string]: Value } {
  const objects = [...catalog.objects.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
  return {
    major: catalog.major,
    objects: objects.map(({ id, parent, position, definition, key }) => ({
      kind: id.kind,
      path: id.path,
      ...(parent === undefined ? {} : { parent: JSON.parse(parent) as Value }),
      ...(position === undefined ? {} : { position }),
      definition,
      needs: [...(catalog.needs.get(key)?.keys() ?? [])].sort().map((needed) => JSON.parse(needed) as Value),
    })),
    unmodelled,
  }
}
