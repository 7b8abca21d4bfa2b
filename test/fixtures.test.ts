import { appendFileSync } from 'node:fs'
import { afterAll, describe, test } from '@jest/globals'
import { parseDraft } from '../src/plan/draft.js'
import { rolesCreated } from '../src/postgres/cluster-statements.js'
import { build, dumpOf, withDatabase } from './engine/database.js'
import { type Fixture, fixtures, gapOf, unsuited, type Way } from './engine/fixture.js'
import { goThereAndBack, type Lane } from './engine/round-trip.js'
import { closeParser, sourceOf } from './engine/source.js'
import { outsideOf, withWorld } from './engine/world.js'
import { query, type RunServer, runServers } from './servers/index.js'

/** Roles that fixtures may name; roles belong to the server, so that they cannot be part of a fixture's database. */
const ROLES = ['fixture_owner', 'fixture_reader', 'fixture_writer']

const NOTHING = "title: nothing\nsteps: [{ title: nothing, up: 'select 1', down: 'select 1' }]"

/** `server`: plans are made in a temporary database of the same server; `embedded`: in the embedded PostgreSQL. */
const SHADOW = process.env.SCHEMACTL_FIXTURE_SHADOW === 'embedded' ? 'embedded' : 'server'

/** `always` takes the online form of whatever has one, on tables of whatever size. */
const ONLINE = process.env.SCHEMACTL_FIXTURE_ONLINE === 'always' ? ({ online: 'always' } as const) : {}

/** `between` puts a hand-written step that does nothing into every plan, so that each goes by the state halfway. */
const STEPS = process.env.SCHEMACTL_FIXTURE_STEPS === 'between' ? NOTHING : null

/** How many fixtures are under way at once: PostgreSQL has a process for each of its sessions, and we wait for it. */
const AHEAD = 3

type Outcome = { readonly error: unknown } | { readonly hazards: readonly string[] }

afterAll(closeParser)

describe.each(runServers().map((server) => ({ server, major: server.major })))(`PostgreSQL $major, ${SHADOW} shadow`, ({ server }) => {
  const lane: Lane = { server, shadow: SHADOW }
  const cases = fixtures().filter((fixture) => {
    const reason = unsuited(fixture, server) ?? (SHADOW === 'embedded' ? (fixture.expect.embedded ?? null) : null)
    if (reason !== null) report(fixture, server, `not held: ${reason}`)
    return reason === null
  })
  const started: Promise<Record<Way, Outcome>>[] = []
  const start = (i: number) => {
    const fixture = cases[i]
    if (fixture) started[i] ??= bothWays(lane, fixture)
  }
  test.each(cases.map((fixture, i) => ({ fixture, i, name: fixture.name })))('$name', async ({ fixture, i }) => {
    for (let next = i; next < i + AHEAD; next++) start(next)
    const outcomes = await started[i]
    const judged = (['forward', 'back'] as const).map((way) => judge(fixture, server, way, outcomes?.[way]))
    const gap = gapOf(fixture, server.major, 'forward') ?? gapOf(fixture, server.major, 'back')
    const failure = judged.find((result) => result !== null)
    report(fixture, server, failure ? `failed: ${failure.message}` : gap ? `known gap: ${gap}` : 'passed')
    if (failure) throw failure
  })
})

const rolesOf = new Map<string, Promise<unknown>>()

function ensureRoles({ url }: { readonly url: string }): Promise<unknown> {
  const made =
    rolesOf.get(url) ??
    query(
      url,
      ROLES.map((role) => `do $$ begin create role ${role}; exception when duplicate_object or unique_violation then end $$`).join(';'),
    )
  rolesOf.set(url, made)
  return made
}

async function bothWays(lane: Lane, fixture: Fixture): Promise<Record<Way, Outcome>> {
  try {
    await ensureRoles(lane.server)
    if (fixture.expect.manage?.includes('roles')) return await inTurn(lane, fixture)
    const before = await sourceOf({ 'before.sql': fixture.before })
    const after = await sourceOf({ 'after.sql': fixture.after })
    return await withDatabase(lane.server, (oldUrl, old) =>
      withDatabase(lane.server, async (newUrl, fresh) => {
        await Promise.all([build(old, fixture.before, before), build(fresh, fixture.after, after)])
        const [oldDump, newDump] = await Promise.all([dumpOf(oldUrl), dumpOf(newUrl)])
        if (fixture.seed !== null) {
          await old.execute(fixture.seed)
          // Rows of the old shape may not fit the new one.
          await fresh.execute(fixture.seed).catch(() => undefined)
        }
        const { manage = [], irreversible } = fixture.expect
        const draftOf = async (text: string | null) => (text === null ? {} : { draft: await parseDraft(text, 'steps.yaml') })
        const forward = {
          url: oldUrl,
          session: old,
          start: oldDump,
          source: after,
          wanted: newDump,
          manage,
          irreversible: irreversible === 'forward',
          wrong: fixture.wrong,
          ...(await draftOf(fixture.steps ?? STEPS)),
          ...ONLINE,
        }
        const back = {
          url: newUrl,
          session: fresh,
          start: newDump,
          source: before,
          wanted: oldDump,
          manage,
          irreversible: irreversible === 'back',
          ...(await draftOf(STEPS)),
          ...ONLINE,
        }
        return { forward: await outcomeOf(goThereAndBack(lane, forward)), back: await outcomeOf(goThereAndBack(lane, back)) }
      }),
    )
  } catch (error) {
    return { forward: { error }, back: { error } }
  }
}

/** With roles of its own, which its server cannot have in two states at once: each state is built, read and taken down, and built again to start from. */
async function inTurn(lane: Lane, fixture: Fixture): Promise<Record<Way, Outcome>> {
  const before = { text: fixture.before, source: await sourceOf({ 'before.sql': fixture.before }) }
  const after = { text: fixture.after, source: await sourceOf({ 'after.sql': fixture.after }) }
  const roles = [...new Set([...rolesCreated(before.source.statements), ...rolesCreated(after.source.statements)])]
  const { manage = [], irreversible, dropRoles } = fixture.expect
  const way = async (name: Way, from: typeof before, to: typeof before) => {
    const wanted = await withWorld(lane.server, { ...to, roles }, async ({ dump, outside }) => ({ dump, outside }))
    return withWorld(lane.server, { ...from, roles }, async ({ url, session, dump, outside }) => {
      if (fixture.seed !== null) await session.execute(fixture.seed).catch(() => undefined)
      const gone =
        dropRoles === undefined
          ? []
          : rolesCreated(from.source.statements).filter((role) => !rolesCreated(to.source.statements).includes(role))
      return outcomeOf(
        goThereAndBack(lane, {
          url,
          session,
          start: dump,
          source: to.source,
          wanted: wanted.dump,
          manage,
          dropRoles: gone,
          irreversible: irreversible === name,
          outside: { read: () => outsideOf(session, roles), start: outside, wanted: wanted.outside },
        }),
      )
    })
  }
  return { forward: await way('forward', before, after), back: await way('back', after, before) }
}

async function outcomeOf(trip: ReturnType<typeof goThereAndBack>): Promise<Outcome> {
  try {
    const plan = await trip
    const hazards = (plan?.segments ?? []).flatMap((segment) => segment.steps.flatMap((step) => step.hazards.map(({ hazard }) => hazard)))
    return { hazards: [...new Set(hazards)].sort() }
  } catch (error) {
    return { error }
  }
}

/** What is wrong with the outcome; null where it is what the fixture says. */
function judge(fixture: Fixture, server: RunServer, way: Way, outcome: Outcome | undefined): Error | null {
  if (outcome === undefined) return new Error('the fixture was not run')
  const gap = gapOf(fixture, server.major, way)
  if ('error' in outcome) return gap === null ? new Error(`${way}: ${(outcome.error as Error).message}`, { cause: outcome.error }) : null
  if (gap !== null) return new Error(`${way}: the known gap is closed, take it out of expect.yaml: ${gap}`)
  const wanted = way === 'forward' ? fixture.expect.hazards : undefined
  return wanted === undefined || same(outcome.hazards, wanted)
    ? null
    : new Error(`hazards are ${outcome.hazards.join(', ') || 'none'}, not ${wanted.join(', ') || 'none'}`)
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.join() === [...b].sort().join()
}

/** For the table of `npm run test:matrix`. */
function report({ kind, name }: Fixture, { major }: RunServer, outcome: string): void {
  const file = process.env.SCHEMACTL_FIXTURE_REPORT
  if (file) appendFileSync(file, `${JSON.stringify({ kind, name, lane: SHADOW === 'embedded' ? 'embedded' : String(major), outcome })}\n`)
}
