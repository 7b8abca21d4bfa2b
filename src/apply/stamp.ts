import { digestOf, planId } from '../plan/make.js'
import type { Plan } from '../plan/plan.js'
import { introspect } from '../postgres/introspect.js'
import type { Session } from '../postgres/session.js'
import type { Journal } from './journal.js'
import { together } from './together.js'

/** Records plans as applied without running them, and the database as it is as what was agreed: one transaction. */
export async function stamp(session: Session, journal: Journal, plans: readonly Plan[]): Promise<void> {
  const catalog = await introspect(session)
  await session.execute('begin')
  try {
    for (const plan of plans) {
      await journal.record(plan, 'stamped', plan.segments.length, null)
      await journal.note(plan.id, 'stamp', null, 'done', null)
    }
    const last = plans.at(-1)
    if (last) await journal.saveSnapshot(last.id, catalog)
    await session.execute('commit')
  } catch (error) {
    await session.execute('rollback').catch(() => undefined)
    throw error
  }
}

/** Records the database as it is as what this plan left: for one that psql ran. */
export async function stampState(session: Session, journal: Journal, plan: Plan): Promise<void> {
  const catalog = await introspect(session)
  await together(session, async () => {
    await journal.saveSnapshot(plan.id, catalog)
    await journal.note(plan.id, 'stamp', null, 'done', null)
  })
}

/** A plan without steps: the beginning of the chain on a database that was made by other means. */
export function baseline(facts: Pick<Plan, 'tool' | 'parent' | 'target' | 'scope'>, title = 'baseline'): Plan {
  const content: Omit<Plan, 'id' | 'digest'> = {
    format: 1,
    title,
    ...facts,
    allow: [],
    irreversible: null,
    rehearsal: { shadow: 'none', rows: {}, caveats: [] },
    segments: [],
  }
  const digest = digestOf(content)
  return { ...content, id: planId(content.title, digest), digest }
}
