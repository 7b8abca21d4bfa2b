import type { Target } from '../config/target.js'
import { connect } from '../postgres/connect.js'
import type { Session } from '../postgres/session.js'
import { interrupted, type LeftBehind } from './interrupted.js'
import { onFirstSignal } from './signals.js'

/** Called before each step; throws once the user asked to stop. From the first call on, a signal rolls back instead of ending the process. */
export type Checkpoint = () => void

/**
 * Ctrl-C while plans run: the statement that runs is cancelled, the segment rolled back, and what the journal knows stays true.
 * A second Ctrl-C ends the process; the server then rolls back by itself. `left` is asked afterwards.
 */
export async function interruptible<T>(
  { target, session, say, left }: Interruptible,
  work: (checkpoint: Checkpoint) => Promise<T>,
): Promise<T> {
  let stopping = false
  const held: { release?: () => void } = {}
  const stop = () => {
    stopping = true
    say('Stopping: what runs is rolled back.')
    if (target.kind === 'url') void cancel(target, session)
  }
  try {
    return await work(() => {
      held.release ??= onFirstSignal(stop)
      if (stopping) throw new Error('stopped by a signal')
    })
  } catch (error) {
    if (!stopping) throw error
    const { what, next } = await left().catch(() => UNKNOWN)
    throw interrupted(what, next, error)
  } finally {
    held.release?.()
  }
}

interface Interruptible {
  readonly target: Target
  readonly session: Session
  readonly say: (text: string) => void
  readonly left: () => Promise<LeftBehind>
}

const UNKNOWN: LeftBehind = { what: 'what ran was rolled back', next: 'schemactl status tells where the database stands.' }

async function cancel(target: Target, { processId }: Session): Promise<void> {
  const other = await connect(target).catch(() => null)
  await other?.query('select pg_catalog.pg_cancel_backend($1)', [processId]).catch(() => undefined)
  await other?.close().catch(() => undefined)
}
