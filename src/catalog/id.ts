/**
 * The identity of an object: its kind and the names that lead to it.
 * A column is `{kind: 'column', path: ['public', 'documentos', 'titulo']}`. What belongs to any kind of object
 * (comment, owner, grant) carries its own qualifiers first and then its target's kind and path:
 * `{kind: 'comment', path: ['column', 'public', 'documentos', 'titulo']}`.
 */
export interface ObjectId {
  readonly kind: string
  readonly path: readonly string[]
}

/** The one text form of an id: kind and path as JSON, so that no name needs escaping rules of its own. */
export function keyOf(id: ObjectId): string {
  return JSON.stringify([id.kind, ...id.path])
}

/** The inverse of `keyOf`. */
export function idOf(key: string): ObjectId {
  const [kind = '', ...path] = JSON.parse(key) as string[]
  return { kind, path }
}

/** An id as people read it: `column public.documentos.titulo`. */
export function describe(id: ObjectId): string {
  return `${id.kind} ${id.path.join('.')}`
}
