import { namesOf } from '../sql/quote.js'
import type { Context } from './kind.js'

const TYPES = ['base type', 'composite type', 'domain', 'enum', 'range type', 'table', 'view', 'materialized view', 'foreign table']

/**
 * Is it one type under two names: that of an extension, which is moved to another schema? What is made of the type has followed it, and is
 * not to be made anew. A type of the user's own that is in another schema is another type.
 */
export function isMoved(from: string, to: string, { former, find }: Pick<Context, 'former' | 'find'>): boolean {
  const [a, b] = [parted(from), parted(to)]
  if (!a || !b || a.tail !== b.tail || a.path[1] !== b.path[1] || a.path[0] === b.path[0]) return false
  return TYPES.every((kind) => !former({ kind, path: a.path }) && !find({ kind, path: b.path }))
}

/** Schema and name; what follows them: `(10)`, `[]`. */
function parted(type: string): { readonly path: readonly string[]; readonly tail: string } | null {
  const [, name = '', tail = ''] = /^(.*?)((?:\([^()"]*\))?(?:\[\])*)$/s.exec(type) ?? []
  const path = namesOf(name)
  return path?.length === 2 ? { path, tail } : null
}
