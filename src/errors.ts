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

/** insufficient_privilege: the role lacks a right. */
export function isDenied(error: unknown): boolean {
  return codeOf(error) === '42501'
}

export function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error)
}

/** What the operating system refused, in words, and what to do about it; null where it is another error. */
export function systemRefusal(error: unknown): { readonly reason: string; readonly next: string } | null {
  const [reason, next] = REFUSALS[codeOf(error) ?? ''] ?? []
  return reason === undefined || next === undefined ? null : { reason, next }
}

const NO_RIGHT = ['permission denied', 'Give the user that runs this the right, or run it as another.'] as const

const REFUSALS: { readonly [code: string]: readonly [reason: string, next: string] } = {
  ENOENT: ['no such file or folder', 'Check the path.'],
  EACCES: NO_RIGHT,
  EPERM: NO_RIGHT,
  EISDIR: ['it is a folder, where a file is expected', 'Move the folder away, or name a file.'],
  ENOTDIR: ['a part of the path is a file, where a folder is expected', 'Move that file away, or name another path.'],
  EEXIST: ['a file of that name stands there', 'Move that file away, or name another path.'],
  ENOSPC: ['no space is left there', 'Make room, and run it again.'],
  EDQUOT: ['the quota is used up', 'Make room, and run it again.'],
  EROFS: ['the file system is read-only', 'Name a place that can be written.'],
  ELOOP: ['links lead round in a circle', 'Mend the links.'],
  ENAMETOOLONG: ['the name is too long', 'Give a shorter one.'],
  EMFILE: ['too many files are open', 'Raise the limit (ulimit -n), and run it again.'],
}

/** For what `work` reads or writes: errors of the operating system name the path, which Node leaves out of some. */
export async function onFile<T>(path: string, doing: 'read' | 'written', work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw fileError(path, doing, error)
  }
}

export function fileError(path: string, doing: 'read' | 'written', error: unknown): unknown {
  const refusal = systemRefusal(error)
  if (refusal === null) return error
  const { reason, next } = refusal
  return new UserError(doing === 'read' ? 'unreadable' : 'unwritable', `${path} cannot be ${doing}: ${reason}.`, { next, cause: error })
}
