import { query } from './databases.js'
import type { TestServer } from './server.js'

/** A server that somebody else runs; its URL must be a superuser's, on a database that stays. */
export async function givenServer(url: string, origin: string, stop: () => Promise<void> = async () => {}): Promise<TestServer> {
  const [row] = await query<{ major: number }>(url, `select current_setting('server_version_num')::int / 10000 as major`)
  if (row === undefined) throw new Error('the given test server does not tell its version')
  return { major: row.major, url, port: Number(new URL(url).port || 5432), origin, stop }
}
