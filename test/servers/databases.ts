import pg from 'pg'

/** Rows of one statement, or of the last of several without values, on a connection of its own. */
export async function query<Row extends pg.QueryResultRow>(url: string, text: string, values?: readonly unknown[]): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const result: pg.QueryResult<Row> | pg.QueryResult<Row>[] = await client.query<Row>(text, values && [...values])
    return (Array.isArray(result) ? result.at(-1)?.rows : result.rows) ?? []
  } finally {
    await client.end()
  }
}

const PREFIX = 'schemactl_test_'
let count = 0

/** Makes a database on the server, given as such or by any URL on it, and returns its URL. */
export async function createDatabase(server: { readonly url: string } | string, name = freshName()): Promise<string> {
  const url = urlOf(server)
  await query(url, `create database ${pg.escapeIdentifier(name)}`)
  return withDatabase(url, name)
}

/** Drops the database that the URL names, and whoever is still connected to it. */
export async function dropDatabase(url: string): Promise<void> {
  const name = decodeURIComponent(new URL(url).pathname.slice(1))
  await query(withDatabase(url, 'postgres'), `drop database if exists ${pg.escapeIdentifier(name)} with (force)`)
}

/** Drops what earlier runs on a lasting server left behind: databases of ours that are more than a day old. */
export async function sweepDatabases(url: string, age = 86_400): Promise<void> {
  const rows = await query<{ name: string }>(
    url,
    `select datname as name from pg_database
      where datname ~ '^${PREFIX}[0-9]+_' and split_part(datname, '_', 3)::bigint < $1`,
    [now() - age],
  )
  for (const { name } of rows) await dropDatabase(withDatabase(url, name))
}

export function withDatabase(url: string, name: string): string {
  const changed = new URL(url)
  changed.pathname = `/${encodeURIComponent(name)}`
  return changed.href
}

function freshName(): string {
  count += 1
  return `${PREFIX}${now()}_${process.pid}_${count}`
}

function now(): number {
  return Math.floor(Date.now() / 1000)
}

function urlOf(server: { readonly url: string } | string): string {
  return typeof server === 'string' ? server : server.url
}
