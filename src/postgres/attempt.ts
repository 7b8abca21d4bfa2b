import type { DatabaseErrorLike } from './load-error.js'
import type { Session } from './session.js'

/** Stands before statements that are tried; PostgreSQL counts from its first character. */
export const SAVEPOINT = 'savepoint schemactl_load;\n'

/** Runs all of these in the open transaction, or none; what refused them, or null. */
export async function attempt(session: Session, statements: readonly string[]): Promise<DatabaseErrorLike | null> {
  try {
    await session.execute(`${SAVEPOINT}${statements.join('\n;\n')}\n;\nrelease savepoint schemactl_load`)
    return null
  } catch (error) {
    await session.execute('rollback to savepoint schemactl_load; release savepoint schemactl_load')
    return error as DatabaseErrorLike
  }
}
