import type { Online } from '../kinds/kind.js'
import { kindOf } from '../kinds/registry.js'
import { type Change, type Comparison, comes, contextsIn, goes, upsets } from './compare.js'
import { echoed, impliedByEcho } from './echoes.js'
import type { Operation } from './operation.js'

/** Online is what stays with its table: what comes, goes or is made anew with it has no one who could wait. */
export function onlineForm(verb: Operation['verb'], change: Change, comparison: Comparison): Online | null {
  const { key, before, after, attributes, recreate, retype } = change
  const object = after ?? before
  const ask = object && kindOf(object.id.kind).online
  if (!ask || object.parent === undefined || retype || !comparison.online(object.parent, key)) return null
  const table = comparison.changes.get(object.parent)
  if ((table && (goes(table) || comes(table))) || impliedByEcho(change, comparison)) return null
  switch (verb) {
    case 'create':
      return after ? ask({ verb, after }, contextsIn(comparison).after) : null
    case 'drop':
      return before ? ask({ verb, before }, contextsIn(comparison).before) : null
    case 'alter': {
      if (!before || !after || attributes.some((attribute) => echoed(change, attribute, comparison))) return null
      if (recreate && needsRebuilt(change, comparison)) return null
      return ask({ verb: recreate ? 'replace' : verb, before, after, attributes }, contextsIn(comparison).after)
    }
    default:
      return null
  }
}

/** Old and new cannot stand side by side where what they stand on is itself made anew. */
function needsRebuilt({ key, before: object }: Change, { before, after, changes }: Comparison): boolean {
  return [before, after].some(({ needs }) =>
    [...(needs.get(key)?.keys() ?? [])].some((needed) => {
      const change = changes.get(needed)
      return change !== undefined && (change.recreate || (object !== undefined && upsets(object, change)))
    }),
  )
}
