import { setTimeout as sleep } from 'node:timers/promises'
import { UserError } from '../errors.js'
import type { Session } from '../postgres/session.js'

/** "schemactl" in ASCII digits, cut to 63 bits: one number for every run of schemactl on a database. */
const KEY = '8314620185913'

/**
 * One runner at a time. Polled, never waited for: a session that waits in pg_advisory_lock holds a snapshot, and CREATE INDEX
 * CONCURRENTLY in the running one would wait for that snapshot for ever.
 */
export async function withLock<T>(session: Session, work: () => Promise<T>, waitSeconds = 60): Promise<T> {
  const until = Date.now() + waitSeconds * 1000
  for (;;) {
    const [row] = await session.query<{ got: boolean }>(`select pg_catalog.pg_try_advisory_lock(${KEY}) as got`)
    if (row?.got) break
    if (Date.now() > until) throw new UserError('locked', `Another schemactl has been running on ${session.label} for ${waitSeconds} seconds.`, { next: 'Wait for it to end, or look for it in pg_stat_activity (application_name schemactl).' })
    await sleep(200)
  }
  try {
    return await work()
  } finally {
    await session.query(`select pg_catalog.pg_advisory_unlock(${KEY})`).catch(() => undefined)
  }
}
