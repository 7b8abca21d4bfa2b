import type { Catalog } from '../catalog/catalog.js'
import { kindOf } from '../kinds/registry.js'
import type { Session } from '../postgres/session.js'

/**
 * Keys of the objects whose name stands anywhere in these texts: more than they mention, never fewer, routine bodies and comments
 * included. For what a replica must hold, too much costs a little time and too little is wrong.
 */
export function mentioned(catalog: Catalog, texts: readonly string[]): string[] {
  const words = new Set(texts.flatMap(wordsOf))
  return [...catalog.objects.values()]
    .filter(({ parent, id }) => parent === undefined && id.path.length > 1 && words.has(id.path[1] ?? ''))
    .map(({ key }) => key)
}

/** Keys of what brings objects that nobody sees in the catalog, as far as the shadow can have it: what these texts use of it cannot be told. */
export async function brought(catalog: Catalog, shadow: Session): Promise<string[]> {
  const there = [...catalog.objects.values()].filter(({ id }) => kindOf(id.kind).brings)
  if (there.length === 0) return []
  const rows = await shadow.query<{ name: string }>('select name::text from pg_catalog.pg_available_extensions')
  const available = new Set(rows.map(({ name }) => name))
  return there.filter(({ id }) => available.has(id.path[0] ?? '')).map(({ key }) => key)
}

/** Names as PostgreSQL reads them: folded to lower case unless quoted. */
function wordsOf(text: string): string[] {
  const found = text.match(/"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*/gu) ?? []
  return found.flatMap((word) =>
    // A quoted text may be a literal of a routine's body with names inside.
    word.startsWith('"') ? [word.slice(1, -1).replaceAll('""', '"'), ...wordsOf(word.slice(1, -1))] : [word.toLowerCase()],
  )
}
