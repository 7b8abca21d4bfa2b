import { equal } from '../catalog/canonical.js'
import type { Catalog, CatalogObject } from '../catalog/catalog.js'
import type { Reference } from '../kinds/kind.js'
import { kindOf } from '../kinds/registry.js'
import { quoteIdentifier, quoteLiteral, quoteName } from '../sql/quote.js'
import { ownRows } from '../sql/rows.js'

/** A table whose rows refer to those of another. */
export interface Referrer extends Reference {
  readonly constraint: string
  readonly child: CatalogObject
}

/** Foreign keys to the table, of files and of what is not managed alike. */
export function referrersOf(table: CatalogObject, catalog: Catalog): Referrer[] {
  return [...catalog.objects.values()].flatMap((object) => {
    const reference = kindOf(object.id.kind).refers?.(object) ?? null
    const child = catalog.objects.get(object.parent ?? '')
    if (reference === null || !child || !equal(reference.table, table.id.path)) return []
    return [{ ...reference, child, constraint: object.id.path.at(-1) ?? '' }]
  })
}

/** A table's own rows, where it is called so. */
export function ownRowsAt(path: readonly string[], { definition }: CatalogObject): string {
  return ownRows(path, definition.partitionKey !== null)
}

/**
 * Statements of a PL/pgSQL block that stop it where rows of other tables would go, or change, along with those of `gone`, a `(values …) as w (…)`
 * that `match` joins to the table as `t`. The rows are locked first: who refers to one of them from then on waits, and finds none.
 */
export function guardsOf(
  table: readonly string[],
  referrers: readonly Referrer[],
  { gone, match, sameRow }: { readonly gone: string; readonly match: string; readonly sameRow: (alias: string) => string },
): string[] {
  if (referrers.length === 0) return []
  const lock = `perform from ${quoteName(...table)} as t, ${gone} where ${match} for update of t;`
  return [lock, ...referrers.map((referrer) => guard(table, referrer, gone, match, sameRow))]
}

function guard(
  table: readonly string[],
  { child, columns, keys, constraint }: Referrer,
  gone: string,
  match: string,
  sameRow: (alias: string) => string,
): string {
  const refers = columns.map((name, i) => `c.${quoteIdentifier(name)} = t.${quoteIdentifier(keys[i] ?? '')}`)
  const own = equal(child.id.path, table) ? ` and not exists (select from ${gone} where ${sameRow('c')})` : ''
  const message = `rows of ${child.id.path.join('.')} refer to rows that are to go, and would go or change with them (constraint ${constraint})`
  return `if exists (select from ${quoteName(...table)} as t, ${gone}, ${ownRowsAt(child.id.path, child)} as c
      where ${match} and ${refers.join(' and ')}${own}) then
    raise exception using errcode = 'foreign_key_violation', message = ${quoteLiteral(message)};
  end if;`
}

/** By which columns people tell its rows apart; none: it has no primary key. */
export function keyOfTable(table: CatalogObject, catalog: Catalog): readonly string[] {
  for (const object of catalog.objects.values()) {
    const key = object.parent === table.key ? kindOf(object.id.kind).tellsApart?.(object) : null
    if (key) return key
  }
  return []
}
