import type { Catalog, Unmodelled } from '../catalog/catalog.js'
import { idOf } from '../catalog/id.js'
import { compare } from '../diff/compare.js'
import { targetState } from '../diff/scope.js'
import { type Step, stepsBetween } from '../diff/steps.js'
import { UserError } from '../errors.js'
import { spoken } from '../kinds/spoken.js'
import { introspect } from '../postgres/introspect.js'
import type { LoadWarning } from '../postgres/load.js'
import type { WantedRows } from '../postgres/load-rows.js'
import { quoteSearchPath } from '../sql/quote.js'
import { unmetRenames } from './asked-renames.js'
import { type Climbing, climb } from './climb.js'
import { Rebuild } from './lessons.js'
import { findLikelyRenames, type LikelyRename } from './likely-renames.js'
import { tablesWithRows } from './live-rows.js'
import { refuseMissingRoles } from './role-needs.js'
import { comparedMeanwhile } from './role-plans.js'
import { withRoles } from './roles-stage.js'
import { rowSteps } from './row-steps.js'
import { refuseCircles, rowsToChange, rowTable } from './rows-stage.js'
import { runSegment } from './run-steps.js'
import { firstShadow, type Request, renamesOf, scopeOf, wantedState } from './stage.js'
import { adviceOf, refusalOf, StepError } from './step-error.js'
import { unmodelledIn } from './unmodelled.js'

/** Steps that were run on the live database itself, without a plan. */
export interface Reached {
  readonly steps: readonly Step[]
  readonly warnings: readonly LoadWarning[]
  readonly unmodelled: readonly Unmodelled[]
}

export interface Observer {
  /** Sees steps before they run, and throws where they may not. */
  readonly guard: (steps: readonly Step[], likelyRenames: readonly LikelyRename[]) => void
  /** Told each transaction that was committed. */
  readonly ran: (steps: readonly Step[]) => void
}

/** Brings the live database to the files, one transaction a segment, with no rehearsal before it. What a failing one undid is told. */
export async function reach(asked: Request, observer: Observer): Promise<Reached> {
  const live = await introspect(asked.live)
  const request = await withRoles(asked, live)
  const first = firstShadow(() => request.shadow(live))
  try {
    const { wanted, index, warnings, rows } = await wantedState(first, request, live)
    const state = targetState(wanted, live, scopeOf(request, wanted))
    refuseMissingRoles(wanted.catalog, state, index.lineOf)
    const renamed = await renamesOf(request, { live, wanted, target: state.catalog })
    const likely = findLikelyRenames(renamed.live, state.catalog, index)
    const withRows = await tablesWithRows(request.live, renamed, compare(renamed.live, state.catalog), live)
    const hasRows = (key: string) => withRows.has(key)
    const steps = await run(
      request,
      { renamed, target: state.catalog, compared: comparedMeanwhile(request, state.compared), likely },
      observer,
      hasRows,
    )
    const changed = await reachRows(request, rows, state.catalog, observer)
    const unmet = unmetRenames(request.source.statements, live, state.catalog, request.searchPath[0] ?? 'public')
    return { steps: [...steps, ...changed], warnings: [...warnings, ...unmet], unmodelled: unmodelledIn(live, wanted) }
  } finally {
    await first.close()
  }
}

/** Brings declared rows to what the files say, in one transaction, once the tables are there. */
async function reachRows(request: Request, rows: readonly WantedRows[], target: Catalog, { ran }: Observer): Promise<readonly Step[]> {
  if (rows.length === 0) return []
  const { live: session, searchPath } = request
  const live = await introspect(session)
  const changes = await rowsToChange({ session, rows, live, renamed: { formerly: new Map() }, target, pending: null })
  if (changes.length === 0) return []
  refuseCircles(changes)
  const { up } = rowSteps(changes.map((change) => ({ change, table: rowTable(change, target) })))
  await session.execute(SETTINGS(searchPath))
  try {
    await runSegment(session, up, true)
  } catch (error) {
    throw error instanceof StepError ? failed(error) : error
  } finally {
    await session.execute(RESET).catch(() => undefined)
  }
  ran(up)
  return up
}

/** Drops what is managed; roles, which other databases use too, stay. Never CASCADE: what is not managed and depends on it is an error. */
export async function dropManaged(request: Request, observer: Observer): Promise<readonly Step[]> {
  const live = await introspect(request.live)
  const first = firstShadow(() => request.shadow(live))
  try {
    const { wanted } = await wantedState(first, request, live)
    const scope = scopeOf({ ...request, manage: request.manage.filter((sort) => sort !== 'roles') }, wanted)
    const { catalog: target, compared } = targetState({ ...wanted, catalog: wanted.base, stated: () => false }, live, scope)
    return await run(
      request,
      { renamed: { live, steps: [], formerly: new Map(), asked: [] }, target, compared, likely: [] },
      observer,
      () => false,
    )
  } finally {
    await first.close()
  }
}

async function run(
  { live: session, searchPath }: Pick<Request, 'live' | 'searchPath'>,
  { likely, ...input }: Pick<Climbing, 'renamed' | 'target' | 'compared'> & { readonly likely: readonly LikelyRename[] },
  { guard, ran }: Observer,
  hasRows: (key: string) => boolean,
): Promise<Step[]> {
  const rebuild = new Set<string>()
  const done: Step[] = []
  const note = (steps: readonly Step[]) => {
    done.push(...steps)
    ran(steps)
  }
  await session.execute(SETTINGS(searchPath))
  try {
    for (let { renamed } = input; ; ) {
      const steps = stepsBetween(renamed.live, input.target, { rebuild, hasRows, apart: true })
      if (steps.length + renamed.steps.length === 0) return done
      const start = renamed.steps.length === 0 ? renamed.live : await introspect(session)
      try {
        await climb(
          { ...input, renamed, guard: (steps) => guard(steps, likely), ran: note, failed, notArrived },
          session,
          start,
          steps,
          rebuild,
        )
        return done
      } catch (error) {
        if (!(error instanceof Rebuild)) throw error
        for (const key of error.keys) rebuild.add(key)
        // What was committed before stands.
        renamed = { ...renamed, live: await introspect(session), steps: [] }
      }
    }
  } finally {
    await session.execute(RESET).catch(() => undefined)
  }
}

const SETTINGS = (searchPath: readonly string[]) =>
  `set search_path = ${quoteSearchPath(searchPath)}; set check_function_bodies = off; set client_min_messages = warning; set lock_timeout = '10s'`
const RESET = 'reset search_path; reset check_function_bodies; reset client_min_messages; reset lock_timeout'

function failed(error: StepError): UserError {
  return new UserError('step-failed', refusalOf(error), {
    next:
      adviceOf(error) ??
      'Change the schema files, or the rows, so that this step is possible; what came before it in the same transaction was undone.',
    cause: error.cause,
  })
}

function notArrived(step: Step | undefined): UserError {
  return new UserError('not-arrived', `After all steps, ${spoken(idOf(step?.objects[0] ?? '["object"]'))} is still not as the files say.`, {
    next: 'This is a gap in schemactl; please report it with the statement that asks for this object.',
  })
}
