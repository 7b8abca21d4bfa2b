import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { nativeFolder } from './binaries.js'
import { CACHE, ROOT } from './root.js'

/** Puts pgvector beside the embedded server of this major, compiled once a machine. The reason when that cannot be; null when it is there. */
export function ensurePgvector(major: number): string | null {
  const native = nativeFolder(major)
  const extension = join(native, 'share/postgresql/extension')
  if (existsSync(join(extension, 'vector.control'))) return null
  const built = join(CACHE, `pgvector-${major}`)
  if (!existsSync(built)) {
    console.error(`compiling pgvector for PostgreSQL ${major}, once …`)
    const { status, stderr } = spawnSync('sh', [join(ROOT, 'test/servers/pgvector.sh'), String(major), built], { encoding: 'utf8' })
    if (status !== 0) return stderr.trim().split('\n').at(-1) ?? 'it did not compile'
  }
  copyFileSync(join(built, 'lib/vector.so'), join(native, 'lib/postgresql/vector.so'))
  // The control file last: it is what says that the rest is there.
  for (const file of readdirSync(join(built, 'extension')).sort().reverse())
    copyFileSync(join(built, 'extension', file), join(extension, file))
  return null
}
