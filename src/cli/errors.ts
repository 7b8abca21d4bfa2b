import { UserError } from '../errors.js'

/** What is wrong, where, and one next step; a stack only for what is our own fault. */
export function formatError(error: Error, usage: boolean): string {
  if (error.name === 'SourceError') return error.message
  if (error instanceof UserError) {
    const { location } = error
    const place = location ? `${location.file}:${location.line}${location.column === undefined ? '' : `:${location.column}`}: ` : ''
    return `Error: ${place}${error.message}${error.next ? `\nNext: ${error.next}` : ''}`
  }
  if (usage) return `Error: ${error.message}\nNext: schemactl --help lists commands and flags.`
  const code = (error as { code?: string }).code
  if (code !== undefined && /^[0-9A-Z]{5}$/.test(code)) return `Error: PostgreSQL says: ${error.message} (SQLSTATE ${code})`
  return `This is a bug in schemactl: ${error.stack ?? error.message}\nNext: please report it with the command that you ran.`
}
