import { type ParseOutcome, TOO_DEEP } from './outcome.js'

/** Parses by the grammar of PostgreSQL 18; loaded only where that of 16 gave up. Its stack holds ten times the depth, and it survives an overflow. */
export async function parse18(sql: string): Promise<ParseOutcome> {
  const { loadModule, parseSync } = await import('libpg-query')
  await loadModule()
  try {
    return { statements: parseSync(sql).stmts ?? [] }
  } catch (error) {
    return refusal(error)
  }
}

function refusal(error: unknown): ParseOutcome {
  if (error instanceof Error && 'sqlDetails' in error) {
    const details = error.sqlDetails
    if (typeof details === 'object' && details !== null && 'cursorPosition' in details && typeof details.cursorPosition === 'number') {
      return { message: error.message, position: Math.max(0, details.cursorPosition) }
    }
  }
  return TOO_DEEP
}
