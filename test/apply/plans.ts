import { apply, revert } from '../../src/apply/apply.js'
import { type Entry, type Event, type Journal, openJournal } from '../../src/apply/journal.js'
import { fingerprint } from '../../src/catalog/canonical.js'
import type { CatalogObject } from '../../src/catalog/catalog.js'
import { digestOf, planId } from '../../src/plan/make.js'
import type { Plan } from '../../src/plan/plan.js'
import { formatPlan, parsePlan } from '../../src/plan/plan-file.js'
import { planChanges } from '../../src/plan/stage.js'
import { connect } from '../../src/postgres/connect.js'
import { introspect } from '../../src/postgres/introspect.js'
import type { Session } from '../../src/postgres/session.js'
import { temporaryDatabase } from '../../src/postgres/shadow.js'
import { sourceOf } from '../engine/source.js'
import { createDatabase, dropDatabase } from '../servers/index.js'

/** The state before every plan here, with rows that must outlive them. */
export const START = `
create type state as enum ('draft');
create table ticket (id int generated always as identity primary key, state state not null default 'draft', title varchar(40) not null);
insert into ticket (title) select 'ticket ' || i from generate_series(1, 100) as i;`

const STATES = [
  `create type state as enum ('draft', 'open');
   create table ticket (id int generated always as identity primary key, state state not null default 'open', title varchar(80) not null,
     priority int not null default 0, constraint known check (state in ('draft', 'open')));`,
  `create type state as enum ('draft', 'open');
   create table ticket (id int generated always as identity primary key, state state not null default 'open', title varchar(80) not null,
     priority int not null default 0, constraint known check (state in ('draft', 'open')));
   create table note (id int primary key, ticket int not null references ticket, body text);
   create index note_ticket on note (ticket);
   create view opened as select id, title from ticket where state = 'open';`,
] as const

const INDEX = `create index ticket_title on ticket (title);`

export interface Plans {
  /** Three transactions: a label, its use, and a table with what belongs to it. */
  readonly three: Plan
  /** The label and its use, an index made outside of transactions, and a table. */
  readonly concurrent: Plan
}

/** Made once, on a database of their own; they fit every database that START filled. */
export async function makePlans(server: { readonly url: string }): Promise<Plans> {
  const three = await planThrough(server, STATES)
  const concurrent = await planThrough(server, [STATES[0], `${STATES[0]}${INDEX}`, `${STATES[1]}${INDEX}`], 2)
  return { three, concurrent }
}

async function planThrough(server: { readonly url: string }, states: readonly string[], outside?: number): Promise<Plan> {
  return withStart(server, async (url, session) => {
    const journal = await openJournal(session, 'object')
    const plans: Plan[] = []
    for (const text of states) {
      const plan = await planOf(session, url, text)
      await apply(session, journal, plan, () => undefined)
      plans.push(plan)
    }
    return joined(plans, outside)
  })
}

/** From what the database is to what the text says. */
export async function planOf(live: Session, url: string, text: string): Promise<Plan> {
  const { plan } = await planChanges({
    live,
    source: await sourceOf({ 'schema.sql': text }),
    shadow: () => temporaryDatabase(live, { kind: 'url', url }),
    title: null,
    searchPath: ['public'],
    schemas: ['public'],
    manage: [],
    ignore: [],
    allow: ['all'],
    parent: null,
    formerly: new Set(),
  })
  if (plan === null) throw new Error('there is nothing to plan')
  return plan
}

/** One plan of the segments of several. */
function joined(plans: readonly Plan[], outside: number | undefined): Plan {
  const [first] = plans
  if (!first) throw new Error('there is nothing to join')
  const { id: _id, digest: _digest, ...rest } = first
  const segments = plans.flatMap((plan) => plan.segments).map((segment, i) => (i === outside ? concurrently(segment) : segment))
  const content = { ...rest, title: outside === undefined ? 'three' : 'concurrent', segments }
  const digest = digestOf(content)
  const plan = { ...content, id: planId(content.title, digest), digest }
  return parsePlan(formatPlan(plan), 'the plan of this test')
}

function concurrently(segment: Plan['segments'][number]): Plan['segments'][number] {
  const steps = segment.steps.map((step) => ({
    ...step,
    up: step.up.map((sql) => sql.replace(/^create index/i, 'create index concurrently')),
  }))
  if (!steps.some(({ up }) => up.some((sql) => sql.startsWith('create index concurrently')))) throw new Error('this segment makes no index')
  return { ...segment, transactional: false, steps }
}

/** A new database as START made it. */
export async function withStart<T>(server: { readonly url: string }, work: (url: string, session: Session) => Promise<T>): Promise<T> {
  const url = await createDatabase(server)
  try {
    const session = await connect({ kind: 'url', url })
    try {
      await session.execute(START)
      return await work(url, session)
    } finally {
      await session.close()
    }
  } finally {
    await dropDatabase(url)
  }
}

export interface Standing {
  readonly status: Entry['status'] | 'unknown'
  readonly segments: number
}

/** Where the journal says the plan stands; throws where the database is not exactly there, or a row is missing. */
export async function standing(session: Session, plan: Plan): Promise<Standing> {
  const { entry } = await journalOf(session, plan)
  const segments = entry?.segmentsDone ?? 0
  const now = await introspect(session)
  for (const [key, accepted] of boundary(plan, segments)) {
    const object = now.objects.get(key)
    const found = object ? fingerprint(object) : null
    if (!accepted.includes(found) && !begun(plan, segments, key, found, object))
      throw new Error(`${key} is not as after ${segments} segments: ${object ? JSON.stringify(object.definition) : 'it does not exist'}`)
  }
  const invalid = await session.query<{ name: string }>('select indexrelid::regclass::text as name from pg_index where not indisvalid')
  if (invalid.length > 0 && plan.segments.every(({ transactional }) => transactional)) throw new Error(`${invalid[0]?.name} is not valid`)
  const [rows] = await session.query<{ n: number }>(`select count(*)::int as n from ticket where title like 'ticket %'`)
  if (rows?.n !== 100) throw new Error(`${rows?.n} of 100 rows are left`)
  return { status: entry?.status ?? 'unknown', segments }
}

/** What runs outside of transactions may have left an INVALID index, or be done without the journal knowing: apply and revert find out. */
function begun(plan: Plan, done: number, key: string, found: string | null, object: CatalogObject | undefined): boolean {
  const next = plan.segments[done]
  return next?.transactional === false && key in next.after && (found === next.after[key] || object?.definition.valid === false)
}

/** Each object's fingerprint, in all its spellings, where so many segments stand. */
function boundary(plan: Plan, done: number): ReadonlyMap<string, readonly (string | null)[]> {
  const result = new Map<string, readonly (string | null)[]>()
  for (const segment of plan.segments.slice(0, done)) for (const [key, print] of Object.entries(segment.after)) result.set(key, [print])
  for (const segment of plan.segments.slice(done))
    for (const [key, print] of Object.entries(segment.before)) {
      const known = result.get(key) ?? [print]
      result.set(key, key in segment.restored ? [...known, segment.restored[key] ?? null] : known)
    }
  return result
}

export async function journalOf(
  session: Session,
  plan: Plan,
): Promise<{ readonly journal: Journal; readonly entry: Entry | undefined; readonly done: Event[] }> {
  const journal = await openJournal(session, 'object')
  const entry = (await journal.entries()).find(({ id }) => id === plan.id)
  const done = (await journal.events()).filter((event) => event.outcome === 'done')
  return { journal, entry, done }
}

/** From wherever a fault left it: to the end and back, or back at once. Throws unless both arrive. */
export async function recover(session: Session, plan: Plan, way: 'resume' | 'revert'): Promise<void> {
  const open = () => openJournal(session, 'object')
  if (way === 'resume' && (await journalOf(session, plan)).entry?.status !== 'applied') {
    await apply(session, await open(), plan, () => undefined)
    const reached = await standing(session, plan)
    if (reached.status !== 'applied' || reached.segments !== plan.segments.length)
      throw new Error(`resumed, it is ${reached.status} with ${reached.segments} segments`)
  }
  await revert(session, await open(), plan, () => undefined)
  const { segments } = await standing(session, plan)
  if (segments !== 0) throw new Error(`reverted, ${segments} segments still stand`)
}

/** Waits until the processes of lost connections are gone. */
export async function settled(session: Session): Promise<void> {
  for (;;) {
    const rows = await session.query(
      `select from pg_stat_activity where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()`,
    )
    if (rows.length === 0) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
