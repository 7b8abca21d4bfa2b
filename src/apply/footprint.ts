import { fingerprint } from '../catalog/canonical.js'
import type { Catalog } from '../catalog/catalog.js'
import { idOf } from '../catalog/id.js'
import { UserError } from '../errors.js'
import { spoken } from '../kinds/spoken.js'
import type { Footprint, Plan } from '../plan/plan.js'

/** How the objects of a segment may look; `or` holds other spellings of some of them. */
export interface Expected {
  readonly is: Footprint
  readonly or: Footprint
}

/** Throws UserError naming the first object that is not as the plan expects it. */
export function checkFootprint(now: Catalog, expected: Expected, plan: Plan, when: string): void {
  const key = firstMismatch(now, expected)
  if (key === null) return
  const what = !now.objects.has(key)
    ? 'does not exist'
    : expected.is[key] === null
      ? 'exists already'
      : 'is not as it was when the plan was made'
  throw new UserError('footprint', `Plan ${plan.id}, ${when}: ${spoken(idOf(key))} ${what}. Nothing was changed by this segment.`, {
    next: 'schemactl drift shows what differs; plan again to start from how the database is now.',
  })
}

export function matches(now: Catalog, expected: Expected): boolean {
  return firstMismatch(now, expected) === null
}

function firstMismatch(now: Catalog, { is, or }: Expected): string | null {
  for (const [key, wanted] of Object.entries(is)) {
    const object = now.objects.get(key)
    const found = object ? fingerprint(object) : null
    if (found !== wanted && !(key in or && found === or[key])) return key
  }
  return null
}

/** What all segments from this one on expect to find, as far as none of them makes it: nothing is begun that cannot be finished. */
export function footprintFrom(plan: Plan, first: number): Expected {
  const is: Record<string, string | null> = {}
  const or: Record<string, string | null> = {}
  for (const segment of plan.segments.slice(first))
    for (const [key, print] of Object.entries(segment.before)) {
      if (key in is) continue
      is[key] = print
      if (key in segment.restored) or[key] = segment.restored[key] ?? null
    }
  return { is, or }
}
