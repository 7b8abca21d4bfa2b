import type { Catalog, CatalogObject, Definition } from '../catalog/catalog.js'
import { keyOf } from '../catalog/id.js'

/**
 * The part of template0 that `live` still has (14 to 18): what every new database has, and what no file needs to state. Until 14 the
 * schema public belonged to the bootstrap superuser, whoever that is, and everybody could create in it.
 */
export function baseOf(live: Catalog): Catalog {
  const schema = keyOf({ kind: 'schema', path: ['public'] })
  const owner = live.objects.get(keyOf({ kind: 'owner', path: ['schema', 'public'] }))?.definition.role ?? null
  const extension = keyOf({ kind: 'extension', path: ['plpgsql'] })
  const known = [
    object('schema', ['public'], {}),
    object('owner', ['schema', 'public'], { role: live.major >= 15 ? 'pg_database_owner' : owner }, schema),
    object(
      'grant',
      ['public', 'schema', 'public'],
      { privileges: live.major >= 15 ? { USAGE: false } : { CREATE: false, USAGE: false }, builtIn: {} },
      schema,
    ),
    object('comment', ['schema', 'public'], { text: 'standard public schema' }, schema),
    object('extension', ['plpgsql'], live.objects.get(extension)?.definition ?? {}),
  ]
  // What was dropped since then cannot be stated: no file says DROP.
  const objects = new Map(known.filter((o) => live.objects.has(o.parent ?? o.key)).map((o) => [o.key, o]))
  const needs = new Map(
    [...objects.values()].flatMap((o) => (o.parent === undefined ? [] : [[o.key, new Map([[o.parent, 'auto' as const]])] as const])),
  )
  return { objects, needs, unmodelled: [], major: live.major, role: live.role }
}

function object(kind: string, path: readonly string[], definition: Definition, parent?: string): CatalogObject {
  const id = { kind, path }
  return { id, key: keyOf(id), definition, ...(parent === undefined ? {} : { parent }) }
}
