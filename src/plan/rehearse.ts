import { equal } from '../catalog/canonical.js'
import type { Catalog, CatalogObject } from '../catalog/catalog.js'
import { describe, idOf } from '../catalog/id.js'
import { compare } from '../diff/compare.js'
import { isOfRoles } from '../diff/scope.js'
import { type Step, type StepOptions, stepsBetween } from '../diff/steps.js'
import { UserError } from '../errors.js'
import { kindOf } from '../kinds/registry.js'
import { spoken } from '../kinds/spoken.js'
import { introspect } from '../postgres/introspect.js'
import { missingRole } from '../postgres/load.js'
import type { Session } from '../postgres/session.js'
import type { Shadow } from '../postgres/shadow.js'
import { quoteIdentifier, quoteSearchPath } from '../sql/quote.js'
import type { DraftStep } from './draft.js'
import { type Learnt, learn, mayBeRows, Plainly, Rebuild, rebuildable, refusedOnline, Unfilled, unfilled } from './lessons.js'
import { brought, mentioned } from './mentions.js'
import { type Block, textsOf } from './places.js'
import { type Renamed, undone } from './renames.js'
import { closure, overlay, pick, restrict } from './replica.js'
import { rowDigests, seedRows, valueDigests } from './rows.js'
import { runSegment } from './run-steps.js'
import { isTransactional, segmentsOf } from './segments.js'
import { refusalOf, StepError } from './step-error.js'
import { refuseDifference, runDown, runUp } from './written-leg.js'

/** One proven segment: the way up, the way back, and the replica before and after. */
export interface Leg {
  readonly up: readonly Step[]
  readonly down: readonly Step[]
  readonly transactional: boolean
  readonly before: Catalog
  readonly after: Catalog
  /** After the way back: `before` in the spelling of objects made anew. */
  readonly restored: Catalog
  /** Made of these instead, which people wrote. */
  readonly written?: readonly DraftStep[]
}

export interface Proof {
  /** None when the states differ in spelling only. */
  readonly legs: readonly Leg[]
  readonly rows: { readonly [table: string]: number }
  readonly caveats: readonly string[]
  /** Why the way back ends before the start; null when it came back. */
  readonly irreversible: string | null
  readonly shadow: string
}

export interface Rehearsing {
  /** A new, empty shadow; the one before it is closed by then. */
  readonly shadow: () => Promise<Shadow>
  /** The shadow when nothing was loaded. */
  readonly base: Catalog
  readonly live: Catalog
  /** What comes before all else, and the live database after it. */
  readonly renamed: Renamed
  readonly target: Catalog
  readonly compared: (key: string) => boolean
  readonly searchPath: readonly string[]
  /** Has this table rows in the live database? */
  readonly hasRows: (key: string) => boolean
  /** Is this object to be changed while others work with its table? */
  readonly online: (table: string, key: string) => boolean
  /** Where the rows of this object are kept when it is dropped; null: nowhere. */
  readonly archive: (key: string) => string | null
  /** Hand-written steps, each block with the state in which it runs on the way to this target; `whole` objects come or go at once. */
  readonly written: (target: Catalog, whole: ReadonlySet<string>) => readonly Block[]
  /** May rows that nobody gave a value get a neutral one? */
  readonly mayFill: boolean
}

/** How often what a rehearsal left over is planned again before it counts as a failure. */
const ROUNDS = 4

/**
 * Builds a replica of what the change concerns, puts rows into it, goes up, compares with the wanted state, comes down, compares
 * with the start. Fails with a UserError that names the first difference: such a plan is not written.
 */
export async function rehearse(input: Rehearsing): Promise<Proof> {
  let { target } = input
  let withRows = true
  const caveats: string[] = []
  const learnt: Learnt = { rebuild: new Set(), plain: new Set(), whole: new Set() }
  const { rebuild, whole } = learnt
  const online: Rehearsing['online'] = (table, key) => !learnt.plain.has(key) && input.online(table, key)
  for (let round = 1; ; round++) {
    const around = [input.renamed.live, target]
    const options = { hasRows: input.hasRows, online, archive: input.archive, around }
    const blocks = input.written(target, whole)
    const steps = stepsBetween(input.renamed.live, target, { rebuild, ...options })
    if (steps.length + input.renamed.steps.length + blocks.length === 0)
      return { legs: [], rows: {}, caveats: [], irreversible: null, shadow: '' }
    const shadow = await input.shadow()
    try {
      const start = await buildReplica({ ...input, target }, shadow, textsOf(blocks.flatMap((block) => block.steps)))
      const rows = withRows ? await seedRows(shadow.session, start) : { inserted: {}, caveats: [] }
      // What hand-written steps bring back is theirs to say.
      const archived = blocks.length > 0 ? [] : steps.flatMap((step) => step.archives ?? [])
      const values = await valueDigests(shadow.session, archived)
      const digests = blocks.length > 0 ? await rowDigests(shadow.session, start) : new Map<string, string>()
      const failed = failing(input, blocks.length > 0 ? whole : null)
      const climbing = { ...input, target, failed, notArrived: notProven }
      const up = await climbBy(blocks, climbing, shadow.session, start, { rebuild, ...options })
      const spelling = onlySpelling(input.renamed.live, target, up.renamed, up.reached)
      if (spelling.length > 0 && round < ROUNDS) {
        target = withObjectsOf(target, input.renamed.live, spelling)
        continue
      }
      const down = await descend(shadow.session, up.legs, { compared: input.compared, online, around })
      if (down.irreversible === null) refuseLostRows(values, await valueDigests(shadow.session, archived))
      const others = down.irreversible === null ? await changedRows(digests, shadow.session, start) : []
      return { ...down, rows: rows.inserted, caveats: [...caveats, ...rows.caveats, ...others], shadow: shadow.description }
    } catch (error) {
      if (learn(learnt, error)) continue
      if (!withRows || !mayBeRows(error)) throw error
      withRows = false
      caveats.push(`rehearsed without rows: with synthetic ones, ${error.cause.message}`)
    } finally {
      await shadow.close()
    }
  }
}

/** `whole`: what is filled at once already; null where no steps are written by hand. */
function failing({ mayFill, live }: Rehearsing, whole: ReadonlySet<string> | null): Climbing['failed'] {
  return (error, steps) => {
    const key = whole && mayFill ? unfilled(steps, error, live) : null
    return key === null || whole?.has(key) ? refused(error) : new Unfilled(key)
  }
}

/** Of the tables that these digests are of, those whose rows are others now. */
async function changedRows(before: ReadonlyMap<string, string>, session: Session, start: Catalog): Promise<string[]> {
  if (before.size === 0) return []
  const after = await rowDigests(session, start)
  const changed = [...before].filter(([table, rows]) => after.get(table) !== rows)
  return changed.map(([table]) => `that rows of ${table} come back as they were: the synthetic one did not`)
}

function refuseLostRows(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): void {
  const lost = [...before].find(([key, digest]) => after.get(key) !== digest)
  if (lost === undefined) return
  throw new UserError(
    'not-proven',
    `The plan was not written: rehearsed, the rows of ${spoken(idOf(lost[0]))} do not come back as they were.`,
    {
      next: 'This is a gap in schemactl; please report it. --drops drop plans without the archive.',
    },
  )
}

export async function buildReplica(
  { base, live, target, searchPath }: Pick<Rehearsing, 'base' | 'live' | 'target' | 'searchPath'>,
  shadow: Shadow,
  texts: readonly string[] = [],
): Promise<Catalog> {
  const touched = [...compare(live, target).changes.keys()]
  const needed = touched.flatMap((key) => [...(target.needs.get(key)?.keys() ?? [])])
  const used = texts.length > 0 ? await brought(live, shadow.session) : []
  const whole = closure(live, [...touched, ...mentioned(live, texts)], [...needed, ...used])
  // What stands on a role is none of its own: it goes on as before.
  const ofRoles = (key: string) => {
    const object = live.objects.get(key) ?? target.objects.get(key)
    return object !== undefined && isOfRoles(object, (one) => live.objects.get(one) ?? target.objects.get(one))
  }
  const part = texts.length === 0 && touched.every(ofRoles) ? restrict(whole, ofRoles) : whole
  return buildPart({ base, live, part, searchPath }, shadow)
}

/** Builds this part of the live database in an empty shadow. Throws UserError where that cannot be. */
export async function buildPart(
  { base, live, part, searchPath }: Pick<Rehearsing, 'base' | 'live' | 'searchPath'> & { readonly part: Catalog },
  shadow: Shadow,
): Promise<Catalog> {
  const wanted = overlay(
    base,
    part,
    [...base.objects.keys()].filter((key) => !live.objects.has(key)),
  )
  await shadow.session.execute(
    `set search_path = ${quoteSearchPath(searchPath)}; set check_function_bodies = off; set client_min_messages = error`,
  )
  let start = base
  for (let round = 1; round <= 2; round++) {
    // The second round undoes what default privileges and the like did to what the first one built.
    const build = stepsBetween(start, withRoles(round === 1 ? wanted : spelledAs(wanted, start), start, shadow))
    if (build.length === 0) break
    for (const segment of segmentsOf(build)) await rebuild(shadow, segment)
    start = await introspect(shadow.session)
  }
  // A role's settings for the live database are none for the shadow's on the same server.
  const missing = [...part.objects.values()].find(
    (object) => !start.objects.has(object.key) && (shadow.embedded || !isOfRoles(object, (key) => part.objects.get(key))),
  )
  if (missing !== undefined) throw gap(`cannot rebuild ${describe(missing.id)} of the live database`)
  return start
}

/**
 * `wanted` with the roles that are there. On a server they are everybody's: what others do to them meanwhile is not ours to undo, and
 * nothing is done to them by us. In the embedded PostgreSQL they are made, but for the one that we work as, a superuser there.
 */
function withRoles(wanted: Catalog, start: Catalog, { embedded }: Shadow): Catalog {
  const find = (key: string) => start.objects.get(key) ?? wanted.objects.get(key)
  const kept = [...start.objects].filter(
    ([key, object]) => isOfRoles(object, find) && (!embedded || !wanted.objects.has(key) || isSelf(object, start)),
  )
  const others = [...wanted.objects].filter(([key, object]) => embedded || start.objects.has(key) || !isOfRoles(object, find))
  return restrict({ ...wanted, objects: new Map([...others, ...kept]) }, () => true)
}

function isSelf({ id, parent }: CatalogObject, { role }: Catalog): boolean {
  return parent === undefined && id.path[0] === role
}

async function rebuild(
  { session, embedded }: Pick<Shadow, 'session' | 'embedded'>,
  segment: readonly Step[],
  tries = MOST_ROLES,
): Promise<void> {
  try {
    await runSegment(session, segment, isTransactional(segment))
  } catch (error) {
    if (!(error instanceof StepError)) throw error
    // The bootstrap superuser of a server is no role of ours, and has another name here.
    const role = embedded && tries > 0 && isTransactional(segment) ? missingRole(error.cause) : null
    if (role !== null) {
      await session.execute(`create role ${quoteIdentifier(role)}`)
      return rebuild({ session, embedded }, segment, tries - 1)
    }
    throw gap(
      `cannot rebuild the live database in the shadow: ${error.message}${error.cause.detail ? ` (${error.cause.detail})` : ''}`,
      error,
    )
  }
}

/** The replica could not be built since our role may not do so on the server of the shadow. */
export function lacksRights(error: unknown): boolean {
  return (
    error instanceof UserError &&
    error.code === 'rehearsal-impossible' &&
    error.cause instanceof StepError &&
    error.cause.cause.code === '42501'
  )
}

/** Stand-ins for roles that a rebuilding may ask for, one after another. */
const MOST_ROLES = 5

function gap(what: string, cause?: StepError): UserError {
  const next =
    cause?.cause.code === '42501'
      ? 'Here our role lacks this right: plan as a role that has it, or with --shadow embedded, where all roles have all.'
      : 'Try another shadow (--shadow server, or --shadow URL of a server with the same extensions).'
  return new UserError('rehearsal-impossible', `The rehearsal ${what}${cause ? `\n${cause.statement}` : ''}`, {
    next,
    cause,
  })
}

/** `wanted` as `reached` spells it, wherever the same object exists. */
function spelledAs(wanted: Catalog, reached: Catalog): Catalog {
  return { ...wanted, objects: new Map([...wanted.objects].map(([key, object]) => [key, reached.objects.get(key) ?? object])) }
}

interface Ascending extends Omit<Leg, 'down' | 'restored'> {
  /** Made of renames alone, which are undone as such. */
  readonly renames?: true
}

interface Ascent {
  readonly legs: readonly Ascending[]
  /** After the renames, before all else. */
  readonly renamed: Catalog
  readonly reached: Catalog
}

/** Where to, and what becomes of it where that fails. */
export interface Climbing extends Pick<Rehearsing, 'renamed' | 'target' | 'compared'> {
  /** Where it all leads, where the target is a state on the way. */
  readonly wanted?: Catalog
  /** Sees the steps of each round before they run. */
  readonly guard?: (steps: readonly Step[]) => void
  /** Told each segment that was committed. */
  readonly ran?: (steps: readonly Step[]) => void
  readonly failed: (error: StepError, steps: readonly Step[]) => Error
  readonly notArrived: (step: Step | undefined, reached: Catalog, goal: Catalog) => Error
}

/** Runs the steps, and then what is left over after them, until nothing is but other spellings of the same. */
export async function climb(
  input: Climbing,
  session: Session,
  start: Catalog,
  first: readonly Step[],
  rebuild: ReadonlySet<string>,
): Promise<Ascent> {
  const legs: Ascending[] = []
  const renamed = await rename(input.renamed.steps, session, start)
  if (renamed !== start) input.ran?.(input.renamed.steps)
  if (renamed !== start) legs.push({ up: input.renamed.steps, transactional: true, before: start, after: renamed, renames: true })
  let reached = renamed
  let goal = goalOf(input, renamed)
  let steps: readonly Step[] = first
  for (let round = 1; steps.length > 0; round++) {
    const before = reached
    input.guard?.(steps)
    for (const segment of segmentsOf(steps)) {
      const transactional = isTransactional(segment)
      try {
        await runSegment(session, segment, transactional)
      } catch (error) {
        if (!(error instanceof StepError)) throw error
        const plainly = refusedOnline(segment, error)
        if (plainly !== null) throw new Plainly(plainly)
        const rebuilt = transactional ? rebuildable(segment, error, before) : []
        if (rebuilt.every((key) => rebuild.has(key))) throw input.failed(error, segment)
        throw new Rebuild(rebuilt)
      }
      input.ran?.(segment)
      const after = await readReplica(session, reached, input.compared)
      legs.push({ up: segment, transactional, before: reached, after })
      reached = after
    }
    if (round > 1) {
      const spelled = onlySpelling(before, goal, before, reached)
      if (spelled.length > 0) {
        goal = withObjectsOf(goal, reached, spelled)
        const kept = stepsBetween(before, goal)
        legs.pop()
        if (kept.length > 0) legs.push({ up: kept, transactional: isTransactional(kept), before, after: reached })
      }
    }
    steps = stepsBetween(reached, uncompared(goal, reached, input.compared))
    if (round === ROUNDS && steps.length > 0) throw input.notArrived(steps[0], reached, goal)
  }
  return { legs, renamed, reached }
}

/** Climbs from block to block of hand-written steps, and to the target after the last. */
async function climbBy(
  blocks: readonly Block[],
  input: Climbing,
  session: Session,
  start: Catalog,
  { rebuild, ...options }: StepOptions & { readonly rebuild: ReadonlySet<string> },
): Promise<Ascent> {
  const goals = [...blocks.map(({ at }) => at), input.target]
  const between = (from: Catalog, to: Catalog) =>
    stepsBetween(from, to, { ...options, rebuild: new Set([...rebuild].filter((key) => !same(from, to, key))) })
  const [first = input.target] = goals
  let ascent = await climb({ ...input, target: first }, session, start, between(input.renamed.live, first), rebuild)
  for (const [i, { steps }] of blocks.entries()) {
    const before = ascent.reached
    await runUp(session, steps)
    const after = await readReplica(session, before, input.compared)
    const leg = { up: [], written: steps, transactional: steps[0]?.transactional !== false, before, after }
    const on = { ...input, renamed: { ...input.renamed, steps: [] }, target: goals[i + 1] ?? input.target, wanted: input.target }
    const next = await climb(on, session, after, between(after, uncompared(goalOf(on, after), after, input.compared)), rebuild)
    ascent = { legs: [...ascent.legs, leg, ...next.legs], renamed: ascent.renamed, reached: next.reached }
  }
  return ascent
}

function same(from: Catalog, to: Catalog, key: string): boolean {
  return equal(from.objects.get(key)?.definition, to.objects.get(key)?.definition)
}

async function rename(steps: readonly Step[], session: Session, start: Catalog): Promise<Catalog> {
  if (steps.length === 0) return start
  await runSegment(session, steps, true)
  return introspect(session)
}

/** Roles are the cluster's: what others do to them meanwhile is no part of the rehearsal, nor ours to undo, unless the plan is about them. */
export async function readReplica(session: Session, known: Catalog, compared: Rehearsing['compared']): Promise<Catalog> {
  const now = await introspect(session)
  const find = (key: string) => now.objects.get(key) ?? known.objects.get(key)
  const keys = [...now.objects.values(), ...known.objects.values()]
    .filter(({ key }) => !equal(now.objects.get(key)?.definition, known.objects.get(key)?.definition))
    .filter((object) => isOfRoles(object, find) && !compared(object.key))
    .map((object) => object.key)
  return keys.length === 0 ? now : withObjectsOf(now, known, keys)
}

/** The wanted state in the replica: touched objects as wanted, all others as they were built. */
function goalOf({ renamed, target, wanted = target }: Climbing, start: Catalog): Catalog {
  // Of the comparison, not of the steps: what comes by itself (an owner) has no step.
  const touched = new Set([wanted, target].flatMap((state) => [...compare(renamed.live, state).changes.keys()]))
  return overlay(
    start,
    pick(target, (key) => touched.has(key)),
    [...touched].filter((key) => !target.objects.has(key)),
  )
}

/** What nobody manages or states is left as PostgreSQL made it. */
function uncompared(goal: Catalog, reached: Catalog, compared: (key: string) => boolean): Catalog {
  const keys = [...new Set([...goal.objects.keys(), ...reached.objects.keys()])].filter(
    (key) => !compared(key) && goal.objects.has(key) !== reached.objects.has(key),
  )
  const left = keys.length === 0 ? goal : withObjectsOf(goal, reached, keys)
  return { ...left, objects: new Map([...left.objects].map(([key, object]) => [key, withUnstated(object, reached.objects.get(key))])) }
}

function withUnstated(object: CatalogObject, made: CatalogObject | undefined): CatalogObject {
  const unstated = (kindOf(object.id.kind).whenStated ?? []).filter((attribute) => object.definition[attribute] === null)
  if (unstated.length === 0 || made === undefined) return object
  return {
    ...object,
    definition: {
      ...object.definition,
      ...Object.fromEntries(unstated.map((attribute) => [attribute, made.definition[attribute] ?? null])),
    },
  }
}

/** Objects that were to be changed and read the same afterwards: PostgreSQL spells what it was told in its own way. */
function onlySpelling(before: Catalog, after: Catalog, start: Catalog, reached: Catalog): string[] {
  return [...compare(before, after).changes.values()]
    .filter((change) => change.before && change.after && change.attributes.length > 0)
    .filter(({ key }) => start.objects.has(key) && equal(start.objects.get(key)?.definition, reached.objects.get(key)?.definition))
    .map((change) => change.key)
}

/** `catalog` with these objects, and what they need, taken from `source`; gone where the source lacks them. */
function withObjectsOf(catalog: Catalog, source: Catalog, keys: readonly string[]): Catalog {
  const taken = new Set(keys)
  return overlay(
    catalog,
    pick(source, (key) => taken.has(key)),
    keys.filter((key) => !source.objects.has(key)),
  )
}

/** Left-over steps go into the transaction before them, when both are transactions; the way back the other way round. */
function joined(legs: readonly Leg[]): Leg[] {
  const result: Leg[] = []
  for (const leg of legs) {
    const last = result.at(-1)
    if (
      last?.transactional &&
      leg.transactional &&
      !last.written &&
      !leg.written &&
      !last.up.some((step) => step.transactional === 'commit-after')
    )
      result[result.length - 1] = { ...last, up: [...last.up, ...leg.up], down: [...leg.down, ...last.down], after: leg.after }
    else result.push(leg)
  }
  return result
}

async function descend(
  session: Session,
  legs: readonly Ascending[],
  input: Descending,
): Promise<{ legs: Leg[]; irreversible: string | null }> {
  const result: Leg[] = []
  let irreversible: string | null = null
  let now = legs.at(-1)?.after
  for (const leg of [...legs].reverse()) {
    const gone = goneEarly(leg.after, now ?? leg.after, legs)
    const left = { ...leg, after: without(leg.after, gone), before: without(leg.before, gone) }
    const back: Descent =
      irreversible === null
        ? await comeBack(session, left, now ?? left.after, legs, input)
        : { down: [], restored: leg.after, irreversible }
    irreversible = back.irreversible
    now = back.restored
    const { renames: _renames, ...plain } = leg
    result.unshift({ ...plain, down: back.down, restored: back.restored })
  }
  return { legs: joined(result), irreversible }
}

/** What an earlier segment made and a later one took along on its way back (the index of a partition, attached since): it need not come again. */
function goneEarly(wanted: Catalog, now: Catalog, legs: readonly Ascending[]): ReadonlySet<string> {
  return new Set([...wanted.objects.keys()].filter((key) => !now.objects.has(key) && legs[0]?.before.objects.has(key) === false))
}

function without(catalog: Catalog, keys: ReadonlySet<string>): Catalog {
  return keys.size === 0 ? catalog : restrict(catalog, (key) => !keys.has(key))
}

/** What one transaction did is undone in one; it must do: what asks for a COMMIT in between is built anew instead. */
function wayBack(leg: Ascending, rebuild: ReadonlySet<string>, { online, around }: Pick<Descending, 'online' | 'around'>): Step[] {
  const kept = new Map(leg.up.flatMap(({ archives = [] }) => archives.map(({ object, place }) => [object, place])))
  const archive = (key: string) => kept.get(key) ?? null
  const options = { hasRows: () => true, mirror: leg.up, archive, around, ...(leg.transactional ? {} : { online }) }
  const steps = stepsBetween(leg.after, leg.before, { rebuild, ...options })
  const late = steps.flatMap((step, i) => (step.transactional === 'commit-after' && i < steps.length - 1 ? step.objects.slice(0, 1) : []))
  return late.length === 0 ? steps : stepsBetween(leg.after, leg.before, { rebuild: new Set([...rebuild, ...late]), ...options })
}

/** How to come down. */
interface Descending extends Pick<Rehearsing, 'compared' | 'online'> {
  /** States whose names are taken, of which the replica holds a part. */
  readonly around: readonly Catalog[]
}

interface Descent {
  readonly down: readonly Step[]
  readonly restored: Catalog
  /** The reason why it does not arrive; null when it does. */
  readonly irreversible: string | null
}

/** `now` is how the replica is before it, in the spelling of what was made anew on the way back so far. */
async function comeBack(session: Session, leg: Ascending, now: Catalog, legs: readonly Ascending[], input: Descending): Promise<Descent> {
  if (!leg.written) return comeDown(session, leg, legs, input)
  const irreversible = await runDown(session, leg.written)
  if (irreversible !== null) return { down: [], restored: now, irreversible }
  const restored = await readReplica(session, now, input.compared)
  refuseDifference(without(leg.before, goneEarly(leg.before, restored, legs)), leg.after, now, restored)
  return { down: [], restored, irreversible }
}

/** Comes down, compares, and runs what is left over, until nothing is but other spellings of the same. */
async function comeDown(
  session: Session,
  leg: Ascending,
  legs: readonly Ascending[],
  { compared, online, around }: Descending,
): Promise<Descent> {
  const rebuild = new Set<string>()
  const down: Step[] = []
  let goal = leg.before
  let reached = leg.after
  let steps = leg.renames ? undone(leg.up) : wayBack(leg, rebuild, { online, around })
  for (let round = 1; steps.length > 0; round++) {
    const before = reached
    try {
      await runSegment(session, steps, isTransactional(steps))
    } catch (error) {
      if (!(error instanceof StepError)) throw error
      const plainly = refusedOnline(steps, error)
      if (plainly !== null) throw new Plainly(plainly)
      const left = legs.some(({ written }) => written) ? unfilled(steps, error, legs.at(-1)?.after ?? before) : null
      if (left !== null) throw new Unfilled(left)
      const more = rebuildable(steps, error, before).filter((key) => !rebuild.has(key))
      if (more.length === 0 || round > 1) return { down, restored: reached, irreversible: `${error.title}: ${error.cause.message}` }
      for (const key of more) rebuild.add(key)
      round = 0
      steps = wayBack(leg, rebuild, { online, around })
      continue
    }
    reached = await readReplica(session, before, compared)
    goal = without(goal, goneEarly(leg.after, reached, legs))
    if (round > 1) {
      const spelled = onlySpelling(before, goal, before, reached)
      if (spelled.length > 0) goal = withObjectsOf(goal, reached, spelled)
      steps = spelled.length > 0 ? stepsBetween(before, goal) : steps
    }
    down.push(...steps)
    steps = stepsBetween(reached, goal)
    if (round === ROUNDS && steps.length > 0)
      return { down, restored: reached, irreversible: `down does not come back: ${steps[0]?.title}` }
  }
  return { down, restored: reached, irreversible: null }
}

function refused(error: StepError): UserError {
  return new UserError('plan-fails', `The plan was not written: in the rehearsal ${refusalOf(error)}`, {
    next: error.cause.hint ?? 'Change the schema files so that this step is possible, or write it by hand.',
    cause: error.cause,
  })
}

function notProven(step: Step | undefined, reached: Catalog, goal: Catalog): UserError {
  const key = step?.objects[0] ?? ''
  const [got, want] = [reached.objects.get(key)?.definition, goal.objects.get(key)?.definition]
  const attribute = Object.keys({ ...got, ...want }).find((name) => !equal(got?.[name], want?.[name]))
  const detail =
    attribute === undefined
      ? want
        ? 'is missing'
        : 'is still there'
      : `${attribute} is ${JSON.stringify(got?.[attribute] ?? null)}, wanted ${JSON.stringify(want?.[attribute] ?? null)}`
  return new UserError('not-proven', `The plan was not written: rehearsed, it does not arrive. ${spoken(idOf(key))}: ${detail}.`, {
    next: 'This is a gap in schemactl; please report it with the statement that asks for this object.',
  })
}
