import type { CatalogObject } from '../catalog/catalog.js'
import { quoteIdentifier, quoteName } from '../sql/quote.js'

// How statements name a column, or what is of one.

export function table(object: CatalogObject): string {
  return quoteName(...object.id.path.slice(0, -1))
}

export function name(object: CatalogObject): string {
  return quoteIdentifier(object.id.path.at(-1) ?? '')
}

export function alter(object: CatalogObject, word = 'table'): string {
  return `alter ${word} ${table(object)} alter column ${name(object)}`
}
