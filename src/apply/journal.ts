import { hostname, userInfo } from 'node:os'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { Catalog, CatalogObject } from '../catalog/catalog.js'
import { UserError } from '../errors.js'
import type { Plan } from '../plan/plan.js'
import type { Session } from '../postgres/session.js'
import { journalInObject } from './journal-object.js'
import { journalInTables } from './journal-tables.js'

/** What the database knows of one plan. */
export interface Entry {
  readonly id: string
  readonly title: string
  readonly digest: string
  readonly parent: string | null
  /** `applying` and `reverting` were cut short: segmentsDone tells where. */
  readonly status: 'applying' | 'applied' | 'reverting' | 'reverted' | 'stamped'
  readonly segmentsDone: number
  readonly segments: number
  /** ISO 8601 in UTC, of the last change of status. */
  readonly at: string
  readonly by: string
  readonly host: string
  readonly tool: string
  readonly seconds: number | null
}

export interface Event {
  readonly at: string
  readonly plan: string
  readonly action: string
  readonly segment: number | null
  readonly outcome: string
  readonly by: string
  readonly host: string
  readonly milliseconds: number | null
}

/** The text of a plan as it was applied, in short. */
export interface ContentSum extends Pick<Entry, 'id' | 'digest'> {
  /** SHA-256 of the text, in hex. */
  readonly sum: string
}

/** Where a journal is kept. Writes belong to the transaction that is open, if one is. */
export interface Store {
  entries(): Promise<Entry[]>
  events(): Promise<Event[]>
  lastEvent(actions: readonly string[]): Promise<Event | null>
  content(id: string): Promise<string | null>
  contents(newest: number | 'all'): Promise<readonly ContentSum[]>
  save(entry: Omit<Entry, 'at'>, content: string): Promise<void>
  note(event: Omit<Event, 'at'>): Promise<void>
  saveSnapshot(plan: string, packed: string): Promise<void>
  lastSnapshot(): Promise<{ readonly plan: string; readonly packed: string } | null>
}

/**
 * The record, in the database, of every plan that was applied to it: tables in a schema of their own where a project keeps
 * plan files; a large object otherwise, so that a database that is migrated from outside any project dumps as if built directly.
 */
export interface Journal {
  entries(): Promise<Entry[]>
  events(): Promise<Event[]>
  /** The newest event with one of these actions. */
  lastEvent(actions: readonly string[]): Promise<Event | null>
  /** The plan as it was applied, whether or not its file is still there. */
  plan(id: string): Promise<Plan>
  /** By what files of plans in force can be compared with what was applied: of the newest ones, or of all. */
  contents(newest: number | 'all'): Promise<readonly ContentSum[]>
  /** Records where a plan stands. */
  record(plan: Plan, status: Entry['status'], segmentsDone: number, seconds: number | null): Promise<void>
  note(plan: string, action: string, segment: number | null, outcome: string, milliseconds: number | null): Promise<void>
  /** A whole state of the database, kept with the plan that led to it. */
  saveSnapshot(plan: string, catalog: Catalog): Promise<void>
  /** The state that was last agreed: that of the newest plan in force. A plan that psql ran left none: its catalog is null. */
  lastSnapshot(): Promise<{ readonly plan: string; readonly catalog: Catalog | null } | null>
}

/** How the journal is kept where there is none yet: `read` makes none, and finds nothing. */
export type Keeping = 'tables' | 'object' | 'read'

/** Opens the journal that the database has; makes one as `keeping` says where it has none. */
export async function openJournal(session: Session, keeping: Keeping): Promise<Journal> {
  const writing = keeping !== 'read'
  const make = keeping === 'tables' && !(await journalInObject(session, { make: false, writing: false }))
  const store =
    (await journalInTables(session, { make, writing })) ?? (await journalInObject(session, { make: keeping === 'object', writing }))
  return journalOver(store ?? EMPTY)
}

const EMPTY: Store = {
  entries: async () => [],
  events: async () => [],
  lastEvent: async () => null,
  content: async () => null,
  contents: async () => [],
  save: () => Promise.reject(new Error('a journal opened for reading is written to')),
  note: () => Promise.reject(new Error('a journal opened for reading is written to')),
  saveSnapshot: () => Promise.reject(new Error('a journal opened for reading is written to')),
  lastSnapshot: async () => null,
}

function journalOver(store: Store): Journal {
  const who = runner()
  return {
    entries: () => store.entries(),
    events: () => store.events(),
    lastEvent: (actions) => store.lastEvent(actions),
    plan: async (id) => {
      const content = await store.content(id)
      if (content === null)
        throw new UserError('unknown-plan', `The journal of this database knows no plan ${id}.`, {
          next: 'schemactl history lists the plans it knows.',
        })
      const { parsePlan } = await import('../plan/plan-file.js')
      return parsePlan(content, `plan ${id} in the journal`)
    },
    contents: (newest) => store.contents(newest),
    record: async (plan, status, segmentsDone, seconds) => {
      const { formatPlan } = await import('../plan/plan-file.js')
      await store.save(
        {
          id: plan.id,
          title: plan.title,
          digest: plan.digest,
          parent: plan.parent,
          status,
          segmentsDone,
          segments: plan.segments.length,
          tool: plan.tool,
          seconds,
          ...who,
        },
        formatPlan(plan),
      )
    },
    note: (plan, action, segment, outcome, milliseconds) => store.note({ plan, action, segment, outcome, milliseconds, ...who }),
    saveSnapshot: (plan, catalog) => store.saveSnapshot(plan, pack(catalog)),
    lastSnapshot: async () => {
      const last = await store.lastSnapshot()
      return last && { plan: last.plan, catalog: last.packed === '' ? null : unpack(last.packed) }
    },
  }
}

/** Base 64 of gzipped JSON. */
function pack(catalog: Catalog): string {
  const objects = [...catalog.objects.values()].map(({ id, key, definition, parent, member, printed }) => ({
    id,
    key,
    definition,
    ...(parent === undefined ? {} : { parent }),
    ...(member === undefined ? {} : { member }),
    ...(printed && { printed }),
  }))
  return gzipSync(JSON.stringify({ major: catalog.major, role: catalog.role, objects })).toString('base64')
}

function unpack(packed: string): Catalog {
  const { major, role, objects } = JSON.parse(gunzipSync(Buffer.from(packed, 'base64')).toString()) as {
    major: number
    role: string
    objects: CatalogObject[]
  }
  return { major, role, objects: new Map(objects.map((object) => [object.key, object])), needs: new Map(), unmodelled: [] }
}

function runner(): { readonly by: string; readonly host: string } {
  return { by: process.env.SCHEMACTL_USER ?? userName(), host: hostname() }
}

/** A container may run under a uid that has no name. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}
