import type { Session } from '../postgres/session.js'

/** What is written takes effect as one, or not at all: a journal in a large object takes several statements for one note. */
export async function together(session: Session, work: () => Promise<void>): Promise<void> {
  await session.execute('begin')
  try {
    await work()
    await session.execute('commit')
  } catch (error) {
    await session.execute('rollback').catch(() => undefined)
    throw error
  }
}
