import type { Catalog } from '../catalog/catalog.js'
import type { Target } from '../config/target.js'
import { connect } from '../postgres/connect.js'
import type { Session } from '../postgres/session.js'
import {
  canCreateDatabase,
  EMBEDDED_MAJOR,
  embeddedIdentity,
  embeddedShadow,
  noShadow,
  type Shadow,
  temporaryDatabase,
} from '../postgres/shadow.js'
import { serverIdentity } from '../postgres/shadow-identity.js'

/**
 * Where files are loaded and plans rehearsed. Unless told: a temporary database on the target's own server where the role may
 * make one, for it has the exact version and extensions; otherwise the embedded one. It goes also when the process is told to end.
 */
export async function openShadow(where: string, target: Target, live: Catalog, say: (text: string) => void): Promise<Shadow> {
  return watched(await choose(where, target, live, say))
}

/** All that files can come to something else by in the shadow that `openShadow` would open; null where there would be none. */
export async function shadowIdentity(where: string, target: Target, live: Catalog, session: Session): Promise<string | null> {
  const embedded = embeddedIdentity(live.role)
  if (where === 'embedded' || (where === 'auto' && target.kind === 'embedded')) return embedded
  if (where !== 'server' && where !== 'auto') return identityAt({ kind: 'url', url: where })
  if (await canCreateDatabase(session)) return serverIdentity(session)
  return where === 'auto' ? embedded : null
}

async function identityAt(target: Target): Promise<string> {
  const server = await connect(target)
  try {
    return await serverIdentity(server)
  } finally {
    await server.close()
  }
}

async function choose(where: string, target: Target, live: Catalog, say: (text: string) => void): Promise<Shadow> {
  if (where === 'embedded' || (where === 'auto' && target.kind === 'embedded')) return embeddedShadow(live.role)
  if (where !== 'server' && where !== 'auto') return onServer({ kind: 'url', url: where })
  if (target.kind === 'embedded') throw noShadow('The embedded database has no server to make a temporary database on.')
  const admin = await connect(target)
  if (await canCreateDatabase(admin)) return closing(await temporaryDatabase(admin, target), admin)
  await admin.close()
  if (where === 'server') throw noShadow(`The role ${live.role} may not create a temporary database: it lacks CREATEDB.`)
  if (live.major !== EMBEDDED_MAJOR)
    say(
      `The role ${live.role} may not create databases: rehearsing on the embedded PostgreSQL ${EMBEDDED_MAJOR}; the database has ${live.major}.`,
    )
  return embeddedShadow(live.role)
}

async function onServer(target: Target & { readonly kind: 'url' }): Promise<Shadow> {
  const admin = await connect(target)
  return closing(await temporaryDatabase(admin, target), admin)
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

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

/** Removes the shadow when the process is told to end while it stands. */
function watched(shadow: Shadow): Shadow {
  const listeners = Object.entries(SIGNALS).map(([signal, code]) => ({
    signal,
    end: () => void shadow.close().finally(() => process.exit(code)),
  }))
  for (const { signal, end } of listeners) process.once(signal, end)
  return {
    ...shadow,
    close: async () => {
      await shadow.close()
      for (const { signal, end } of listeners) process.off(signal, end)
    },
  }
}
