import type { Session } from '../postgres/session.js'
import { isInForce } from './chain.js'
import type { Event, Journal } from './journal.js'
import { together } from './together.js'

/** What makes a database one that plans alone do not tell of, and what makes it an ordinary one again. */
export const DEVELOPMENT = ['dev', 'reset', 'stamp'] as const

/** The last time that `dev` or `reset` changed this database without a plan; null where none did, or `stamp` was told since that plans tell of it. */
export async function lastDevelopment(journal: Journal): Promise<Event | null> {
  return developmentIn(await journal.lastEvent(DEVELOPMENT))
}

export function developmentIn(last: Event | null): Event | null {
  return last === null || last.action === 'stamp' ? null : last
}

/** Notes what was changed without a plan, beside the plan that the database stood at. */
export async function noteDevelopment(
  session: Session,
  journal: Journal,
  action: 'dev' | 'reset',
  steps: number,
  seconds: number,
): Promise<void> {
  const entries = (await journal.entries()).filter(isInForce)
  await together(session, async () => {
    // After a reset, no plan stands: what they made was dropped, and made anew from the files.
    if (action === 'reset')
      for (const { id } of entries) {
        await journal.record(await journal.plan(id), 'reverted', 0, null)
        await journal.note(id, 'reset', null, 'done', null)
      }
    const current = action === 'reset' ? '' : (entries.at(-1)?.id ?? '')
    await journal.note(current, action, null, `${steps} ${steps === 1 ? 'step' : 'steps'} without a plan`, seconds * 1000)
  })
}
