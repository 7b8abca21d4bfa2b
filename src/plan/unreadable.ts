import { isDenied, UserError } from '../errors.js'
import type { Session } from '../postgres/session.js'
import { quoteIdentifier, quoteName } from '../sql/quote.js'

/** Reads rows of these tables. Throws UserError with the GRANT that is missing where the role may not. */
export async function reading<T>(session: Session, paths: readonly (readonly string[])[], read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    throw isDenied(error) ? await denied(session, paths, error) : error
  }
}

async function denied(session: Session, paths: readonly (readonly string[])[], cause: unknown): Promise<unknown> {
  const closed = await session
    .query<Closed>(CLOSED, [paths.map(([schema]) => schema), paths.map(([, name]) => name)])
    // In a transaction that the refusal has ended, nothing more can be asked.
    .catch(() => [])
  const [first] = closed
  if (first === undefined) return cause
  const to = `to ${quoteIdentifier(first.role)};`
  const schemas = [...new Set(closed.filter(({ entered }) => !entered).map(({ schema }) => schema))]
  const usage = schemas.length === 0 ? '' : `grant usage on schema ${schemas.map(quoteIdentifier).join(', ')} ${to} `
  const tables = closed.map(({ schema, name }) => quoteName(schema, name)).join(', ')
  return new UserError('no-right', `The role ${first.role} may not read ${tables}, and whether there are rows decides the plan.`, {
    next: `Have the owner or a superuser run: ${usage}grant select on ${tables} ${to}`,
    cause,
  })
}

interface Closed {
  readonly role: string
  readonly schema: string
  readonly name: string
  readonly entered: boolean
}

const CLOSED = `
select current_user as role, n.nspname::text as schema, c.relname::text as name, pg_catalog.has_schema_privilege(n.oid, 'usage') as entered
from unnest($1::text[], $2::text[]) as w(space, name)
join pg_catalog.pg_namespace n on n.nspname = w.space
join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.name
where not (pg_catalog.has_schema_privilege(n.oid, 'usage') and pg_catalog.has_any_column_privilege(c.oid, 'select'))
order by 2, 3`
