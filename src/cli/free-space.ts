import { readFile, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { PlanStep } from '../plan/plan.js'
import type { Session } from '../postgres/session.js'

/** In bytes: what tables that are written anew need beside what they have, until COMMIT, and what the server's disk has left. */
export interface Room {
  readonly needs: number
  readonly free: number
}

/** Null where nothing is written anew, or where the server's disk cannot be seen: it is on another machine, or not ours to look at. */
export async function roomFor(session: Session, steps: readonly PlanStep[]): Promise<Room | null> {
  const needs = steps.reduce((sum, { impact, estimate }) => sum + (impact.work === 'rewrite' ? (estimate?.bytes ?? 0) : 0), 0)
  const folder = needs === 0 ? null : await dataFolder(session)
  if (folder === null) return null
  const { bavail, bsize } = await statfs(folder)
  return { needs, free: bavail * bsize }
}

/** The fourth line of postmaster.pid is the port: so it is told whether a folder of that name is this server's. */
async function dataFolder(session: Session): Promise<string | null> {
  const [row] = await session.query<{ folder: string; port: number | null }>(
    `select setting as folder, pg_catalog.inet_server_port() as port from pg_catalog.pg_settings where name = 'data_directory'`,
  )
  if (!row) return null
  const pid = await readFile(join(row.folder, 'postmaster.pid'), 'utf8').catch(() => '')
  return row.port !== null && pid.split('\n')[3] === String(row.port) ? row.folder : null
}
