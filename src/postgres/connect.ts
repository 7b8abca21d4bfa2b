import pg from 'pg'
import { openSession, type Session } from './session.js'
import { TYPES } from './types.js'

export type Target = { readonly kind: 'url'; readonly url: string } | { readonly kind: 'embedded'; readonly folder: string }

export interface ConnectOptions {
  readonly applicationName?: string
  /** Every transaction of the session is READ ONLY unless it says otherwise. */
  readonly readOnly?: boolean
}

/** Connects to the database that the target names. */
export async function connect(target: Target, options: ConnectOptions = {}): Promise<Session> {
  if (target.kind === 'embedded') return (await import('./embedded.js')).openEmbedded({ folder: target.folder })
  const client = new pg.Client({
    connectionString: target.url,
    types: TYPES,
    application_name: options.applicationName ?? 'schemactl',
    ...(options.readOnly === true ? { options: '-c default_transaction_read_only=on' } : {}),
  })
  return openSession(client, `${client.host}:${client.port}/${client.database ?? ''}`)
}
