import type { Catalog, CatalogObject } from '../catalog/catalog.js'
import { concernedBy, mayBeRows } from './lessons.js'
import type { Rehearsing } from './rehearsing.js'
import { type SeededTable, seedable } from './rows.js'

/** So many tables are tried without a row one after another, before all are. */
const MOST_UNSEEDED = 16

/** With which rows a rehearsal is tried: with one in every table, until something tells otherwise. */
export interface RowsTried {
  tables(start: Catalog): readonly CatalogObject[]
  /** The way back does not take a row in each of the tables, for that reason: is it to be tried with other rows? */
  wayBackRefuses(tables: readonly CatalogObject[], reason: string | null): Promise<boolean>
  /** These tables had a row when that was thrown: is it to be tried without some of them? */
  refuses(error: unknown, seeded: readonly SeededTable[]): boolean
  /** What the rows that were left out might have shown. */
  caveats(irreversible: string | null): readonly string[]
}

export function rowsTried(holdingRows: Rehearsing['holdingRows']): RowsTried {
  let withRows = true
  const unseeded = new Set<string>()
  let filled: ReadonlySet<string> | null = null
  let obstacle: string | null = null
  const caveats: string[] = []
  return {
    tables: (start) => (withRows ? seedable(start).filter(({ key }) => !unseeded.has(key) && (filled?.has(key) ?? true)) : []),
    async wayBackRefuses(tables, reason) {
      if (filled !== null) return false
      filled = await holdingRows(tables.map(({ key }) => key))
      obstacle = reason
      return filled.size < tables.length
    },
    refuses(error, seeded) {
      if (!withRows || !mayBeRows(error)) return false
      const concerned = unseeded.size < MOST_UNSEEDED ? concernedBy(error, seeded) : []
      for (const { key } of concerned) unseeded.add(key)
      caveats.push(...concerned.map(({ name }) => `rehearsed without rows in ${name}: with a synthetic one, ${error.cause.message}`))
      withRows = concerned.length > 0
      if (!withRows) caveats.push(`rehearsed without rows: with synthetic ones, ${error.cause.message}`)
      return true
    },
    caveats: (irreversible) =>
      obstacle !== null && irreversible === null
        ? [...caveats, `taken back with rows in tables that have some now; with one in every table, ${obstacle}`]
        : caveats,
  }
}
