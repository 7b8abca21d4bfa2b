import type { Outcome } from '../apply/apply.js'
import { isInForce } from '../apply/chain.js'
import { standingIn } from '../apply/standing.js'
import { UserError } from '../errors.js'
import type { Session } from '../postgres/session.js'
import { applyPlans } from './apply-stage.js'
import { plansToApply } from './choose-plans.js'
import { openPlanFolder } from './plan-folder.js'
import { connectToRun } from './running.js'
import { type Status, statusIn } from './status-stage.js'
import type { Workspace } from './workspace.js'

export interface Migrating {
  readonly say: (text: string) => void
  readonly lockTimeout?: number | undefined
  readonly ifAhead?: 'tell' | 'fail' | undefined
  readonly requireSignatures?: number | undefined
}

/** Brings the database to the project's plans. Where it is there already, one query tells. */
export async function migrateIn(
  workspace: Workspace,
  { say, lockTimeout, ifAhead = 'tell', requireSignatures }: Migrating,
): Promise<{ readonly applied: readonly Outcome[]; readonly ahead: readonly string[] }> {
  const session = await connectToRun(workspace.target)
  try {
    const { state, ahead } = await standing(workspace, session)
    if (ifAhead === 'fail' && ahead.length > 0) throw isAhead(session, ahead)
    if (state === 'current' || state === 'ahead') return { applied: [], ahead }
    const applied = await applyPlans(workspace, session, await plansToApply(workspace, session, [], say), {
      say,
      confirm: async () => undefined,
      requireSignatures,
      running: lockTimeout === undefined ? {} : { lockTimeout },
    })
    return { applied, ahead: (await standing(workspace, session)).ahead }
  } finally {
    await session.close()
  }
}

/** Where there is no plan file at all, the folder was forgotten when the application was packed: all that the database has, the code lacks. */
async function standing(workspace: Workspace, session: Session): Promise<Status> {
  const found = await standingIn(session)
  const [status, { ids }] = await Promise.all([statusIn(workspace, found), openPlanFolder(workspace)])
  if (ids.length > 0) return status
  return { ...status, ahead: found.links.filter((link) => isInForce(link) && !link.empty).map(({ id }) => id) }
}

function isAhead({ label }: Session, ahead: readonly string[]): UserError {
  return new UserError('ahead', `${label} is ahead of this code: it has ${ahead.slice(0, 5).join(', ')}${ahead.length > 5 ? ', …' : ''}.`, {
    next: 'Start the version of the application that brought these plans, or a newer one.',
  })
}
