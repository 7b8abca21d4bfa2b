import Connection from '@databases/pg/lib/Connection.js'
import Driver from '@databases/pg/lib/Driver.js'
import Transaction from '@databases/pg/lib/Transaction.js'
import type pg from 'pg'
import type { NoticeMessage } from 'pg-protocol/dist/messages.js'
import { DatabaseError, WrappedError } from './database-error.js'

/** One connection to one database. Everything that schemactl does goes through such a session, embedded or not. */
export interface Session {
  /**
   * Rows of one statement; `$1` … are values. bool, int2, int4, oid, floats and JSON come as JavaScript's own, arrays as
   * arrays; everything else (int8, numeric, dates, times) as PostgreSQL's text. Fails with a DatabaseError.
   */
  query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>
  /** Runs the text verbatim, one statement or several, by the simple protocol. Fails with a DatabaseError. */
  execute(text: string): Promise<void>
  /** Runs one statement that changes rows; `$1` … are values. Returns how many it changed. Fails with a DatabaseError. */
  change(text: string, values?: readonly unknown[]): Promise<number>
  /** Called with every NOTICE and WARNING. */
  onNotice(listener: (notice: Notice) => void): void
  /** `host:port/database`, never with a password. */
  readonly label: string
  readonly processId: number
  close(): Promise<void>
}

export interface Notice {
  readonly severity: string
  readonly message: string
  readonly code?: string
  readonly detail?: string
  readonly hint?: string
}

/**
 * Connects the client and makes it a session. The session goes through the connection of @databases/pg but not its pool: the
 * pool throws a connection away after an SQL error, and with it the settings, locks and the transaction that we still need.
 */
export async function openSession(client: pg.Client, label: string): Promise<Session> {
  const state = { lost: false, changed: 0 }
  client.on('error', () => {
    state.lost = true
  })
  client.on('end', () => {
    state.lost = true
  })
  await client.connect()
  const send = connectionOver(client, (changed) => {
    state.changed = changed
  })
  const run = async (text: string, values: readonly unknown[]): Promise<unknown[]> => {
    // The wire format ends strings with NUL: the rest of the text would be read as another message.
    if (text.includes('\0')) throw new DatabaseError('SQL text cannot hold a NUL character', { code: '22021' })
    try {
      return await send(text, values)
    } catch (error) {
      throw DatabaseError.from(error, state.lost)
    }
  }
  let closing: Promise<void> | undefined
  return {
    label,
    // @types/pg leaves out the process id, which pg knows once it is connected.
    processId: (client as pg.Client & { readonly processID: number | null }).processID ?? 0,
    // The caller names the columns that its own query returns.
    query: async <Row>(text: string, values: readonly unknown[] = []) => (await run(text, values)) as Row[],
    execute: async (text) => {
      await run(text, [])
    },
    change: async (text, values = []) => {
      await run(text, values)
      return state.changed
    },
    onNotice: (listener) => {
      client.on('notice', (notice) => listener(noticeOf(notice)))
    },
    close: () => (closing ??= client.end()),
  }
}

/** Sends texts verbatim, one after another, through a connection of @databases/pg, which tells rows and not how many were changed. */
function connectionOver(
  client: pg.Client,
  changed: (rows: number) => void,
): (text: string, values: readonly unknown[]) => Promise<unknown[]> {
  const pending = new WeakMap<object, { text: string; values: unknown[] }>()
  // @databases/sql writes placeholders itself and trims; ours stand in the text already, and positions must stay true.
  const prepareQuery = <Query extends object>(query: Query): Query => ({ format: () => pending.get(query) }) as unknown as Query
  const driver = new Driver.default(withPlainErrors(client, changed), { prepareQuery }, Number.POSITIVE_INFINITY)
  const factories: ConstructorParameters<typeof Connection.default>[1] = {
    createTransaction: (of, context) => new Transaction.default(of, factories, context),
  }
  const connection = new Connection.default(driver, factories)
  return async (text, values) => {
    const query = connection.sql.__dangerous__rawValue(text)
    pending.set(query, { text, values: [...values] })
    // The array form: a query given alone is split at semicolons, which breaks BEGIN ATOMIC bodies.
    const [rows] = await connection.query([query])
    return rows ?? []
  }
}

/** Hides `position` from the driver, which would write a code frame with wrong columns into the message. */
function withPlainErrors(client: pg.Client, changed: (rows: number) => void): ConstructorParameters<typeof Driver.default>[0] {
  const query = async (text: unknown) => {
    try {
      const result = await client.query(text as pg.QueryConfig)
      changed(result.rowCount ?? 0)
      return result
    } catch (error) {
      throw new WrappedError(error)
    }
  }
  return {
    query,
    connect: async () => {
      await client.connect()
    },
    end: () => client.end(),
    on: client.on.bind(client),
    removeListener: client.removeListener.bind(client),
    connection: client.connection,
  }
}

function noticeOf(notice: NoticeMessage): Notice {
  return {
    severity: notice.severity ?? 'NOTICE',
    message: notice.message ?? '',
    ...(notice.code === undefined ? {} : { code: notice.code }),
    ...(notice.detail === undefined ? {} : { detail: notice.detail }),
    ...(notice.hint === undefined ? {} : { hint: notice.hint }),
  }
}
