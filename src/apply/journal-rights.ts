import { UserError } from '../errors.js'
import type { Session } from '../postgres/session.js'
import { quoteIdentifier } from '../sql/quote.js'

/** What the session's role may do with the journal's tables. */
export interface JournalRights {
  readonly role: string
  readonly database: string
  /** May make schemas in the database. */
  readonly makesSchemas: boolean
  /** The schema is there. */
  readonly schema: boolean
  /** May make tables in it. */
  readonly makesTables: boolean
  /** The tables are there. */
  readonly found: boolean
  readonly reads: boolean
  readonly writes: boolean
}

/** Asked of the catalogs, which everybody may read: `to_regclass` of a schema that is closed to the role fails. */
export async function journalRights(session: Session): Promise<JournalRights> {
  const [row] = await session.query<JournalRights>(`
    select current_user as role, current_database() as database,
      pg_catalog.has_database_privilege(pg_catalog.current_database(), 'create') as "makesSchemas",
      n.oid is not null as schema, coalesce(pg_catalog.has_schema_privilege(n.oid, 'usage, create'), false) as "makesTables",
      coalesce(t.found, false) as found, t.reads and pg_catalog.has_schema_privilege(n.oid, 'usage') as reads, t.writes as writes
    from (select) as one
    left join pg_catalog.pg_namespace n on n.nspname = 'schemactl'
    left join lateral (
      select pg_catalog.bool_or(c.relname = 'plan') as found,
        pg_catalog.bool_and(pg_catalog.has_table_privilege(c.oid, 'select')) as reads,
        pg_catalog.bool_and(case c.relname
          when 'plan' then pg_catalog.has_table_privilege(c.oid, 'insert') and pg_catalog.has_table_privilege(c.oid, 'update')
          when 'event' then pg_catalog.has_table_privilege(c.oid, 'insert')
          else true end) as writes
      from pg_catalog.pg_class c where c.relnamespace = n.oid and c.relname in ('plan', 'event', 'version') and c.relkind = 'r'
    ) as t on true`)
  if (!row) throw new Error('a query of one row returned none')
  return row
}

/** Throws UserError where the role lacks a right on the tables that are there. */
export function refuseClosed({ role, reads, writes }: JournalRights, writing: boolean): void {
  if (reads && (writes || !writing)) return
  const what = writing ? 'select, insert, update' : 'select'
  const to = quoteIdentifier(role)
  throw journalDenied(
    `The role ${role} may not ${reads ? 'write' : 'read'} the journal, the tables of the schema schemactl.`,
    `grant usage on schema schemactl to ${to}; grant ${what} on all tables in schema schemactl to ${to};`,
  )
}

/** Throws UserError where the role may not make the tables. */
export function refuseUnmakeable({ role, database, makesSchemas, schema, makesTables }: JournalRights): void {
  if (schema ? makesTables : makesSchemas) return
  throw journalDenied(
    `The role ${role} may not make the journal: ${schema ? 'the schema schemactl is closed to it' : `it lacks CREATE on the database ${database}`}.`,
    schema
      ? `grant usage, create on schema schemactl to ${quoteIdentifier(role)};`
      : `grant create on database ${quoteIdentifier(database)} to ${quoteIdentifier(role)};`,
  )
}

export function journalDenied(message: string, grant: string): UserError {
  return new UserError('journal-denied', message, { next: `Have its owner or a superuser run: ${grant}` })
}
