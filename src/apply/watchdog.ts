import { setTimeout as sleep } from 'node:timers/promises'
import type { Session } from '../postgres/session.js'

export interface Watched {
  readonly session: Session
  /** Opens the connection from which it is watched. */
  readonly other: () => Promise<Session>
  /** Milliseconds that it may wait for the same sessions. */
  readonly limit: number
  readonly say: (text: string) => void
}

/** Told from the second second on: shorter waits are everyday. */
const SILENT = 2000
const INTERVAL = 500

/**
 * Looks after a statement that has no lock_timeout: says for whom it waits, and cancels it once that takes too long. Returns for
 * whom it had waited when it was cancelled, null where it was not.
 */
export async function watched<T>(
  { session, other, limit, say }: Watched,
  work: () => Promise<T>,
): Promise<{ readonly cancelled: string | null; readonly result: PromiseSettledResult<T> }> {
  const eye = await other()
  const state = { over: false, cancelled: null as string | null }
  const watching = watch(eye, session.processId, state, limit, say)
  const [result] = await Promise.allSettled([work()])
  state.over = true
  // What is being cancelled is cancelled before anything else is sent.
  await watching.catch(() => undefined)
  await eye.close().catch(() => undefined)
  return { cancelled: state.cancelled, result }
}

async function watch(
  eye: Session,
  pid: number,
  state: { over: boolean; cancelled: string | null },
  limit: number,
  say: (text: string) => void,
): Promise<void> {
  let since: number | null = null
  let told = ''
  while (!state.over) {
    const blockers = await blockersOf(eye, pid)
    if (state.over) return
    since = blockers === null ? null : (since ?? Date.now())
    const waited = since === null ? 0 : Date.now() - since
    if (blockers !== null && waited >= SILENT && blockers !== told) {
      told = blockers
      say(`waits for ${blockers}`)
    }
    if (blockers !== null && waited >= limit) {
      state.cancelled = blockers
      await eye.query('select pg_catalog.pg_cancel_backend($1)', [pid])
      return
    }
    await sleep(Math.min(INTERVAL, limit))
  }
}

/** In a transaction of its own each time: CREATE INDEX CONCURRENTLY would wait for one that stays open with a snapshot. */
async function blockersOf(eye: Session, pid: number): Promise<string | null> {
  const [row] = await eye.query<{ blockers: string | null }>(
    `select string_agg(distinct case when b.pid = 0 then 'a prepared transaction'
                                     else pg_catalog.concat_ws(' ', 'process', b.pid, '(' || pg_catalog.concat_ws(', ', a.usename, nullif(a.application_name, ''), a.state) || ')') end, ', ') as blockers
     from pg_catalog.unnest(pg_catalog.pg_blocking_pids($1)) as b(pid)
     left join pg_catalog.pg_stat_activity a on a.pid = b.pid`,
    [pid],
  )
  return row?.blockers ?? null
}
