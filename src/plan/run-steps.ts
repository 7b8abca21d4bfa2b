import type { Session } from '../postgres/session.js'

/** A statement that PostgreSQL refused, with the step it belongs to. */
export class StepError extends Error {
  constructor(
    readonly title: string,
    readonly statement: string,
    override readonly cause: Error & { readonly code?: string; readonly detail?: string; readonly hint?: string },
  ) {
    super(`${title}: ${cause.message}`)
  }
}

/** `PostgreSQL refused “create table public.t”: …`, with the statement on the next line. */
export function refusalOf({ title, statement, cause }: StepError): string {
  return `PostgreSQL refused “${title}”: ${cause.message}${cause.detail ? ` (${cause.detail})` : ''}\n${statement}`
}

export interface Runnable {
  readonly title: string
  readonly sql: readonly string[]
}

/** Runs statements one by one, so that an error names its step. Throws StepError. */
export async function runSteps(session: Session, steps: readonly Runnable[]): Promise<void> {
  for (const step of steps)
    for (const statement of step.sql) {
      try {
        await session.execute(statement)
      } catch (error) {
        throw new StepError(step.title, statement, error as Error)
      }
    }
}

/** In one transaction, or each statement by itself where PostgreSQL wants that. Throws StepError after ROLLBACK. */
export async function runSegment(session: Session, steps: readonly Runnable[], transactional: boolean): Promise<void> {
  if (!transactional) return runSteps(session, steps)
  await session.execute('begin')
  try {
    await runSteps(session, steps)
    await session.execute('commit')
  } catch (error) {
    await session.execute('rollback')
    throw error
  }
}
