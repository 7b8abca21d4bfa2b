import { UserError } from '../errors.js'
import { quoteIdentifier, quoteLiteral } from '../sql/quote.js'
import { connect, onDatabase, type Target } from './connect.js'
import { expectReadings } from './introspect.js'
import type { Session } from './session.js'

/** A throwaway PostgreSQL, in which files become a catalog and plans are rehearsed. */
export interface Shadow {
  readonly session: Session
  /** As the plan names it: `temporary database on the target's server, PostgreSQL 17`. */
  readonly description: string
  readonly embedded: boolean
  readonly major: number
  /** Removes it; never throws. */
  close(): Promise<void>
}

const PREFIX = 'schemactl_shadow_'

/** A database from template0 with the target's encoding and locale on the server that `server` leads to. */
export async function temporaryDatabase(server: Session, target: Target & { readonly kind: 'url' }): Promise<Shadow> {
  await sweep(server, target)
  const name = `${PREFIX}${Date.now()}_${process.pid}_${server.processId}`
  const here = await localeOf(server)
  await server.execute(`create database ${quoteIdentifier(name)} template template0 ${here.options}`)
  const drop = () => dropDatabase(server, target, name, ' with (force)')
  try {
    const session = await connect(onDatabase(target, name))
    expectReadings(session)
    return {
      session,
      description: `temporary database on ${server.label.split('/')[0]}, PostgreSQL ${here.major}`,
      embedded: false,
      major: here.major,
      close: async () => {
        await session.close().catch(() => undefined)
        await drop()
      },
    }
  } catch (error) {
    await drop()
    throw error
  }
}

/** As CREATE DATABASE takes it: encoding, and the collation that text has without being told. */
export async function localeOf(server: Session): Promise<{ readonly options: string; readonly major: number }> {
  // Columns are named differently in each major.
  const [row] = await server.query<{ d: Readonly<Record<string, string | null>>; encoding: string; major: number }>(
    `select pg_catalog.to_json(d) as d, pg_catalog.pg_encoding_to_char(d.encoding) as encoding,
            pg_catalog.current_setting('server_version_num')::int / 10000 as major
     from pg_catalog.pg_database d where d.datname = pg_catalog.current_database()`,
  )
  if (!row) throw new Error('the current database is not in pg_database')
  const { d, encoding, major } = row
  const provider = { i: 'icu', b: 'builtin' }[d.datlocprovider ?? 'c']
  const locale = d.datlocale ?? d.daticulocale
  const own = provider === undefined || !locale ? '' : ` locale_provider ${provider} ${provider}_locale ${quoteLiteral(locale)}`
  return {
    options: `encoding ${quoteLiteral(encoding)} lc_collate ${quoteLiteral(d.datcollate ?? 'C')} lc_ctype ${quoteLiteral(d.datctype ?? 'C')}${own}`,
    major,
  }
}

/** Never throws: what cannot be dropped now is tried again by later runs. */
async function dropDatabase(
  server: Session,
  target: Target & { readonly kind: 'url' },
  name: string,
  how: '' | ' with (force)',
): Promise<void> {
  const drop = () => server.execute(`drop database if exists ${quoteIdentifier(name)}${how}`)
  await drop()
    .catch(async () => {
      await dropSubscriptions(onDatabase(target, name))
      await drop()
    })
    .catch(() => undefined)
}

/** No database is dropped that has one. Without their slots, nothing is asked of the publishers, which may not exist. */
async function dropSubscriptions(target: Target): Promise<void> {
  const session = await connect(target)
  try {
    const found = await session.query<{ name: string }>(
      `select s.subname::text as name from pg_catalog.pg_subscription s
       join pg_catalog.pg_database d on d.oid = s.subdbid where d.datname = pg_catalog.current_database()`,
    )
    for (const name of found.map((row) => quoteIdentifier(row.name))) {
      await session.execute(`alter subscription ${name} disable`)
      await session.execute(`alter subscription ${name} set (slot_name = none)`)
      await session.execute(`drop subscription ${name}`)
    }
  } finally {
    await session.close()
  }
}

/** Left-overs of runs that were killed: named with their time, removed after an hour when nobody is connected. */
async function sweep(server: Session, target: Target & { readonly kind: 'url' }): Promise<void> {
  const old = await server.query<{ name: string }>(
    `select d.datname as name from pg_catalog.pg_database d
     where d.datname like '${PREFIX.replaceAll('_', '\\_')}%' and not exists (select from pg_catalog.pg_stat_activity a where a.datid = d.oid)`,
  )
  for (const { name } of old) {
    const made = Number(name.slice(PREFIX.length).split('_')[0])
    if (Date.now() - made > 3_600_000) await dropDatabase(server, target, name, '')
  }
}

export async function canCreateDatabase(server: Session): Promise<boolean> {
  const [row] = await server.query<{ may: boolean }>(
    // Not what this session has made of itself: it may be one that only reads.
    `select (rolcreatedb or rolsuper) and not pg_catalog.pg_is_in_recovery()
            and (select reset_val = 'off' from pg_catalog.pg_settings where name = 'default_transaction_read_only') as may
     from pg_catalog.pg_roles where rolname = current_user`,
  )
  return row?.may ?? false
}

export function noShadow(reason: string): UserError {
  return new UserError('no-shadow', reason, { next: 'Name another shadow: --shadow embedded, --shadow server, or --shadow URL.' })
}

/** All that such a shadow can differ in. */
export function embeddedIdentity(role: string): string {
  return `embedded ${EMBEDDED_MAJOR} ${role}`
}

/** The major version of the embedded PostgreSQL. */
export const EMBEDDED_MAJOR = 18

/** An instance of the embedded PostgreSQL in memory, used by the role that the target's session has. */
export async function embeddedShadow(role: string): Promise<Shadow> {
  const { openEmbedded } = await import('./embedded.js')
  const session = await openEmbedded({ role })
  expectReadings(session)
  return {
    session,
    description: `embedded PostgreSQL ${EMBEDDED_MAJOR}`,
    embedded: true,
    major: EMBEDDED_MAJOR,
    close: () => session.close().catch(() => undefined),
  }
}
