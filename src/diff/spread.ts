import { keyOf } from '../catalog/id.js'
import { once } from '../catalog/once.js'
import { kindOf } from '../kinds/registry.js'
import { type Change, type Comparison, comes, contextsIn, goes } from './compare.js'
import { looseIn } from './echoes.js'
import { onlineForm } from './online-form.js'

/** What comes by one statement, made for its whole: by the key of the one that makes the others. */
export interface Spread {
  /** Made along: nothing is left to do for them. */
  readonly along: ReadonlySet<string>
  /** Made by themselves before, and only tied to it. */
  readonly first: ReadonlySet<string>
}

/** By their keys, those that make others along. */
export const spreadsIn = once((comparison: Comparison): ReadonlyMap<string, Spread> => {
  const { apart, before, changes } = comparison
  const found = new Map<string, Spread>()
  if (apart) return found
  const loose = looseIn(comparison)
  const stays = (key: string) => {
    const change = changes.get(key)
    return before.objects.has(key) && !loose.has(key) && (change === undefined || !(goes(change) || comes(change)))
  }
  const isOnline = (change: Change | undefined) =>
    change !== undefined && (['create', 'alter'] as const).some((verb) => onlineForm(verb, change, comparison) !== null)
  for (const change of changes.values()) {
    const ask = change.after && comes(change) ? kindOf(change.after.id.kind).spread : undefined
    if (!ask || !change.after || isOnline(change)) continue
    const spread = ask.over(change.after, contextsIn(comparison).arriving, (id) => stays(keyOf(id)))
    const along = new Set(spread?.along.map(keyOf))
    if (spread === null || [...along].some((key) => isOnline(changes.get(key)))) continue
    found.set(change.key, { along, first: new Set(spread.first.map(keyOf)) })
  }
  // What is made along makes none along itself.
  for (const { along } of [...found.values()]) for (const key of along) found.delete(key)
  return found
})

/** What is made along, with what makes it. */
export const makersIn = once((comparison: Comparison): ReadonlyMap<string, string> => {
  const makers = new Map<string, string>()
  for (const [maker, { along }] of spreadsIn(comparison)) for (const key of along) makers.set(key, maker)
  return makers
})
