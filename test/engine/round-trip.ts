import { apply, revert } from '../../src/apply/apply.js'
import { openJournal } from '../../src/apply/journal.js'
import type { OnlineMode } from '../../src/config/settings.js'
import type { Sort } from '../../src/diff/scope.js'
import type { Draft } from '../../src/plan/draft.js'
import type { Plan } from '../../src/plan/plan.js'
import { formatPlan, parsePlan } from '../../src/plan/plan-file.js'
import { rowDigests } from '../../src/plan/row-digests.js'
import { planChanges } from '../../src/plan/stage.js'
import { introspect } from '../../src/postgres/introspect.js'
import type { Session } from '../../src/postgres/session.js'
import { embeddedShadow, type Shadow } from '../../src/postgres/shadow.js'
import type { Source } from '../../src/source/read.js'
import { countRows, type Dump, dumpOf, expectSameDump } from './database.js'
import { takeDatabase } from './pool.js'

/** A server to migrate databases on, and the shadow that plans are made in. */
export interface Lane {
  readonly server: { readonly url: string; readonly major: number }
  readonly shadow: 'server' | 'embedded'
}

export interface Trip {
  /** The database to migrate, and what pg_dump sees in it. */
  readonly url: string
  readonly session: Session
  readonly start: Dump
  /** The wanted state, and what pg_dump sees in a database built directly from it. */
  readonly source: Source
  readonly wanted: Dump
  readonly manage?: readonly Sort[]
  readonly dropRoles?: readonly string[]
  /** The plan must say that it cannot be taken back, and is not; 'maybe' where nobody knows beforehand. */
  readonly irreversible?: boolean | 'maybe'
  readonly online?: OnlineMode
  /** Steps by hand on the way. */
  readonly draft?: Draft
  /** A query for rows that must not be there in the end. */
  readonly wrong?: string | null
  /** What the fixture has outside its database, as text: now, at the start and at the end. */
  readonly outside?: { readonly read: () => Promise<string>; readonly start: string; readonly wanted: string }
}

/** Migrates and reverts a database; an error tells at which of its stations it is not what it must be. Returns the plan. */
export async function goThereAndBack(lane: Lane, trip: Trip): Promise<Plan | null> {
  const { server } = lane
  const { session } = trip
  const rows = await countRows(session)
  const contents = await rowDigests(session, await introspect(session))
  const plan = await planFor(lane, session, trip)
  if (plan === null) {
    await expectSameDump(server, trip.start, trip.wanted, 'the plan is empty, but pg_dump sees a difference')
    return null
  }
  if (plan.irreversible !== null && !trip.irreversible) throw new Error(`the plan cannot be taken back: ${plan.irreversible}`)
  if (plan.irreversible === null && trip.irreversible === true) throw new Error('the plan says that it can be taken back')
  await apply(session, await openJournal(session, 'object'), plan, () => undefined)
  await expectSameDump(server, await dumpOf(trip.url), trip.wanted, 'the migrated database is not as one built directly')
  await expectOutside(trip, 'wanted')
  const wrong = trip.wrong ? await session.query<object>(trip.wrong) : []
  if (wrong.length > 0) throw new Error(`rows are not as they are to be: ${JSON.stringify(wrong)}`)
  const { draft: _draft, dropRoles: _dropped, ...afterwards } = trip
  const again = await planFor(lane, session, afterwards)
  if (again !== null) throw new Error(`a second plan is not empty:\n${sqlOf(again)}`)
  if (plan.irreversible !== null) return plan
  await revert(session, await openJournal(session, 'object'), plan, () => undefined)
  await expectSameDump(server, await dumpOf(trip.url), trip.start, 'the reverted database is not as it was')
  await expectOutside(trip, 'start')
  expectRows(rows, await countRows(session), plan)
  if (trip.wrong) expectContents(contents, await rowDigests(session, await introspect(session)))
  return plan
}

async function expectOutside({ outside }: Trip, state: 'start' | 'wanted'): Promise<void> {
  const found = await outside?.read()
  if (found !== outside?.[state])
    throw new Error(
      `outside the database it is not as at the ${state === 'start' ? 'start' : 'end'}\n  found:  ${found}\n  wanted: ${outside?.[state]}`,
    )
}

/** A plan that went through its file, as the one that is reviewed does. */
export async function planFor(
  lane: Lane,
  live: Session,
  trip: Pick<Trip, 'source' | 'manage' | 'online' | 'draft' | 'dropRoles'>,
): Promise<Plan | null> {
  const { plan } = await planChanges({
    live,
    source: trip.source,
    shadow: () => openShadow(lane),
    title: null,
    searchPath: ['public'],
    schemas: '*',
    manage: ['owners', 'privileges', ...(trip.manage ?? [])],
    ignore: [],
    allow: ['all'],
    parent: null,
    formerly: new Set(),
    ...(trip.dropRoles && { dropRoles: trip.dropRoles }),
    ...(trip.online && { online: trip.online }),
    ...(trip.draft && { draft: trip.draft }),
  })
  return plan === null ? null : parsePlan(formatPlan(plan), 'the plan of this test')
}

/** Empty databases are used again, so that only the first plan pays for making one. */
async function openShadow({ server, shadow }: Lane): Promise<Shadow> {
  if (shadow === 'embedded') return embeddedShadow('postgres')
  const { session, giveBack } = await takeDatabase(server)
  return { session, description: 'a database of this test', embedded: false, major: server.major, close: giveBack }
}

function sqlOf(plan: Plan): string {
  return plan.segments.flatMap((segment) => segment.steps.map((step) => `  ${step.title}\n    ${step.up.join(';\n    ')}`)).join('\n')
}

/** Hand-written steps bring rows back as they were. */
function expectContents(before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): void {
  const changed = [...before].filter(([table, rows]) => now.get(table) !== rows)
  if (changed.length > 0) throw new Error(`reverted, the rows of ${changed.map(([table]) => table).join(', ')} are not what they were`)
}

/** What a plan says it loses may be lost; every other row is still there. */
function expectRows(before: ReadonlyMap<string, number>, now: ReadonlyMap<string, number>, plan: Plan): void {
  const lost = new Set(
    plan.segments.flatMap((s) =>
      s.steps.flatMap((step) =>
        [...step.hazards, ...step.downHazards].map(({ object }) => (JSON.parse(object) as string[]).slice(1, 3).join('.')),
      ),
    ),
  )
  for (const [table, rows] of before) {
    const name = table.includes('.') ? table : `public.${table}`
    if (!lost.has(name) && now.get(table) !== rows)
      throw new Error(`${table} had ${rows} rows and has ${now.get(table) ?? 'none, for it is gone'}`)
  }
}
