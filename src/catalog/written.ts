import type { CatalogObject, Definition, Value } from './catalog.js'

/** A list whose order means nothing: as it was written, where that is known; sorted otherwise. */
export function listOf<A extends string>(
  { definition, written }: CatalogObject<Definition & { readonly [name in A]: readonly string[] }>,
  attribute: A,
): readonly string[] {
  const list = written?.[attribute]
  return isList(list) ? list : definition[attribute]
}

function isList(value: Value | undefined): value is readonly string[] {
  return Array.isArray(value)
}
