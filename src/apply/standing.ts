import { codeOf } from '../errors.js'
import type { Session } from '../postgres/session.js'
import { isInForce } from './chain.js'
import { DEVELOPMENT, developmentIn, lastDevelopment } from './development.js'
import { type Entry, type Event, openJournal } from './journal.js'
import { refuseNewer, STANDING } from './journal-tables.js'

/** A plan that is not reverted, as short as may be: a journal has thousands. */
export type EntryLink = Pick<Entry, 'id' | 'parent' | 'status' | 'segments'>

/** Where a database stands, by its journal alone. */
export interface Standing {
  /** Oldest first. */
  readonly links: readonly EntryLink[]
  readonly current: Entry | null
  readonly half: Entry | null
  /** The last time that `dev` or `reset` changed it, unless `stamp` came after. */
  readonly development: Event | null
}

/** One question to the database, where the journal is kept in tables. */
export async function standingIn(session: Session): Promise<Standing> {
  try {
    const [row] = await session.query<{ version: number; standing: Answer }>(STANDING, [DEVELOPMENT])
    if (!row) throw new Error('a query of one row returned none')
    refuseNewer(row.version)
    const { links, current, half, event } = row.standing
    return {
      links: (links ?? []).map(([id, parent, status, segments]) => ({ id, parent, status, segments })),
      current,
      half,
      development: developmentIn(event),
    }
  } catch (error) {
    if (codeOf(error) !== UNDEFINED_TABLE) throw error
    return standingElsewhere(session)
  }
}

const UNDEFINED_TABLE = '42P01'

interface Answer {
  readonly links: readonly (readonly [id: string, parent: string | null, status: Entry['status'], segments: number])[] | null
  readonly current: Entry | null
  readonly half: Entry | null
  readonly event: Event | null
}

/** The journal is a large object, or there is none. */
async function standingElsewhere(session: Session): Promise<Standing> {
  const journal = await openJournal(session, 'read')
  const links = (await journal.entries()).filter(({ status }) => status !== 'reverted')
  return {
    links,
    current: links.filter(isInForce).at(-1) ?? null,
    half: links.find((entry) => !isInForce(entry)) ?? null,
    development: await lastDevelopment(journal),
  }
}
