import { isDenied, type SourceLocation, UserError } from '../errors.js'
import type { Statement } from '../source/statement.js'
import { quoteIdentifier } from '../sql/quote.js'
import { SAVEPOINT } from './attempt.js'
import { extensionHint } from './missing-extension.js'

export interface DatabaseErrorLike {
  readonly code?: string
  readonly message: string
  readonly detail?: string
  readonly hint?: string
  /** In what was sent: 1-based, in code points. */
  readonly position?: number
}

/** PostgreSQL reports a missing role only in words; the embedded server's words are always these. */
export function missingRole(error: Pick<DatabaseErrorLike, 'code' | 'message'>): string | null {
  return error.code === '42704' ? (/^role "(.+)" does not exist$/.exec(error.message)?.[1] ?? null) : null
}

/** The first statement that cannot be loaded, among all of them. */
export function loadError(
  statement: Statement | undefined,
  error: DatabaseErrorLike | undefined,
  all: readonly Statement[],
  options: { readonly stubRoles: boolean; readonly ofRoles?: boolean },
): Error {
  if (!statement || !error) return new Error('a round that loads nothing has a first failure')
  const detail = error.detail ? ` (${error.detail})` : ''
  return new UserError('schema-does-not-load', `PostgreSQL refuses this statement: ${error.message}${detail}`, {
    location: placeOf(statement, error),
    next: nextOf(statement, error, all, options),
    cause: error,
  })
}

/** Where in its file PostgreSQL stumbled, where it says so, or the statement has once what is not there; else where the statement begins. */
function placeOf({ file, line, column, text, placeAt }: Statement, error: DatabaseErrorLike): SourceLocation {
  const { position } = error
  const before = position === undefined ? beforeMissing(text, error) : [...text].slice(0, position - 1 - SAVEPOINT.length)
  if (before.length === 0) return { file, line, column }
  if (placeAt) return { file, ...placeAt(before.length) }
  const lines = before.join('').split('\n')
  const last = [...(lines.at(-1) ?? '')].length
  return { file, line: line + lines.length - 1, column: lines.length === 1 ? column + last : last + 1 }
}

/** Undefined column, table and object, and a storage parameter that there is not. */
const UNDEFINED = new Set(['42703', '42P01', '42704', '22023'])

/** Of foreign keys, indexes and parents, PostgreSQL tells no position: the characters before the name that it did not find. */
function beforeMissing(text: string, { code, message }: DatabaseErrorLike): string[] {
  const name = UNDEFINED.has(code ?? '') ? /"([^"]+)"/.exec(message)?.[1] : undefined
  if (name === undefined) return []
  const found = [name, quoteIdentifier(name)].map((spelt) => indexesOf(text, spelt)).find((indexes) => indexes.length > 0) ?? []
  return found.length === 1 ? [...text.slice(0, found[0])] : []
}

/** Where it stands as a whole name. */
function indexesOf(text: string, name: string): number[] {
  return [...text.matchAll(/(?:"(?:[^"]|"")+"|[\p{L}\p{N}_$]+)(?:\.(?:"(?:[^"]|"")+"|[\p{L}\p{N}_$]+))*/gu)]
    .filter(([word]) => word === name)
    .map(({ index }) => index)
}

function nextOf(
  statement: Statement,
  error: DatabaseErrorLike,
  all: readonly Statement[],
  { stubRoles, ofRoles }: Parameters<typeof loadError>[3],
): string {
  const role = stubRoles ? null : missingRole(error)
  if (role !== null && ofRoles) return `State it in the files (create role ${role}), or create it on the server.`
  if (role !== null)
    return `State it in the files (create role ${role}) and plan with --manage roles; or create it on the server; or use --shadow embedded, which makes stand-ins.`
  if (isDenied(error) && !stubRoles)
    return 'On the server of the shadow, our role lacks this right: have it granted, plan as a role that has it, or with --shadow embedded, where all roles have all.'
  const twin = DUPLICATE.has(error.code ?? '') ? twinOf(statement, all) : undefined
  if (twin) return `${twin.file}:${twin.line}:${twin.column} makes it, too: take one of the two out.`
  if (statement.node === 'SecLabelStmt' && /provider/.test(error.message))
    return ofRoles
      ? 'Roles are read on the embedded PostgreSQL, which has no provider: label them on the server, and take this out.'
      : 'Plan with --shadow server, or the URL of a server that loads the provider (shared_preload_libraries).'
  return extensionHint(error, statement, all) ?? error.hint ?? 'Mend the statement, or state in a file what it needs.'
}

/** Duplicate table, object, function and schema. */
const DUPLICATE = new Set(['42P07', '42710', '42723', '42P06'])

function twinOf(statement: Statement, all: readonly Statement[]): Statement | undefined {
  const { node, subject } = statement
  return subject === null
    ? undefined
    : all.find(
        (other) =>
          other !== statement &&
          other.node === node &&
          other.subject?.space === subject.space &&
          mayBeOne(other.subject.name, subject.name),
      )
}

/** A name without its schema, as SQL often has it, may be that with one. */
function mayBeOne(one: readonly string[], other: readonly string[]): boolean {
  const length = Math.min(one.length, other.length)
  return JSON.stringify(one.slice(-length)) === JSON.stringify(other.slice(-length))
}
