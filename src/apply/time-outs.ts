import type { Plan } from '../plan/plan.js'
import { quoteSearchPath, withoutQuoted } from '../sql/quote.js'

/** What a segment's transaction runs under; gone with it. `lockTimeout` in milliseconds, 0: waits for ever. */
export function beginSegment(plan: Plan, lockTimeout: number): string {
  // Its own isolation level: the journal is read again after the lock was had, and at REPEATABLE READ would read as before.
  return `begin isolation level read committed;
set local search_path = ${quoteSearchPath(plan.target.searchPath)};
set local check_function_bodies = off;
set local client_min_messages = warning;
set local lock_timeout = ${Math.round(lockTimeout)};
${NO_TIME_OUTS};`
}

/** Limits that a role or database may have for its applications, which a migration outlasts. transaction_timeout is new in 17. */
const NO_TIME_OUTS = `do $$ begin
  perform pg_catalog.set_config(name, '0', true)
  from pg_catalog.unnest(array['statement_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout']) as name
  where pg_catalog.current_setting(name, true) is not null;
end $$`

/** For what runs outside of transactions; lock_timeout is set for each statement. */
export function sessionSettings(plan: Plan): readonly string[] {
  return [
    `set search_path = ${quoteSearchPath(plan.target.searchPath)}`,
    'set check_function_bodies = off',
    'set client_min_messages = warning',
    'set statement_timeout = 0',
  ]
}

export const RESET_SESSION = ['search_path', 'check_function_bodies', 'client_min_messages', 'lock_timeout', 'statement_timeout']
  .map((name) => `reset ${name}`)
  .join('; ')

/** CREATE INDEX CONCURRENTLY that a time-out cuts off leaves an INVALID index; behind any other that waits, readers and writers queue. */
export function lockTimeoutFor(statement: string, lockTimeout: number): string {
  return `set lock_timeout = ${waitsPatiently(statement) ? 0 : Math.round(lockTimeout)}`
}

export function waitsPatiently(statement: string): boolean {
  return /\bconcurrently\b/i.test(withoutQuoted(statement))
}
