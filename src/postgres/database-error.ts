import { codeOf, messageOf } from '../errors.js'

const FIELDS = [
  'severity',
  'detail',
  'hint',
  'where',
  'schema',
  'table',
  'column',
  'constraint',
  'dataType',
  'internalQuery',
  'routine',
] as const

type Fields = { readonly [F in (typeof FIELDS)[number]]?: string }

/** An error that PostgreSQL reported, or the loss of the connection to it (08006). `message` is PostgreSQL's own. */
export class DatabaseError extends Error implements Fields {
  override readonly name = 'DatabaseError'
  /** SQLSTATE. */
  readonly code: string
  /** Where in the text that was sent: 1-based, in code points. */
  declare readonly position?: number
  /** Where in `internalQuery`: 1-based, in code points. */
  declare readonly internalPosition?: number
  declare readonly severity?: string
  declare readonly detail?: string
  declare readonly hint?: string
  declare readonly where?: string
  declare readonly schema?: string
  declare readonly table?: string
  declare readonly column?: string
  declare readonly constraint?: string
  declare readonly dataType?: string
  declare readonly internalQuery?: string
  declare readonly routine?: string

  constructor(message: string, details: { code: string; position?: number; internalPosition?: number } & Fields, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = details.code
    Object.assign(this, details)
  }

  /** What @databases/pg threw, as PostgreSQL reported it; other errors of ours pass through as they are. */
  static from(error: unknown, connectionLost: boolean): unknown {
    const original = isObject(error) && 'original' in error ? error.original : error
    if (!isObject(original)) return original
    const code = codeOf(original)
    const isState = code !== undefined && SQLSTATE.test(code) && !('syscall' in original)
    if (isState) return new DatabaseError(messageOf(original), fieldsOf(original, code), original)
    return connectionLost ? new DatabaseError(messageOf(original), { code: '08006' }, original) : original
  }
}

/** EPIPE looks like one, too: Node's own tell their `syscall`. */
const SQLSTATE = /^[0-9A-Z]{5}$/

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** Carries an error through the driver, which copies the properties of what it catches into an error of its own. */
export class WrappedError extends Error {
  readonly original: unknown

  constructor(original: unknown) {
    super(messageOf(original))
    this.original = original
  }
}

function fieldsOf(error: object, code: string): ConstructorParameters<typeof DatabaseError>[1] {
  const texts = FIELDS.flatMap((field) => {
    const value = textField(error, field)
    return value === undefined ? [] : [[field, value] as const]
  })
  const numbers = (['position', 'internalPosition'] as const).flatMap((field) => {
    const value = textField(error, field)
    return value === undefined ? [] : [[field, Number(value)] as const]
  })
  return { code, ...Object.fromEntries(texts), ...Object.fromEntries(numbers) }
}

function textField(error: object, field: string): string | undefined {
  const value: unknown = Object.getOwnPropertyDescriptor(error, field)?.value
  return typeof value === 'string' ? value : undefined
}
