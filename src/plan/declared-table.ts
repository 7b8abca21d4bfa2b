import { equal } from '../catalog/canonical.js'
import type { Catalog, CatalogObject } from '../catalog/catalog.js'
import { idOf } from '../catalog/id.js'
import { UserError } from '../errors.js'
import type { WantedRows } from '../postgres/load-rows.js'
import type { Renamed } from './renames.js'
import type { LiveTable } from './row-changes.js'

/** The table of declared rows. Throws UserError where schemactl does not manage it. */
export function tableOf({ table, source }: WantedRows, target: Catalog): CatalogObject {
  const found = tableAt(table, target)
  if (found) return found
  throw new UserError('rows-not-managed', `${source}: rows of ${table.join('.')} are declared, and schemactl does not manage that table.`, {
    next: 'Name its schema in --schemas, take it out of ignore:, or remove the file.',
  })
}

/** The table as a database has it, under the names that it has there; null where it is not there yet. */
export function liveTable(table: CatalogObject, live: Catalog, { formerly }: Pick<Renamed, 'formerly'>, target: Catalog): LiveTable | null {
  const now = formerly.get(table.key) ?? table.key
  if (!live.objects.has(now)) return null
  const last = (key: string) => idOf(key).path.at(-1) ?? ''
  const columns = childrenOf(table, target).map(({ key }) => [last(key), last(formerly.get(key) ?? key)] as const)
  return { path: idOf(now).path, columns: new Map(columns) }
}

export function tableAt(path: readonly string[], { objects }: Catalog): CatalogObject | undefined {
  return [...objects.values()].find(({ id, definition }) => 'partitionKey' in definition && equal(id.path, path))
}

export function childrenOf({ key }: CatalogObject, catalog: Catalog): CatalogObject[] {
  return [...catalog.objects.values()].filter(({ parent }) => parent === key)
}
