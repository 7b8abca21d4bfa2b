import type { Catalog } from '../catalog/catalog.js'
import { connect, type Target } from '../postgres/connect.js'
import type { Session } from '../postgres/session.js'
import { canCreateDatabase, embeddedShadow, noShadow, type Shadow, temporaryDatabase } from '../postgres/shadow.js'

export function targetOf(url: string): Target {
  return { kind: 'url', url }
}

/** The major version of the embedded PostgreSQL. */
const EMBEDDED_MAJOR = 18

/**
 * Where files are loaded and plans rehearsed. Unless told: a temporary database on the target's own server where the role may
 * make one, for it has the exact version and extensions; otherwise the embedded one.
 */
export async function openShadow(where: string, target: Target, live: Catalog): Promise<Shadow> {
  if (where === 'embedded' || (where === 'auto' && target.kind === 'embedded')) return embeddedShadow(live.role)
  if (where === 'server' || where === 'auto') {
    if (target.kind === 'embedded') throw noShadow('The embedded database has no server to make a temporary database on.')
    const admin = await connect(target)
    if (await canCreateDatabase(admin)) return closing(await temporaryDatabase(admin, target), admin)
    await admin.close()
    if (where === 'server') throw noShadow(`The role ${live.role} may not create a temporary database: it lacks CREATEDB.`)
    if (live.major !== EMBEDDED_MAJOR) process.stderr.write(`The role may not create databases: rehearsing on the embedded PostgreSQL ${EMBEDDED_MAJOR}, the target has ${live.major}.\n`)
    return embeddedShadow(live.role)
  }
  const target2: Target & { kind: 'url' } = { kind: 'url', url: where }
  const admin = await connect(target2)
  return closing(await temporaryDatabase(admin, target2), admin)
}

function closing(shadow: Shadow, admin: Session): Shadow {
  return {
    ...shadow,
    close: async () => {
      await shadow.close()
      await admin.close().catch(() => undefined)
    },
  }
}
