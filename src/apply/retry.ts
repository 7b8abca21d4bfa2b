import { codeOf } from '../errors.js'
import { StepError } from '../plan/step-error.js'

/**
 * What passes: a lock not had in time, a deadlock, a serialization failure, and "cache lookup failed" when something was dropped
 * while the catalog was read.
 */
const PASSING: Readonly<Record<string, string>> = {
  '55P03': 'another session holds a lock',
  '40P01': 'deadlock with another session',
  '40001': 'another session changed the same',
  XX000: 'another session dropped something meanwhile',
}

/** Why it may go better next time; null where it will not. */
export function passing(error: unknown): string | null {
  return PASSING[stateOf(error) ?? ''] ?? null
}

/** Class 08, an administrator's or a crash's shutdown, and what sockets say. */
export function isLost(error: unknown): boolean {
  const state = stateOf(error) ?? ''
  return state.startsWith('08') || ['57P01', '57P02', '57P03', 'ECONNRESET', 'EPIPE'].includes(state)
}

export function stateOf(error: unknown): string | undefined {
  return codeOf(error instanceof StepError ? error.cause : error)
}

/** Milliseconds before try number `next`: doubled each time, and spread so that runners that collided do not collide again. */
export function waitBefore(next: number): number {
  return 500 * 2 ** (next - 2) * (0.5 + Math.random())
}
