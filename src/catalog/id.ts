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
  return visible(`${id.kind} ${id.path.join('.')}`)
}

/** On one line, and without what a terminal would obey: line ends, escapes, marks that turn the direction of writing. */
export function visible(text: string): string {
  return text.replaceAll(UNSEEN, (character) => {
    const short = JSON.stringify(character).slice(1, -1)
    return short === character ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : short
  })
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g
