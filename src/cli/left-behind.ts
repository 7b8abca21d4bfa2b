import { isInForce } from '../apply/chain.js'
import { openJournal } from '../apply/journal.js'
import type { Plan } from '../plan/plan.js'
import type { Session } from '../postgres/session.js'
import { type LeftBehind, NOTHING_CHANGED } from './interrupted.js'

/** Where the journal says that these plans stand, after `action` on them was cut short; those before `done` were done by it. */
export async function leftByPlans(
  session: Session,
  action: 'apply' | 'revert',
  plans: readonly Plan[],
  done: readonly { readonly plan: string }[],
): Promise<LeftBehind> {
  const entries = await (await openJournal(session, 'read')).entries()
  const half = entries.find((entry) => plans.some(({ id }) => id === entry.id) && !isInForce(entry) && entry.status !== 'reverted')
  const parts = [
    ...(done.length > 0 ? [`${done.map(({ plan }) => plan).join(', ')} ${done.length === 1 ? 'is' : 'are'} ${PAST[action]}`] : []),
    ...(half ? [`of ${half.id}, ${half.segmentsDone} of ${half.segments} segments ${half.segmentsDone === 1 ? 'stands' : 'stand'}`] : []),
  ]
  const back = action === 'apply' && half ? '; schemactl revert takes it back' : ''
  return { what: parts.length === 0 ? NOTHING_CHANGED : parts.join('; '), next: `schemactl ${action} goes on from there${back}.` }
}

const PAST = { apply: 'applied', revert: 'reverted' } as const
