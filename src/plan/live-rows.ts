import type { Catalog, CatalogObject } from '../catalog/catalog.js'
import { idOf } from '../catalog/id.js'
import { type Comparison, comes } from '../diff/compare.js'
import { kindOf } from '../kinds/registry.js'
import type { Session } from '../postgres/session.js'
import { quoteName } from '../sql/quote.js'
import type { Renamed } from './renames.js'

/**
 * Which of the tables that get something new, and stay, have a row in the live database, `now`. One query, whatever their number. Tables
 * that a pending plan will make have none yet.
 */
export async function tablesWithRows(
  session: Session,
  { live, formerly }: Renamed,
  { changes }: Pick<Comparison, 'changes'>,
  now: Catalog,
): Promise<ReadonlySet<string>> {
  const parents = new Set<string>()
  for (const change of changes.values()) {
    const parent = change.after?.parent
    if (parent === undefined || !comes(change) || !kindOf(change.after?.id.kind ?? '').fill || !holdsRows(live.objects.get(parent)))
      continue
    parents.add(parent)
  }
  if (parents.size === 0) return parents
  const keys = [...parents].filter((key) => now.objects.has(formerly.get(key) ?? key)).sort()
  if (keys.length === 0) return new Set()
  const probes = keys.map((key, i) => `select ${i} as i where exists (select from ${quoteName(...idOf(formerly.get(key) ?? key).path)})`)
  const rows = await session.query<{ i: number }>(probes.join('\nunion all '))
  return new Set(rows.map(({ i }) => keys[i] ?? ''))
}

/** Asked of tables of this database only: a foreign table would make us call its server. */
function holdsRows(parent: CatalogObject | undefined): boolean {
  return parent !== undefined && kindOf(parent.id.kind).holdsData === true
}
