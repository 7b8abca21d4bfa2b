import type { Catalog, Unmodelled } from '../catalog/catalog.js'
import type { Wanted } from '../diff/scope.js'

/** What no kind models: found in the live database, or stated by the files alone, which is told apart. */
export function unmodelledIn(live: Catalog, { catalog, base }: Wanted): readonly Unmodelled[] {
  const known = new Set([...live.unmodelled, ...base.unmodelled].map(({ description }) => description))
  const stated = catalog.unmodelled.filter(({ description }) => !known.has(description))
  return [...live.unmodelled, ...stated.map(({ description, needs }) => ({ description: `${description} (in the files)`, needs }))]
}
