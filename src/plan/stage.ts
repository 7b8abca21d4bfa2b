import { equal } from '../catalog/canonical.js'
import type { Catalog, Unmodelled } from '../catalog/catalog.js'
import type { Drops, OnlineMode } from '../config/settings.js'
import { compare } from '../diff/compare.js'
import { type Scope, type Sort, type TargetState, targetState, type Wanted } from '../diff/scope.js'
import { type Step, stepsBetween } from '../diff/steps.js'
import { UserError } from '../errors.js'
import type { Hazard } from '../kinds/kind.js'
import { rolesCreated } from '../postgres/cluster-statements.js'
import { introspect } from '../postgres/introspect.js'
import { type LoadWarning, load } from '../postgres/load.js'
import { loadRows, type WantedRows } from '../postgres/load-rows.js'
import type { Session } from '../postgres/session.js'
import type { Shadow } from '../postgres/shadow.js'
import type { Source } from '../source/read.js'
import { placeOf } from './archive.js'
import { renamesAsked, unmetRenames } from './asked-renames.js'
import { buildReplica, lacksRights } from './build-replica.js'
import type { Draft, DraftStep } from './draft.js'
import { relationsOf } from './hand-written.js'
import { largeAmong, tablesToKeepOnline } from './large-tables.js'
import { findLikelyRenames, type LikelyRename, renameHint } from './likely-renames.js'
import { holdingRows, tablesWithRows } from './live-rows.js'
import { makePlan } from './make.js'
import { goalOf, rowsOf } from './part.js'
import { blocksBetween } from './places.js'
import type { Plan } from './plan.js'
import { probesOf } from './preflight.js'
import { rehearse } from './rehearse.js'
import type { Proof } from './rehearsing.js'
import { type Renamed, renameIn } from './renames.js'
import { afterPlans, shadowFor } from './replay.js'
import { refuseMissingRoles, refuseRolesInUse } from './role-needs.js'
import { comparedMeanwhile, withRolesFirst } from './role-plans.js'
import { inEmbedded, withRoles } from './roles-stage.js'
import { rowQuestions, rowsToChange, withRowsChanged } from './rows-stage.js'
import { indexSource, type SourceIndex } from './source-lines.js'
import { unmodelledIn } from './unmodelled.js'
import { cached, type Loaded, type WantedCache } from './wanted-cache.js'
import { roleNames, withRolesOf } from './wanted-roles.js'

export interface Request {
  readonly live: Session
  readonly source: Source
  /** A new, empty shadow at every call. */
  readonly shadow: (live: Catalog) => Promise<Shadow>
  readonly title: string | null
  readonly searchPath: readonly string[]
  /** Steps that people wrote, to be planned along with what the files ask for. */
  readonly draft?: Draft
  /** Of what the files ask for, only what this plan did, which is made again: the rest is left to those that follow it. */
  readonly part?: Plan
  /** Null: the schemas that the files mention, those of earlier plans, and public. */
  readonly schemas: readonly string[] | '*' | null
  readonly manage: readonly Sort[]
  readonly ignore: readonly string[]
  readonly allow: readonly string[]
  readonly parent: string | null
  /** Plans that will be applied before this one, in order: it starts from what they leave. */
  readonly pending?: readonly Plan[]
  /** Names of roles to drop; with `manage` roles only. */
  readonly dropRoles?: readonly string[]
  /** Roles alone: what the files say of all else is left for later. */
  readonly rolesOnly?: boolean
  /** The roles that are wanted, where they are managed. */
  readonly roles?: Catalog
  /** What the files want changed of roles. */
  readonly rolesChanged?: ReadonlySet<string>
  /** What of the files is left out of it. */
  readonly roleWarnings?: readonly LoadWarning[]
  /** Roles that earlier plans made, and the files no longer state. */
  readonly rolesLeft?: readonly string[]
  /** What no rehearsal of this plan shows. */
  readonly caveats?: readonly string[]
  /** `public.old=new`, beside what directives in the files say. */
  readonly renames?: readonly string[]
  /** The same of a plan that is made again: what no longer fits is left out. */
  readonly renamesBefore?: readonly string[]
  /** Default: auto. */
  readonly online?: OnlineMode
  /** Whether rows of what is dropped are kept aside. Default: drop. */
  readonly drops?: Drops
  /** What the last applied plan left: schemas and objects that it managed. */
  readonly formerly: ReadonlySet<string>
  /** Where it is kept what files came to. */
  readonly cache?: WantedCache | undefined
}

export interface Planned {
  /** Null: nothing to do. */
  readonly plan: Plan | null
  /** What the plan starts from: with what pending plans do. */
  readonly live: Catalog
  /** The database as it is. */
  readonly now: Catalog
  readonly state: TargetState
  /** The files, as the shadow has them. */
  readonly files: Catalog
  readonly warnings: readonly LoadWarning[]
  readonly unmodelled: readonly Unmodelled[]
  /** What is dropped, and looks like something that is created. */
  readonly likelyRenames: readonly LikelyRename[]
  /** What hand-written steps do to the schema, and the files do not say. */
  readonly beside?: readonly string[]
  /** Roles that earlier plans made, and the files no longer state: they stay. */
  readonly rolesLeft: readonly string[]
}

export const TOOL = 'schemactl 0.1.0'

/** Files and a database in, a proven plan out. Fails with a UserError where nothing may be written. */
export async function planChanges(request: Request): Promise<Planned> {
  const now = await introspect(request.live)
  const live = await afterPending(request, now)
  const complete = await withRoles(request, live)
  try {
    return await planIn(complete, live, now)
  } catch (error) {
    if (!lacksRights(error)) throw withRolesFirst(error, complete)
    // What others own and granted to one another can be rebuilt where all roles have all rights.
    return await planIn(inEmbedded(complete, live), live, now).catch(() => {
      throw error
    })
  }
}

async function planIn(request: Request, live: Catalog, now: Catalog): Promise<Planned> {
  const first = firstShadow(() => request.shadow(live))
  try {
    return await planOn(first, request, live, now)
  } finally {
    await first.close()
  }
}

/** One shadow, opened once it is asked for. */
interface FirstShadow {
  open(): Promise<Shadow>
  close(): Promise<void>
}

export function firstShadow(open: () => Promise<Shadow>): FirstShadow {
  let opened: Promise<Shadow> | undefined
  return {
    open: () => (opened ??= open()),
    close: async () => {
      // Where it did not open, who asked for it was told.
      await (await opened?.catch(() => undefined))?.close()
    },
  }
}

/** The live database, with what the pending plans will do to it. */
export async function afterPending({ pending = [], shadow }: Pick<Request, 'pending' | 'shadow'>, now: Catalog): Promise<Catalog> {
  if (pending.length === 0) return now
  const replica = await shadowFor(pending, now, () => shadow(now))
  try {
    return await afterPlans(now, pending, replica)
  } finally {
    await replica.close()
  }
}

/** `live` is what the plan starts from, `now` the database that there is to look at. */
async function planOn(first: FirstShadow, request: Request, live: Catalog, now: Catalog): Promise<Planned> {
  const { wanted, index, warnings, rows } = await partOf(await wantedState(first, request, live), request, live)
  const scope = scopeOf(request, wanted)
  const state = targetState(wanted, live, scope)
  refuseMissingRoles(wanted.catalog, state, index.lineOf)
  refuseRolesInUse(live, state)
  const renamed = await renamesOf(request, { live, wanted, target: state.catalog })
  const likelyRenames = findLikelyRenames(renamed.live, state.catalog, index)
  const found = {
    live,
    now,
    state,
    files: wanted.catalog,
    warnings: [
      ...(request.roleWarnings ?? []),
      ...warnings,
      ...unmetRenames(request.source.statements, live, state.catalog, request.searchPath[0] ?? 'public'),
    ],
    unmodelled: unmodelledIn(live, wanted),
    likelyRenames,
    rolesLeft: request.rolesLeft ?? [],
  }
  const comparison = compare(renamed.live, state.catalog)
  const withRows = await tablesWithRows(request.live, renamed, comparison, now)
  const hasRows = (key: string) => withRows.has(key)
  const busy = await tablesToKeepOnline(request.live, renamed, comparison, request.online ?? 'auto')
  // What comes new was never kept: nothing is to be brought back.
  const archive = (key: string) => (request.drops === 'archive' && renamed.live.objects.has(key) ? placeOf(key, request.parent) : null)
  const written = request.draft?.steps ?? []
  const steps = stepsBetween(renamed.live, state.catalog, { hasRows, archive })
  const pending = { plans: request.pending ?? [], shadow: () => request.shadow(now) }
  const changes = await rowsToChange({ session: request.live, rows, live: now, renamed, target: state.catalog, pending })
  if (steps.length + renamed.steps.length + changes.length + written.length === 0) return { plan: null, ...found }
  // Around hand-written steps, only the rehearsal shows what is left to be lost.
  if (written.length === 0) {
    refuseLosses(steps, request.allow, likelyRenames)
    refuseUnfilled(steps)
  }
  const preflight = probesOf(comparison, now)
  // Loading was rolled back: the shadow is as good as new, once.
  const shadows = [first]
  const schema = await rehearse({
    shadow: async () => shadows.pop()?.open() ?? request.shadow(live),
    base: wanted.base,
    live,
    renamed,
    target: state.catalog,
    compared: comparedMeanwhile(request, state.compared),
    searchPath: request.searchPath,
    hasRows,
    holdingRows: (tables) => holdingRows(request.live, new Map(), now, tables),
    online: (table) => busy.has(table),
    archive,
    written: (target, whole) => blocksBetween(renamed.live, target, written, whole),
    mayFill: allows(request.allow, 'fill'),
    probes: [...(live === now ? preflight : probesOf(comparison, live)).values()].flat(),
  })
  const proof = await withRowsChanged(schema, changes, {
    open: () => request.shadow(live),
    probes: rowQuestions(changes, { live: now, renamed, target: state.catalog }),
    base: wanted.base,
    target: state.catalog,
    searchPath: request.searchPath,
  })
  if (proof.legs.length === 0) return { plan: null, ...found }
  const plan = makePlan({
    title: request.draft?.title ?? request.title ?? titleOf(proof.legs.flatMap((leg) => leg.up)),
    tool: TOOL,
    parent: request.parent,
    target: { major: live.major, role: live.role, searchPath: request.searchPath },
    scope: { schemas: scope.schemas === '*' ? '*' : [...scope.schemas].sort(), manage: [...scope.manage].sort(), ignore: scope.ignore },
    allow: allowedWith(written, request.allow),
    ...(renamed.asked.length > 0 && { renames: renamed.asked }),
    proof: { ...proof, caveats: [...proof.caveats, ...(request.caveats ?? [])] },
    source: index,
    live,
    preflight,
    apart: await apartFrom(request, written, renamed),
  })
  if (written.length > 0)
    refuseLosses(
      plan.segments.flatMap((segment) => segment.steps),
      request.allow,
      likelyRenames,
    )
  refuseIrreversible(plan, request)
  return { plan, ...found, beside: changesBeside(proof, state.catalog) }
}

function refuseIrreversible({ irreversible, allow, segments }: Plan, { drops }: Pick<Request, 'drops'>): void {
  if (irreversible === null || allows(allow, 'irreversible')) return
  const hazards = new Set(segments.flatMap(({ steps }) => steps.flatMap((step) => step.hazards.map(({ hazard }) => hazard))))
  const keeps = drops !== 'archive' && (hazards.has('drop-column') || hazards.has('drop-table'))
  throw new UserError('irreversible', `The plan was not written: it cannot be taken back. ${irreversible}`, {
    next: keeps
      ? 'Plan with --drops archive, which keeps what is dropped and brings it back; or, if no way back is what you want, with --allow irreversible.'
      : 'If that is what you want, plan with --allow irreversible.',
  })
}

/** Stated in a draft, it is allowed by it. */
export function allowedWith(steps: readonly DraftStep[], allow: readonly string[]): string[] {
  const stated = steps.some(({ irreversible }) => irreversible !== null) ? ['irreversible'] : []
  return [...new Set([...allow, ...stated])].sort()
}

/** Rows of large tables are changed in a transaction that holds no lock of another step. */
export async function apartFrom(
  { live: session, searchPath, online = 'auto' }: Pick<Request, 'live' | 'searchPath' | 'online'>,
  steps: readonly DraftStep[],
  { live, formerly }: Pick<Renamed, 'live' | 'formerly'>,
): Promise<(keys: readonly string[]) => boolean> {
  const large = await largeAmong(session, new Set(relationsOf(steps, live, searchPath)), formerly, online)
  return (keys) => keys.some((key) => large.has(key))
}

/** What hand-written steps made of the schema, and is not as wanted in the end. */
export function changesBeside({ legs }: Proof, wanted: Catalog): string[] {
  const end = legs.at(-1)?.after
  const isBeside = (key: string) => !equal(end?.objects.get(key)?.definition, wanted.objects.get(key)?.definition)
  return legs.flatMap(({ written, before, after }) =>
    written
      ? stepsBetween(before, after)
          .filter(({ objects }) => objects.some(isBeside))
          .map(({ title }) => title)
      : [],
  )
}

export async function renamesOf(
  request: Request,
  { live, wanted, target }: { live: Catalog; wanted: Wanted; target: Catalog },
): Promise<Renamed> {
  const { source, renames: flags = [], renamesBefore: remembered = [], searchPath } = request
  const home = searchPath[0] ?? 'public'
  const asked = renamesAsked({ statements: source.statements, flags, remembered, home }, live, target)
  if (asked.length === 0) return { live, steps: [], formerly: new Map(), asked: [] }
  const shadow = await request.shadow(live)
  try {
    const start = await buildReplica({ base: wanted.base, live, target, searchPath: request.searchPath }, shadow)
    return await renameIn(shadow.session, start, live, target, asked)
  } finally {
    await shadow.close()
  }
}

/** What the files ask for, or the part of it that is asked for. */
async function partOf(state: WantedState, { part, shadow }: Request, live: Catalog): Promise<WantedState> {
  const catalog = part ? await goalOf(part, live, () => shadow(live)) : null
  if (!part || !catalog) return state
  return { ...state, wanted: { ...state.wanted, catalog }, rows: rowsOf(part, state.rows, catalog) }
}

interface WantedState {
  readonly wanted: Wanted
  readonly index: SourceIndex
  readonly warnings: readonly LoadWarning[]
  readonly rows: readonly WantedRows[]
}

/** The files as a catalog: as it was kept, or read in a transaction of the shadow that is rolled back. */
export async function wantedState(
  first: FirstShadow,
  request: Pick<Request, 'source' | 'searchPath' | 'cache' | 'roles' | 'rolesOnly'>,
  live: Catalog,
): Promise<WantedState> {
  const { source, searchPath, cache, roles } = request
  const index = indexSource(source.statements, searchPath)
  if (request.rolesOnly && roles) {
    const base = await introspect((await first.open()).session)
    return { wanted: { catalog: withRolesOf(live, roles), base, stated: index.states }, index, warnings: [], rows: [] }
  }
  const loading = async () => loadInto(await first.open(), request, live)
  const { catalog, base, warnings, rows } = await (cache ? cached(cache, { source, searchPath, tool: TOOL, live }, loading) : loading())
  return { wanted: { catalog: roles ? withRolesOf(catalog, roles) : catalog, base, stated: index.states }, index, warnings, rows }
}

async function loadInto(
  { session, embedded }: Shadow,
  { source, searchPath }: Pick<Request, 'source' | 'searchPath'>,
  live: Catalog,
): Promise<Loaded> {
  const base = await introspect(session)
  await session.execute('begin')
  const warnings = await load(session, source.statements, {
    searchPath,
    stubRoles: embedded,
    roles: [...roleNames(live), ...rolesCreated(source.statements)],
  })
  const catalog = await introspect(session, { inTransaction: true })
  const rows = await loadRows(session, source.data ?? [], searchPath[0] ?? 'public')
  await session.execute('rollback')
  return { catalog, base, warnings, rows }
}

export function scopeOf(request: Pick<Request, 'schemas' | 'manage' | 'ignore' | 'formerly'>, wanted: Wanted): Scope {
  const mentioned = [...wanted.catalog.objects.values()].flatMap((object) =>
    object.id.kind === 'schema' && !wanted.base.objects.has(object.key) ? [object.id.path[0] ?? ''] : [],
  )
  const former = [...request.formerly].flatMap((key) => (key.startsWith('["schema"') ? [(JSON.parse(key) as string[])[1] ?? ''] : []))
  return {
    schemas: request.schemas === '*' ? '*' : new Set(request.schemas ?? [...mentioned, ...former, 'public']),
    manage: new Set(request.manage),
    ignore: request.ignore,
    formerly: request.formerly,
  }
}

export function allows(allow: readonly string[], hazard: string): boolean {
  return allow.includes('all') || allow.includes(hazard)
}

/** `done` says what was not: `The plan was not written`; `again` is what to do with --allow. */
export function refuseLosses(
  steps: readonly (Pick<Step, 'title'> & { readonly hazards: readonly { readonly hazard: Hazard }[] })[],
  allow: readonly string[],
  likelyRenames: readonly LikelyRename[],
  done = 'The plan was not written',
  again = 'plan',
): void {
  const losses = steps.flatMap((step) =>
    step.hazards.filter(({ hazard }) => !allows(allow, hazard)).map(({ hazard }) => ({ hazard, title: step.title })),
  )
  if (losses.length === 0) return
  const fills = losses.filter((loss) => loss.hazard === 'fill')
  if (fills.length === losses.length)
    throw noValue(`${done}: rows are waiting for a value that the files do not give.`, fills, [
      '--allow fill puts a neutral value (0, an empty text) into these rows',
    ])
  const classes = [...new Set(losses.map((loss) => loss.hazard))].sort()
  throw new UserError(
    'data-loss',
    `${done}: it would lose data.\n${losses.map((loss) => `  ${loss.hazard}: ${loss.title}`).join('\n')}${renameHint(likelyRenames)
      .map((line) => `\n${line}`)
      .join('')}`,
    {
      next: `If that is what you want, ${again} with --allow ${classes.join(',')}.`,
    },
  )
}

/** Rows wait for a value, and not even a neutral one fits. */
function refuseUnfilled(steps: readonly Step[]): void {
  const unfilled = steps.filter((step) => step.unfilled)
  const what = 'The plan was not written: rows are waiting for a value that the files do not give, and the type has none that says nothing.'
  if (unfilled.length > 0) throw noValue(what, unfilled, [])
}

function noValue(what: string, steps: readonly Pick<Step, 'title'>[], more: readonly string[]): UserError {
  const lines = steps.map(({ title }) => `  ${title}: NOT NULL, no default, and the table has rows`)
  const ways = [
    'Give the column a default',
    'or fill it by a step of your own, which runs before NOT NULL (schemactl new -m TITLE, plan --from it)',
    ...more,
  ]
  return new UserError('no-value', [what, ...lines].join('\n'), { next: `${ways.join('; ')}.` })
}

/** For plans that nobody named. */
function titleOf(steps: readonly Step[]): string {
  // What is only made anew is not what the plan is about.
  const first = steps.find(({ title }) => !/^(drop \(to recreate\)|recreate) /.test(title)) ?? steps[0]
  const rest = steps.length - 1
  return `${first?.title.split(':')[0]?.split(' with ')[0] ?? 'change'}${rest > 0 ? ` and ${rest} more` : ''}`
}
