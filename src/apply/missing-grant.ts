import type { Session } from '../postgres/session.js'
import { type Parser, startParser } from '../sql/parser.js'
import { quoteIdentifier } from '../sql/quote.js'

/**
 * What PostgreSQL refused to the role, as the GRANT that gives it: on the database, on a schema, or membership in the owner of a relation.
 * Null where that cannot be told. Asked of the catalogs after the refusal: its words are in the server's language.
 */
export async function missingGrant(session: Session, statement: string): Promise<string | null> {
  const parser = startParser()
  try {
    return await grantFor(session, parser, statement)
  } catch {
    // It only adds to what PostgreSQL said.
    return null
  } finally {
    await parser.close()
  }
}

async function grantFor(session: Session, parser: Parser, statement: string): Promise<string | null> {
  const [first] = (await parser.analyse(statement)).statements
  const subject = first?.subject
  if (!first || !subject) return null
  const [schema = '', relation = ''] = subject.name
  const [row] = await session.query<Rights>(RIGHTS, [schema, relation])
  if (!row) return null
  const { role, database, creates, inSchema, owner } = row
  const to = `to ${quoteIdentifier(role)};`
  if (IN_DATABASE.has(first.node)) return creates ? null : `grant create on database ${quoteIdentifier(database)} ${to}`
  if (owner !== null) return `grant ${quoteIdentifier(owner)} ${to}`
  return inSchema === false ? `grant usage, create on schema ${quoteIdentifier(schema)} ${to}` : null
}

/** What these make stands in no schema, and asks for CREATE on the database. */
const IN_DATABASE = new Set(['CreateSchemaStmt', 'CreateExtensionStmt', 'CreatePublicationStmt'])

interface Rights {
  readonly role: string
  readonly database: string
  readonly creates: boolean
  /** Null: there is no such schema. */
  readonly inSchema: boolean | null
  /** Of the relation that is there, where the role may not do what its owner may. */
  readonly owner: string | null
}

const RIGHTS = `
select current_user as role, current_database() as database,
  pg_catalog.has_database_privilege(pg_catalog.current_database(), 'create') as creates,
  (select pg_catalog.has_schema_privilege(oid, 'create') and pg_catalog.has_schema_privilege(oid, 'usage')
    from pg_catalog.pg_namespace where nspname = $1) as "inSchema",
  (select pg_catalog.pg_get_userbyid(c.relowner) from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname = $1 and c.relname = $2 and not pg_catalog.pg_has_role(c.relowner, 'usage')) as owner`
