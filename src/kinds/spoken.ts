import { describe, type ObjectId, visible } from '../catalog/id.js'
import { KINDS, kindOf } from './registry.js'

const KIND_NAMES: ReadonlySet<string> = new Set(KINDS.map(({ name }) => name))

/** As people say it: `function public.f(integer)`, `table public.t`, `grant reader on table public.t`. */
export function spoken(id: ObjectId): string {
  const target = aboutOf(id)
  if (target === null) return spokenWhole(id)
  return spokenAbout(id.kind, id.path.slice(0, -1 - target.path.length), target)
}

/** `grant reader by admin on table public.t`, of the names that are the grant's own. */
export function spokenAbout(kind: string, own: readonly string[], target: ObjectId): string {
  const qualifiers = own.filter((name) => name !== '').join(' by ')
  return visible(`${[kind, qualifiers].filter((word) => word !== '').join(' ')} on `) + spokenWhole(target)
}

function spokenWhole({ kind, path }: ObjectId): string {
  return kindOf(kind).mentions ? visible(`${kind} ${path[0]}.${path[1]}(${path[2] ?? ''})`) : describe({ kind, path })
}

/** What a comment, an owner or a grant is about; null: it is none of these. A role that is called like a kind may be taken for that. */
export function aboutOf({ kind, path }: ObjectId): ObjectId | null {
  const at = kindOf(kind).global ? path.findIndex((part, i) => i < path.length - 1 && KIND_NAMES.has(part)) : -1
  const target = path[at]
  return target === undefined ? null : { kind: target, path: path.slice(at + 1) }
}
