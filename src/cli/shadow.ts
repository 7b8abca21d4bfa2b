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
import { beforeEnding } from './signals.js'

/**
 * Where files are loaded and plans rehearsed. Unless told: a temporary database on the target's own server where the role may
 * make one, for it has the exact version and extensions; otherwise the embedded one. It goes also when the process is told to end.
 */
export async function openShadow(where: string, target: Target, live: Catalog, say: (text: string) => void): Promise<Shadow> {
  return watched(choose(where, target, live, say))
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
  const made = await madeOn(target, true)
  if (made !== null) return made
  if (where === 'server')
    throw noShadow(`The role ${live.role} cannot create a temporary database: it lacks CREATEDB, or the server takes no writes.`)
  if (live.major !== EMBEDDED_MAJOR)
    say(
      `The role ${live.role} cannot create databases there: rehearsing on the embedded PostgreSQL ${EMBEDDED_MAJOR}; the database has ${live.major}.`,
    )
  return embeddedShadow(live.role)
}

async function onServer(target: Target & { readonly kind: 'url' }): Promise<Shadow> {
  const made = await madeOn(target, false)
  if (made === null) throw new Error('a temporary database is made without asking')
  return made
}

/** A temporary database, with the session that is to drop it; null where `asked`, and none can be made. */
async function madeOn(target: Target & { readonly kind: 'url' }, asked: boolean): Promise<Shadow | null> {
  const admin = await connect(target)
  try {
    if (!asked || (await canCreateDatabase(admin))) return closing(await temporaryDatabase(admin, target), admin)
  } catch (error) {
    await admin.close().catch(() => undefined)
    throw error
  }
  await admin.close()
  return null
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

/** Removes the shadow when the process is told to end while it stands, or while it is being made. */
async function watched(coming: Promise<Shadow>): Promise<Shadow> {
  const forget = beforeEnding(() => coming.then((shadow) => shadow.close()))
  try {
    const shadow = await coming
    return {
      ...shadow,
      close: async () => {
        await shadow.close()
        forget()
      },
    }
  } catch (error) {
    forget()
    throw error
  }
}
