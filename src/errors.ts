/** Where in the user's files a problem stands; lines and columns start at 1. */
export interface SourceLocation {
  readonly file: string
  readonly line: number
  readonly column?: number
}

export interface UserErrorDetails {
  readonly location?: SourceLocation
  readonly next?: string
  readonly cause?: unknown
}

/** A problem that the user can mend: what is wrong with which object, and one next step. Anything else that is thrown is a bug. */
export class UserError extends Error {
  override readonly name = 'UserError'
  /** A word for scripts, such as `connection-refused`. */
  readonly code: string
  readonly location?: SourceLocation
  readonly next?: string

  constructor(code: string, message: string, details: UserErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    if (details.location !== undefined) this.location = details.location
    if (details.next !== undefined) this.next = details.next
  }
}

/** `code` of what was thrown: an SQLSTATE, or Node's or OpenSSL's name for it. By shape, as not all errors are of one realm's Error. */
export function codeOf(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}

export function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error)
}
