import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { type Account, serverAccount } from './account.js'
import { ROOT } from './root.js'

/** Where the npm package of a PostgreSQL major keeps bin, lib and share. Its install script, which npm may not have run, is made up for. */
export function nativeFolder(major: number): string {
  const folder = join(ROOT, `node_modules/pg${major}`)
  if (!existsSync(join(folder, 'native/bin/postgres')))
    throw new Error(`PostgreSQL ${major} is not installed: node_modules/pg${major} is missing`)
  const links = JSON.parse(readFileSync(join(folder, 'native/pg-symlinks.json'), 'utf8')) as { source: string; target: string }[]
  for (const { source, target } of links) link(relative(dirname(target), source), join(folder, target))
  return join(folder, 'native')
}

function link(to: string, path: string): void {
  try {
    symlinkSync(to, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** The same, or a copy of it below `home` when the server's account cannot read the checkout (a folder of root's). */
export function readableNative(major: number, home: string): string {
  const native = nativeFolder(major)
  const account = serverAccount()
  if (runs(native, account)) return native
  const copy = join(home, 'native')
  spawnSync('cp', ['-R', native, copy])
  spawnSync('chmod', ['-R', 'a+rX', copy])
  if (account.uid !== undefined) spawnSync('chown', ['-R', `${account.uid}:${account.gid}`, copy])
  if (!runs(copy, account)) throw new Error(`PostgreSQL ${major} does not run on this machine: ${version(copy, account).stderr}`)
  return copy
}

function runs(native: string, account: Account): boolean {
  return version(native, account).status === 0
}

function version(native: string, account: Account) {
  return spawnSync(join(native, 'bin/postgres'), ['--version'], { ...account, cwd: '/', env: environment(native), encoding: 'utf8' })
}

/** The packages bring their own OpenSSL and ICU. */
export function environment(native: string): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', TZ: 'UTC', LD_LIBRARY_PATH: join(native, 'lib') }
}
