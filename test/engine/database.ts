import type { Session } from '../../src/postgres/session.js'
import type { Source } from '../../src/source/read.js'
import { normalizeDump, pgDump } from '../servers/index.js'
import { takeDatabase } from './pool.js'

/** Runs `work` on a database of its own. */
export async function withDatabase<T>(server: { readonly url: string }, work: (url: string, session: Session) => Promise<T>): Promise<T> {
  const { url, session, giveBack } = await takeDatabase(server)
  try {
    return await work(url, session)
  } finally {
    await giveBack()
  }
}

/** As `psql -f` would: at once where one transaction will do, else statement by statement. */
export async function build(session: Session, text: string, source: Source): Promise<void> {
  try {
    await session.execute(text)
  } catch {
    for (const statement of source.statements) await session.execute(statement.text)
  }
}

/** What pg_dump sees, as sorted entries; the order of columns is left out. */
export async function dumpOf(url: string): Promise<Dump> {
  const text = await pgDump(url)
  return { text, entries: normalizeDump(text, { columnOrder: false }).map(withSortedOptions) }
}

/** `WITH (fillfactor='70', autovacuum_enabled='false')`: options stand in the order in which they were set, which says nothing. */
function withSortedOptions(entry: string): string {
  return entry.replace(
    /^((?:.*\s)?WITH \()([^()]*)(\))/gm,
    (_, open: string, list: string, close: string) => `${open}${list.split(', ').sort().join(', ')}${close}`,
  )
}

export interface Dump {
  readonly text: string
  readonly entries: readonly string[]
  /** Why it could not be restored. */
  readonly unrestored?: string
}

/**
 * Throws with what only one of them has. PostgreSQL spells some expressions anew once they are read back (`varchar IN (…)`), so two
 * dumps that differ are restored and dumped once more.
 */
export async function expectSameDump(server: { readonly url: string }, found: Dump, wanted: Dump, what: string): Promise<void> {
  if (difference(found, wanted) === '') return
  const [a, b] = await Promise.all([settled(server, found), settled(server, wanted)])
  const left = difference(a, b)
  const why = a.unrestored ?? b.unrestored
  if (left !== '') throw new Error(`${what}${why === undefined ? '' : ` (a dump cannot be restored: ${why})`}\n${left}`)
}

function difference(found: Dump, wanted: Dump): string {
  const only = (a: Dump, b: Dump) => a.entries.filter((entry) => !b.entries.includes(entry))
  return [
    ...only(found, wanted).map((entry) => `  found:  ${indented(entry)}`),
    ...only(wanted, found).map((entry) => `  wanted: ${indented(entry)}`),
  ].join('\n')
}

function indented(entry: string): string {
  return entry.replaceAll('\n', '\n          ')
}

function settled(server: { readonly url: string }, dump: Dump): Promise<Dump> {
  return withDatabase(server, async (url, session) => {
    try {
      // \restrict and \unrestrict are psql's; pg_dump may be newer than the server, which then does not know the setting.
      await session.execute(dump.text.replace(/^(?:\\.*|SET transaction_timeout = 0;)$/gm, ''))
      return await dumpOf(url)
    } catch (error) {
      return { ...dump, unrestored: error instanceof Error ? error.message : String(error) }
    }
  })
}

/** Rows of every table, by name; partitions count with the table that they are part of. */
export async function countRows(session: Session): Promise<ReadonlyMap<string, number>> {
  const rows = await session.query<{ name: string; rows: number }>(
    `select c.oid::regclass::text as name,
            (xpath('/row/n/text()', query_to_xml(format('select count(*) as n from %s', c.oid::regclass), false, true, '')))[1]::text::int as rows
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and not c.relispartition and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'schemactl')`,
  )
  return new Map(rows.map(({ name, rows: count }) => [name, count]))
}
