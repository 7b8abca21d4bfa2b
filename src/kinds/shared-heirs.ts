import type { CatalogObject } from '../catalog/catalog.js'
import { idOf } from '../catalog/id.js'
import { once } from '../catalog/once.js'
import { quoteName } from '../sql/quote.js'
import type { Context } from './kind.js'

/*
 * A column that an heir has from several parents, of which none inherits from the other: ALTER TYPE is refused on each of them (14 to 18),
 * and takes from a parent above them all.
 */

/** The column and those with which it shares heirs, by key; it alone where there are none. */
export function sharingHeirs(column: CatalogObject, { ofKind }: Context): readonly CatalogObject[] {
  return bySource(ofKind(column.id.kind)).get(column.key) ?? [column]
}

const bySource = once((columns: readonly CatalogObject[]): ReadonlyMap<string, readonly CatalogObject[]> => {
  const groups = new Map<string, Set<string>>()
  const heirs = columns.filter(({ echoes = [] }) => echoes.length > 1)
  if (heirs.length === 0) return new Map()
  const byKey = new Map(columns.map((column) => [column.key, column]))
  const sourcesOf = (key: string): readonly string[] => {
    const { echoes = [] } = byKey.get(key) ?? {}
    return echoes.length === 0 ? [key] : echoes.flatMap(sourcesOf)
  }
  for (const { key } of heirs) {
    const sources = new Set(sourcesOf(key))
    if (sources.size === 1) continue
    const group = new Set([...sources].flatMap((source) => [source, ...(groups.get(source) ?? [])]))
    for (const source of group) groups.set(source, group)
  }
  return new Map([...groups].map(([key, group]) => [key, [...group].sort().flatMap((source) => byKey.get(source) ?? [])]))
})

/** Done to what stands above all of these for a while. `fragment` is the column as they have it until then; `action`, what is done to it. */
export function fromAbove(
  columns: readonly CatalogObject[],
  { fragment, action }: { readonly fragment: string; readonly action: string },
  { beside }: Context,
): readonly string[] {
  const tables = columns.map(({ parent }) => idOf(parent ?? '[""]'))
  const [first = idOf('[""]')] = tables
  const above = quoteName(...beside(first, '__above').path)
  const each = (word: string) => tables.map(({ path }) => `alter table ${quoteName(...path)} ${word} ${above}`)
  return [
    `create table ${above} (${fragment})`,
    ...each('inherit'),
    `alter table ${above} ${action}`,
    ...each('no inherit'),
    `drop table ${above}`,
  ]
}
