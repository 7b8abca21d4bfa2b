import { codeOf, UserError } from '../errors.js'

/** Exit code 64 for a command line that cannot be meant, 1 for everything else. */
export function exitCodeOf(error: Error): number {
  return isUsage(error) ? 64 : 1
}

/** What is wrong, where, and one next step; a stack only for what is our own fault. */
export function formatError(error: Error): string {
  if (error.name === 'SourceError') return error.message
  if (error instanceof UserError) {
    const { location } = error
    const place = location ? `${location.file}:${location.line}${location.column === undefined ? '' : `:${location.column}`}: ` : ''
    return `Error: ${place}${error.message}${error.next ? `\nNext: ${error.next}` : ''}`
  }
  if (isUsage(error))
    return `Error: ${error.message.split('\nSee more help')[0]}\nNext: schemactl --help lists the commands; with --help, each tells its flags.`
  const code = codeOf(error) ?? ''
  if (/^[0-9A-Z]{5}$/.test(code)) return `Error: PostgreSQL says: ${error.message} (SQLSTATE ${code})`
  if (/^E[A-Z]+$/.test(code)) return `Error: ${error.message}\nNext: Check the path and who may use it.`
  return `This is a bug in schemactl: ${error.stack ?? error.message}\nNext: please report it with the command that you ran.`
}

/** The same for --json. */
export function errorJson(error: Error): { readonly error: { readonly [name: string]: unknown } } {
  const { message } = error
  if (error instanceof UserError) {
    const { code, location, next } = error
    return { error: { code, message, location, next } }
  }
  if (error.name === 'SourceError')
    return { error: { code: 'source', message, messages: (error as Error & { readonly messages?: unknown }).messages } }
  return { error: { code: isUsage(error) ? 'usage' : (codeOf(error) ?? 'bug'), message } }
}

/** oclif marks what its parser refuses. */
function isUsage(error: Error): boolean {
  return error instanceof UserError ? error.code === 'usage' : 'oclif' in error
}
