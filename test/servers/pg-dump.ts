import { execFile, spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { query } from './databases.js'
import { CACHE, ROOT } from './root.js'

const run = promisify(execFile)

/** `pg_dump --schema-only` of the database: what somebody else's program sees in it. */
export async function pgDump(url: string, options: readonly string[] = []): Promise<string> {
  const [row] = await query<{ major: number }>(url, `select current_setting('server_version_num')::int / 10000 as major`)
  const found = findPgDump(row?.major ?? 0)
  if ('missing' in found) throw new Error(`there is no pg_dump for this server: ${found.missing}`)
  const { stdout } = await run(found.path, ['--schema-only', ...options, '--dbname', url], { maxBuffer: 1 << 28 })
  return stdout
}

/** A pg_dump that can read a server of this major: this machine's own, else Debian's newest, fetched once and not installed. */
export function findPgDump(major: number): { readonly path: string } | { readonly missing: string } {
  const own = installed().find((path) => majorOf(path) >= major)
  if (own !== undefined) return { path: own }
  const folder = join(CACHE, 'pg-client-18')
  if (!existsSync(folder)) {
    console.error('fetching pg_dump 18, once …')
    const { status, stderr } = spawnSync('sh', [join(ROOT, 'test/servers/pg-client.sh'), folder], { encoding: 'utf8' })
    if (status !== 0) return { missing: stderr.trim().split('\n').at(-1) ?? 'it cannot be fetched' }
  }
  const path = join(folder, 'pg_dump')
  return majorOf(path) >= major ? { path } : { missing: `pg_dump 18 does not run here or is older than ${major}` }
}

function installed(): string[] {
  const debian = '/usr/lib/postgresql'
  const folders = existsSync(debian) ? readdirSync(debian).map((version) => join(debian, version, 'bin')) : []
  return [...(process.env.PATH ?? '').split(':'), ...folders].map((folder) => join(folder, 'pg_dump')).filter((path) => existsSync(path))
}

const majors = new Map<string, number>()

function majorOf(path: string): number {
  const known = majors.get(path)
  if (known !== undefined) return known
  const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' })
  const major = Number(/(\d+)/.exec(stdout ?? '')?.[1] ?? 0)
  majors.set(path, major)
  return major
}
