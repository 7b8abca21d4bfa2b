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

/** PostgreSQL's hint; not where it is to use CASCADE, which takes along what nobody looked at. */
export function adviceOf({ cause }: StepError): string | undefined {
  return cause.code === DEPENDED_ON ? undefined : cause.hint
}

/** dependent_objects_still_exist */
const DEPENDED_ON = '2BP01'

/** Throws StepError where PostgreSQL refuses the statement. */
export async function named<T>(title: string, statement: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw new StepError(title, statement, error as Error)
  }
}
