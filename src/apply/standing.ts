import { codeOf, isDenied } from '../errors.js'
import type { Session } from '../postgres/session.js'
import { isInForce } from './chain.js'
import { DEVELOPMENT, developmentIn, lastDevelopment } from './development.js'
import { type ContentSum, type Entry, type Event, openJournal } from './journal.js'
import { refuseNewer, STANDING } from './journal-tables.js'

/** A plan that is not reverted, as short as may be: a journal has thousands. */
export interface EntryLink extends Pick<Entry, 'id' | 'parent' | 'status'> {
  /** Nothing ran for it. */
  readonly empty: boolean
}

/** Where a database stands, by its journal alone. */
export interface Standing {
  /** Oldest first. */
  readonly links: readonly EntryLink[]
  readonly current: Entry | null
  readonly half: Entry | null
  /** The last time that `dev` or `reset` changed it, unless `stamp` came after. */
  readonly development: Event | null
  /** The newest plans in force, as many as were asked for, to compare files with. */
  readonly contents: readonly ContentSum[]
}

/** One question to the database, where the journal is kept in tables. `newest`: how many contents to bring along. */
export async function standingIn(session: Session, newest = 0): Promise<Standing> {
  try {
    const [row] = await session.query<{ version: number; standing: Answer }>(STANDING, [DEVELOPMENT, newest])
    if (!row) throw new Error('a query of one row returned none')
    refuseNewer(row.version)
    const { ids, others, current, half, event, contents } = row.standing
    return { links: linksOf(ids ?? [], others ?? []), current, half, development: developmentIn(event), contents: contents ?? [] }
  } catch (error) {
    // Where a right is missing, opening the journal tells which.
    if (codeOf(error) !== UNDEFINED_TABLE && !isDenied(error)) throw error
    return standingElsewhere(session, newest)
  }
}

const UNDEFINED_TABLE = '42P01'

interface Answer {
  /** Oldest first. */
  readonly ids: readonly string[] | null
  /** Of these, what does not follow the one before, is not applied or is empty. */
  readonly others: readonly (readonly [id: string, parent: string | null, status: Entry['status'], empty: boolean])[] | null
  readonly current: Entry | null
  readonly half: Entry | null
  readonly event: Event | null
  readonly contents: readonly ContentSum[] | null
}

function linksOf(ids: NonNullable<Answer['ids']>, others: NonNullable<Answer['others']>): EntryLink[] {
  const apart = new Map(others.map(([id, parent, status, empty]) => [id, { id, parent, status, empty }]))
  return ids.map((id, i) => apart.get(id) ?? { id, parent: ids[i - 1] ?? null, status: 'applied', empty: false })
}

/** The journal is a large object, or there is none. */
async function standingElsewhere(session: Session, newest: number): Promise<Standing> {
  const journal = await openJournal(session, 'read')
  const entries = (await journal.entries()).filter(({ status }) => status !== 'reverted')
  return {
    links: entries.map(({ id, parent, status, segments }) => ({ id, parent, status, empty: segments === 0 })),
    current: entries.filter(isInForce).at(-1) ?? null,
    half: entries.find((entry) => !isInForce(entry)) ?? null,
    development: await lastDevelopment(journal),
    contents: newest === 0 ? [] : await journal.contents(newest),
  }
}
