import { isInForce } from '../apply/chain.js'
import type { Journal } from '../apply/journal.js'
import { keyOf } from '../catalog/id.js'

/** Keys of all that plans in force made or changed, and of the schemas that the last of them managed. */
export async function formerlyManaged(journal: Journal): Promise<Set<string>> {
  const entries = (await journal.entries()).filter(isInForce)
  const keys = new Set<string>()
  for (const { id } of entries) {
    const plan = await journal.plan(id)
    for (const step of plan.segments.flatMap((segment) => segment.steps)) for (const key of step.objects) keys.add(key)
    if (id === entries.at(-1)?.id && plan.scope.schemas !== '*')
      for (const name of plan.scope.schemas) keys.add(keyOf({ kind: 'schema', path: [name] }))
  }
  return keys
}
