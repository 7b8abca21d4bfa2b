import { codeOf, UserError, type UserErrorDetails } from '../errors.js'

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

/** A step that PostgreSQL refused in a rehearsal, so that no plan is written. */
export class StepRefused extends UserError {
  constructor(
    /** Keys of what the step is about. */
    readonly objects: readonly string[],
    message: string,
    details: UserErrorDetails & { readonly cause: StepError['cause'] },
  ) {
    super('plan-fails', message, details)
  }
}

/** `PostgreSQL refused “create table public.t”: …`, with the statement on the next line. */
export function refusalOf({ title, statement, cause }: StepError): string {
  return `PostgreSQL refused “${title}”: ${cause.message}${cause.detail ? ` (${cause.detail})` : ''}\n${statement}`
}

/** PostgreSQL's hint; not where it is to use CASCADE, which takes along what nobody looked at. */
export function adviceOf({ cause }: StepError): string | undefined {
  return cause.code === DEPENDED_ON ? undefined : cause.hint
}

/** dependent_objects_still_exist */
const DEPENDED_ON = '2BP01'

/** SQLSTATE class 53: the server ran out of room, memory or locks, whatever the statement. */
export function lacksResources(error: unknown): boolean {
  return /^53/.test(codeOf(error) ?? '')
}

/** One next step for who lacks them. `where`: the server. */
export function moreResources({ message, hint }: StepError['cause'], where: string): string {
  return message.includes('shared memory') || hint?.includes('max_locks')
    ? `Raise max_locks_per_transaction of ${where}: one transaction locks each table, index and sequence that it touches.`
    : `Make room on ${where}.`
}

/** The rehearsal came to no end, which says nothing of the plan. */
export function outOfResources(error: StepError, where: string): UserError {
  return new UserError('out-of-resources', `The rehearsal on ${where} came to no end. ${refusalOf(error)}`, {
    next: `${moreResources(error.cause, where)} Or rehearse on another by --shadow, or plan some of the files first.`,
    cause: error,
  })
}

/** Throws StepError where PostgreSQL refuses the statement. */
export async function named<T>(title: string, statement: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw new StepError(title, statement, error as Error)
  }
}
