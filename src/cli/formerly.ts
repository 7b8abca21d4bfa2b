import { isInForce } from '../apply/chain.js'
import type { Journal } from '../apply/journal.js'
import { keyOf } from '../catalog/id.js'
import type { Plan } from '../plan/plan.js'

/** Keys of all that plans in force, or pending, made or changed, and of the schemas that the last of them managed. */
export async function formerlyManaged(journal: Journal, pending: readonly Plan[] = []): Promise<Set<string>> {
  const plans: Plan[] = []
  for (const { id } of (await journal.entries()).filter(isInForce)) plans.push(await journal.plan(id))
  plans.push(...pending)
  const steps = plans.flatMap(({ segments }) => segments.flatMap((segment) => segment.steps))
  const schemas = plans.at(-1)?.scope.schemas ?? []
  return new Set([
    ...steps.flatMap(({ objects }) => objects),
    ...(schemas === '*' ? [] : schemas.map((name) => keyOf({ kind: 'schema', path: [name] }))),
  ])
}
