import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import pg from 'pg'
import { UserError } from '../errors.js'
import { quoteIdentifier } from '../sql/quote.js'
import { EmbeddedStream } from './embedded-stream.js'
import { type FolderLock, lockFolder } from './folder-lock.js'
import { openSession, type Session } from './session.js'
import { TYPES } from './types.js'

export interface EmbeddedOptions {
  /** The data directory, made when absent. Without it the database lives in memory and ends with the session. */
  readonly folder?: string
  /** Made a superuser when it does not exist, and what the session runs as, so that `current_user` is the target's. */
  readonly role?: string
  /** Milliseconds for one request; a database that takes longer is ended (57014). */
  readonly statementTimeout?: number
}

const MAJOR = '18'

/**
 * Starts the embedded PostgreSQL, with pgvector and all contrib extensions that it has, in a thread of its own. One session
 * is all that a database allows; a folder is locked against other processes meanwhile.
 */
export async function openEmbedded(options: EmbeddedOptions = {}): Promise<Session> {
  const folder = options.folder === undefined ? undefined : resolve(options.folder)
  if (folder !== undefined) refuseOtherMajor(folder)
  const lock = folder === undefined ? undefined : await lockFolder(folder)
  try {
    const session = await openSession(clientOf(folder, options, lock), folder === undefined ? 'embedded' : `embedded ${folder}`)
    if (options.role !== undefined) await runAs(session, options.role)
    return session
  } catch (error) {
    lock?.release()
    throw error
  }
}

function clientOf(folder: string | undefined, options: EmbeddedOptions, lock: FolderLock | undefined): pg.Client {
  const stream = () =>
    new EmbeddedStream({
      ...(folder === undefined ? {} : { folder }),
      ...(options.statementTimeout === undefined ? {} : { statementTimeout: options.statementTimeout }),
      onEnd: () => lock?.release(),
    })
  // All is given, so that no PG* variable of the environment has a say.
  return new pg.Client({
    stream,
    types: TYPES,
    host: 'embedded',
    port: 5432,
    user: 'postgres',
    password: 'none',
    database: 'postgres',
    ssl: false,
    application_name: 'schemactl',
  })
}

async function runAs(session: Session, role: string): Promise<void> {
  const [known] = await session.query('select from pg_roles where rolname = $1', [role])
  if (known === undefined) await session.execute(`create role ${quoteIdentifier(role)} superuser login`)
  await session.execute(`set session authorization ${quoteIdentifier(role)}`)
}

function refuseOtherMajor(folder: string): void {
  const file = join(folder, 'PG_VERSION')
  if (!existsSync(file)) return
  const major = readFileSync(file, 'utf8').trim()
  if (major === MAJOR) return
  throw new UserError('embedded-version', `The embedded database ${folder} is of PostgreSQL ${major}, this schemactl has ${MAJOR}.`, {
    next: 'Write its schema out with the schemactl that made it, and move the folder away.',
  })
}
