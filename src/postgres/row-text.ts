import pgvector from 'pgvector'
import type { Cell } from '../source/read.js'

/** What a column is, as far as writing its values goes. */
export interface RowColumn {
  readonly name: string
  /** As format_type has it, qualified. */
  readonly type: string
  /** `is not distinct from` works on it; json, xml and points are compared by their text. */
  readonly comparable: boolean
}

export interface ColumnType {
  readonly type: string
  /** Name of the type itself, without schema and modifier, of a domain that of its base. */
  readonly base: string
  readonly isArray: boolean
}

/** A value as PostgreSQL's input function takes it; null where a list or mapping is no value of such a column. */
export function textOf(cell: Cell, { base, isArray }: ColumnType): { readonly text: string | null } | null {
  if (cell === null || typeof cell === 'string') return { text: cell }
  if (base === 'json' || base === 'jsonb') return { text: JSON.stringify(cell) }
  if (!isList(cell)) return null
  // pgvector makes 0 of null and '', 1 of true: that is for PostgreSQL to refuse.
  if (VECTORS.has(base) && !cell.every(isNumber)) return { text: JSON.stringify(cell) }
  if (base === 'vector' || base === 'halfvec') return { text: pgvector.toSql(cell) }
  if (base === 'sparsevec') return { text: pgvector.toSql(new pgvector.SparseVector(cell.map(Number), undefined)) }
  return isArray ? { text: arrayText(cell) } : null
}

const VECTORS = new Set(['vector', 'halfvec', 'sparsevec'])

function isNumber(item: unknown): boolean {
  return typeof item === 'number' || (typeof item === 'string' && item.trim() !== '' && Number.isFinite(Number(item)))
}

function isList(cell: Exclude<Cell, null | string>): cell is Extract<Cell, readonly unknown[]> {
  return Array.isArray(cell)
}

function arrayText(list: readonly unknown[]): string {
  const items = list.map((item) => {
    if (item === null) return 'NULL'
    if (Array.isArray(item)) return arrayText(item)
    const text = typeof item === 'object' ? JSON.stringify(item) : String(item)
    return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
  })
  return `{${items.join(',')}}`
}
