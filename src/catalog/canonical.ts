import { createHash } from 'node:crypto'
import type { CatalogObject, Value } from './catalog.js'

/** JSON with the keys of every object sorted: equal values have equal text. */
export function canonical(value: Value | undefined): string {
  if (value === undefined) return 'null'
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map((item: Value) => canonical(item)).join(',')}]`
  const record = value as { readonly [name: string]: Value }
  const fields = Object.keys(record)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonical(record[name])}`)
  return `{${fields.join(',')}}`
}

export function equal(a: Value | undefined, b: Value | undefined): boolean {
  return a === b || canonical(a) === canonical(b)
}

/** SHA-256 of the canonical text, in hexadecimal. */
export function digest(value: Value): string {
  return createHash('sha256').update(canonical(value)).digest('hex')
}

/**
 * The 16 hexadecimal digits by which a plan knows the state of one object. Attributes that are null do not count: a kind may learn a new
 * one, null for what objects were so far, and plans that were made before still know their objects.
 */
export function fingerprint(object: CatalogObject): string {
  const attributes = Object.entries(object.printed ?? object.definition).filter(([, value]) => value !== null)
  return digest(Object.fromEntries(attributes)).slice(0, 16)
}
