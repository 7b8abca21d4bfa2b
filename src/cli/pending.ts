import { equal, fingerprint } from '../catalog/canonical.js'
import type { Catalog } from '../catalog/catalog.js'
import { idOf } from '../catalog/id.js'
import { targetState } from '../diff/scope.js'
import { kindOf } from '../kinds/registry.js'
import { renamesAsked } from '../plan/asked-renames.js'
import type { Plan } from '../plan/plan.js'
import { rolesDropped, withRolesFirst } from '../plan/role-plans.js'
import { withRoles } from '../plan/roles-stage.js'
import { rowsCovered } from '../plan/rows-stage.js'
import { firstShadow, type Request, scopeOf, wantedState } from '../plan/stage.js'
import { introspect } from '../postgres/introspect.js'

/** Do the pending plans, one after another, lead from the live database to what the files say? Judged by their footprints. */
export async function pendingCover(asked: Request, pending: readonly Plan[]): Promise<boolean> {
  const live = await introspect(asked.live)
  // What they drop, no file says.
  const dropRoles = asked.manage.includes('roles') ? rolesDropped(pending) : []
  const request = await withRoles({ ...asked, dropRoles }, live)
  const shadow = firstShadow(() => request.shadow(live))
  try {
    const { wanted, rows } = await wantedState(shadow, request, live)
    const state = targetState(wanted, live, scopeOf(request, wanted))
    refuseUselessRenames(request, live, state.catalog, pending)
    const before = { plans: pending, shadow: () => request.shadow(live) }
    const asked = { session: request.live, rows, live, renamed: { formerly: new Map() }, target: state.catalog, pending: before }
    if (!(await rowsCovered(asked))) return false
    const reached = new Map<string, string | null>()
    for (const segment of pending.flatMap((plan) => plan.segments))
      for (const [key, print] of Object.entries(segment.after)) reached.set(key, print)
    return [...new Set([...live.objects.keys(), ...state.catalog.objects.keys()])].every((key) => {
      const [now, then] = [live.objects.get(key), state.catalog.objects.get(key)]
      if (!state.compared(key)) return true
      if (reached.has(key)) return reached.get(key) === (then ? fingerprint(then) : null)
      return (now === undefined) === (then === undefined) && equal(now?.definition, then?.definition)
    })
  } catch (error) {
    throw withRolesFirst(error, request)
  } finally {
    await shadow.close()
  }
}

/** A rename that pending plans do already is well; one that cannot be meant is told as where there is no plan yet. */
function refuseUselessRenames(
  { renames: flags = [], searchPath }: Request,
  live: Catalog,
  wanted: Catalog,
  pending: readonly Plan[],
): void {
  if (flags.length === 0) return
  const objects = new Map(live.objects)
  // What a pending plan makes, and another renames.
  for (const segment of pending.flatMap((plan) => plan.segments))
    for (const key of Object.keys(segment.after)) {
      const id = idOf(key)
      const standsBetween = segment.after[key] !== null && !wanted.objects.has(key) && !objects.has(key)
      // Names inside a stand-in cannot be asked for.
      if (standsBetween && !kindOf(id.kind).names) objects.set(key, { id, key, definition: {} })
    }
  renamesAsked({ statements: [], flags, remembered: [], home: searchPath[0] ?? 'public' }, { ...live, objects }, wanted)
}
