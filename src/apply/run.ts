import type { Catalog } from '../catalog/catalog.js'
import type { Plan } from '../plan/plan.js'
import { expectReadings, introspect } from '../postgres/introspect.js'
import type { Session } from '../postgres/session.js'
import { type Entry, type Journal, openJournal } from './journal.js'
import { type LastingSession, lastingSession } from './lasting-session.js'

export interface Running {
  /** Milliseconds that a statement waits for a lock before its segment is rolled back and tried again; 0: for ever. Default 3000. */
  readonly lockTimeout?: number
  /** How often a segment is tried in all. Default 5. */
  readonly tries?: number
  /** Milliseconds after which what runs outside of transactions is cancelled when it waits for another session. Default ten minutes. */
  readonly waitLimit?: number
  /** Who approved the plan: noted in the journal along with its first segment. */
  readonly approvals?: readonly string[]
  /** Opens one more connection to the same database: in the place of a lost one, and to watch from. */
  readonly reconnect?: () => Promise<Session>
}

/** One plan on its way. The journal is opened anew along with the connection. */
export interface Run {
  /** Of the connection that there is now. */
  session: Session
  readonly plan: Plan
  readonly lockTimeout: number
  readonly tries: number
  readonly waitLimit: number
  readonly approvals: readonly string[]
  /** Null where a lost connection stays lost. */
  readonly lasting: LastingSession | null
  /** The server's process, where it is ours alone: null behind a pooler. */
  process: { readonly pid: number; readonly since: string } | null
  journal: Journal
}

export async function beginRun(
  session: Session | LastingSession,
  journal: Journal,
  plan: Plan,
  { lockTimeout = 3000, tries = 5, waitLimit = 600_000, approvals = [], reconnect }: Running,
): Promise<Run> {
  const lasting = 'renew' in session ? session : reconnect ? lastingSession(session, reconnect) : null
  const run: Run = {
    session: lasting?.current() ?? session,
    plan,
    lockTimeout,
    tries,
    waitLimit,
    approvals,
    lasting,
    process: null,
    journal,
  }
  await identify(run)
  return run
}

/** Closes a connection that took the place of one that the caller has. */
export async function endRun({ lasting, session }: Run, given: Session): Promise<void> {
  if (lasting !== null && lasting !== given && lasting.renewed()) await session.close().catch(() => undefined)
}

export async function entryOf({ journal, plan }: Run): Promise<Entry | undefined> {
  return (await journal.entries()).find(({ id }) => id === plan.id)
}

/** What the database now knows of the plan, in the transaction that is open: another runner may have written since. */
export async function freshEntryOf(run: Run): Promise<Entry | undefined> {
  // Where there is one, it is that one; where there is none, nothing was written to the one that was given.
  run.journal = await openJournal(run.session, 'object')
  return entryOf(run)
}

/**
 * A new connection in the place of a lost one. The server may not have noticed the loss and hold the segment's locks: its process
 * is ended, which decides a COMMIT under way one way or the other.
 */
export async function renew(run: Run, endProcess: boolean): Promise<void> {
  if (!run.lasting) throw new Error('a session that cannot be renewed was to be')
  const old = run.process
  await run.lasting.renew()
  run.session = run.lasting.current()
  if (old && endProcess)
    await run.session.query(
      `select pg_catalog.pg_terminate_backend(pid) from pg_catalog.pg_stat_activity
       where pid = $1 and backend_start = $2::timestamptz and pid <> pg_catalog.pg_backend_pid()`,
      [old.pid, old.since],
    )
  await identify(run)
}

export function readCatalog({ session }: Run, options: { readonly inTransaction?: boolean } = {}): Promise<Catalog> {
  return introspect(session, options)
}

async function identify(run: Run): Promise<void> {
  const [row] = await run.session.query<{ pid: number; since: string }>(
    `select pid, backend_start::text as since from pg_catalog.pg_stat_activity where pid = pg_catalog.pg_backend_pid()`,
  )
  run.process = row && row.pid === run.session.processId ? row : null
  // Behind a pooler, what is prepared may be in another process the next time.
  if (run.process) expectReadings(run.session)
}
