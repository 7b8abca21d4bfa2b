import { UserError } from '../errors.js'

/** What work that was cut short has left, and how to go on. */
export interface LeftBehind {
  readonly what: string
  readonly next: string
}

export const NOTHING_CHANGED = 'nothing was changed'

/** Each file is whole or not there. */
export const FILES_STAY = 'files that were written by then stay'

/** Nobody's error; the command ends with it, and with the exit code of the signal. */
export function interrupted(what: string, next?: string, cause?: unknown): UserError {
  return new UserError('interrupted', `Interrupted: ${what}.`, { ...(next !== undefined && { next }), cause })
}
