import { setTimeout as sleep } from 'node:timers/promises'
import { UserError } from '../errors.js'
import type { Session } from '../postgres/session.js'

/** "schemactl" in ASCII digits, cut to 63 bits: one number for every run of schemactl on a database. */
const RUN = '8314620185913'
/** One for every segment: a run holds RUN on its connection already, and behind a pooler not even that. */
export const SEGMENT = '8314620185914'

const WAIT_SECONDS = 60

/**
 * One runner at a time. Polled, never waited for: a session that waits in pg_advisory_lock holds a snapshot, and CREATE INDEX
 * CONCURRENTLY in the running one would wait for that snapshot for ever. Behind a transaction pooler the lock of a session would
 * stay with a connection that is nobody's: there, only the lock of each segment keeps runners apart.
 */
export async function withLock<T>(session: Session, work: () => Promise<T>, waitSeconds = WAIT_SECONDS): Promise<T> {
  if (await isPooled(session)) return work()
  await poll(session, () => tryLock(session, 'pg_try_advisory_lock', RUN), waitSeconds)
  try {
    return await work()
  } finally {
    await session.query(`select pg_catalog.pg_advisory_unlock(${RUN})`).catch(() => undefined)
  }
}

/** A pooler tells a process id of its own, and each transaction may run in another process. */
export async function isPooled(session: Session): Promise<boolean> {
  const [row] = await session.query<{ pid: number }>('select pg_catalog.pg_backend_pid() as pid')
  return session.processId !== 0 && row?.pid !== session.processId
}

/** Begins a transaction that no other runner has beside it; `begin` is run anew at every try, so that none waits inside one. */
export async function beginAlone(session: Session, begin: string, waitSeconds = WAIT_SECONDS): Promise<void> {
  await poll(
    session,
    async () => {
      await session.execute(begin)
      if (await tryLock(session, 'pg_try_advisory_xact_lock', SEGMENT)) return true
      await session.execute('rollback')
      return false
    },
    waitSeconds,
  )
}

/**
 * The same for what cannot run in a transaction. Behind a pooler, an open transaction on `other`, a second connection, holds the
 * lock: idle at READ COMMITTED it has no snapshot, so that CREATE INDEX CONCURRENTLY does not wait for it.
 */
export async function alone<T>(session: Session, other: (() => Promise<Session>) | undefined, work: () => Promise<T>): Promise<T> {
  if (await isPooled(session)) return alonePooled(session, other, work)
  await poll(session, () => tryLock(session, 'pg_try_advisory_lock', SEGMENT), WAIT_SECONDS)
  try {
    return await work()
  } finally {
    await session.query(`select pg_catalog.pg_advisory_unlock(${SEGMENT})`).catch(() => undefined)
  }
}

async function alonePooled<T>(session: Session, other: (() => Promise<Session>) | undefined, work: () => Promise<T>): Promise<T> {
  if (!other)
    throw new UserError(
      'pooled',
      `${session.label} is behind a connection pooler, where a step outside of transactions cannot be kept apart from other runners.`,
      {
        next: 'Name the server itself in the database URL.',
      },
    )
  const holder = await other()
  try {
    await beginAlone(holder, 'begin isolation level read committed; set local idle_in_transaction_session_timeout = 0')
    return await work()
  } finally {
    await holder.execute('rollback').catch(() => undefined)
    await holder.close().catch(() => undefined)
  }
}

async function tryLock(session: Session, how: 'pg_try_advisory_lock' | 'pg_try_advisory_xact_lock', key: string): Promise<boolean> {
  const [row] = await session.query<{ got: boolean }>(`select pg_catalog.${how}(${key}) as got`)
  return row?.got === true
}

async function poll(session: Session, got: () => Promise<boolean>, waitSeconds: number): Promise<void> {
  const until = Date.now() + waitSeconds * 1000
  while (!(await got())) {
    if (Date.now() > until)
      throw new UserError('locked', `Another schemactl has been running on ${session.label} for ${waitSeconds} seconds.`, {
        next: 'Wait for it to end, or look for it in pg_stat_activity (application_name schemactl).',
      })
    await sleep(100 + Math.random() * 200)
  }
}
