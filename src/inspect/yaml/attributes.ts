import type { CatalogObject, Value } from '../../catalog/catalog.js'
import { type Children, type Mapping, oneOrMany, reader } from './mapping.js'

/** Comment, owner and grants, as far as a mapping can say them. */
export function attributes(
  object: CatalogObject,
  children: Children,
): { readonly value: { readonly [key: string]: Value | undefined }; readonly covers: readonly string[] } {
  const comment = commentOf(object, children)
  const [owner] = children(object, 'owner')
  const grants = children(object, 'grant').flatMap((one) => {
    const mapping = one.member === undefined ? grant(one) : null
    return mapping === null ? [] : [mapping]
  })
  return {
    value: {
      comment: comment.value,
      owner: owner?.definition.role,
      grants: Object.fromEntries(grants.map(({ role, privileges }) => [role, privileges])),
    },
    covers: [...comment.covers, ...(owner === undefined ? [] : [owner.key]), ...grants.map(({ object: one }) => one.key)],
  }
}

/** The comment alone, for what has neither owner nor grants. */
export function commentOf(
  object: CatalogObject,
  children: Children,
): { readonly value: Value | undefined; readonly covers: readonly string[] } {
  const [comment] = children(object, 'comment')
  // That an extension has none is nothing that a mapping can say.
  if (typeof comment?.definition.text !== 'string') return { value: undefined, covers: [] }
  return { value: comment.definition.text, covers: [comment.key] }
}

/** Only what is given beyond nothing, without grant option, to somebody else than the owner. */
function grant(object: CatalogObject): { readonly role: string; readonly privileges: Value; readonly object: CatalogObject } | null {
  const [role = ''] = object.id.path
  // Granted by another than the owner.
  if (object.parent === undefined || object.id.path.length !== 1 + (JSON.parse(object.parent) as string[]).length) return null
  const { of } = reader(object)
  const privileges = of('privileges') ?? {}
  const names = Object.keys(privileges).sort()
  if (role === '' || (role !== 'public' && role.toLowerCase() === 'public')) return null
  if (names.length === 0 || Object.keys(of('builtIn') ?? {}).length > 0 || names.some((name) => privileges[name] !== false)) return null
  return { role, privileges: oneOrMany(names.map((name) => name.toLowerCase())), object }
}

export function cover(object: CatalogObject, value: Value, ...more: readonly (readonly string[])[]): Mapping {
  return { value, covers: [object.key, ...more.flat()] }
}
