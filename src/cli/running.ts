import type { Running } from '../apply/apply.js'
import { lastingSession } from '../apply/lasting-session.js'
import type { Target } from '../config/target.js'
import { connect } from '../postgres/connect.js'
import type { Session } from '../postgres/session.js'
import { durationOf } from './usage.js'

/** How the flags say that plans run. */
export function runningOf(flags: { readonly 'lock-timeout'?: string | undefined }): Running {
  const lockTimeout = durationOf('--lock-timeout', flags['lock-timeout'])
  return lockTimeout === undefined ? {} : { lockTimeout }
}

/** A session that a lost connection does not end. The embedded database has no connection to lose, and takes one session only. */
export async function connectToRun(target: Target): Promise<Session> {
  const session = await connect(target)
  return target.kind === 'embedded' ? session : lastingSession(session, () => connect(target))
}
