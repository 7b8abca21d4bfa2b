import type { Target } from '../config/target.js'
import { UserError } from '../errors.js'
import { connect } from '../postgres/connect.js'
import type { Session } from '../postgres/session.js'

/** Throws once the user asked to stop; called between steps. */
export type Checkpoint = () => void

/**
 * Ctrl-C while plans run: the statement that runs is cancelled, the segment rolled back, and what the journal knows stays true.
 * A second Ctrl-C ends the process; the server then rolls back by itself.
 */
export async function interruptible<T>(
  target: Target,
  session: Session,
  say: (text: string) => void,
  work: (checkpoint: Checkpoint) => Promise<T>,
): Promise<T> {
  let stopping = false
  const stop = () => {
    stopping = true
    say('Stopping: the transaction that runs is rolled back.')
    if (target.kind === 'url') void cancel(target, session)
  }
  for (const signal of SIGNALS) process.once(signal, stop)
  try {
    return await work(() => {
      if (stopping) throw interrupted()
    })
  } catch (error) {
    throw stopping ? interrupted(error) : error
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop)
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

function interrupted(cause?: unknown): UserError {
  return new UserError('interrupted', 'Interrupted. The transaction that ran was rolled back; those before it stay.', {
    next: 'schemactl status tells where the database stands.',
    cause,
  })
}

async function cancel(target: Target, { processId }: Session): Promise<void> {
  const other = await connect(target).catch(() => null)
  await other?.query('select pg_catalog.pg_cancel_backend($1)', [processId]).catch(() => undefined)
  await other?.close().catch(() => undefined)
}
