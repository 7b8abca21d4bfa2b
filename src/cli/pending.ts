import { equal, fingerprint } from '../catalog/canonical.js'
import { targetState } from '../diff/scope.js'
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
    if (!(await rowsCovered({ session: request.live, rows, live, renamed: { formerly: new Map() }, target: state.catalog, pending })))
      return false
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
