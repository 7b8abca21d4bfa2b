import { readFileSync } from 'node:fs'

/** Whom a server runs as; empty when that is who we are. */
export type Account = { readonly uid: number; readonly gid: number } | Record<string, never>

/** PostgreSQL refuses to run as root: then it is the user `postgres`, else `nobody`. initdb wants one with a name. */
export function serverAccount(): Account {
  if (process.getuid?.() !== 0) return {}
  const users = new Map(
    readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => [line.split(':')[0], line.split(':')]),
  )
  const user = users.get('postgres') ?? users.get('nobody')
  if (user === undefined) throw new Error('a test server cannot run as root: /etc/passwd has neither postgres nor nobody')
  return { uid: Number(user[2]), gid: Number(user[3]) }
}
