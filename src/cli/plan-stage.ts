import { join } from 'node:path'
import type { Chain } from '../apply/chain.js'
import { lastDevelopment } from '../apply/development.js'
import { type Event, type Journal, openJournal } from '../apply/journal.js'
import type { Catalog } from '../catalog/catalog.js'
import { UserError } from '../errors.js'
import type { Plan } from '../plan/plan.js'
import { type Planned, planChanges, type Request } from '../plan/stage.js'
import type { Session } from '../postgres/session.js'
import { readSource, type Source } from '../source/read.js'
import { withEstimates } from './estimates.js'
import { formerlyManaged } from './formerly.js'
import { type PlanLink, readChain } from './links.js'
import { pendingCover } from './pending.js'
import type { PlanFile } from './plan-folder.js'
import { openShadow, shadowIdentity } from './shadow.js'
import type { Workspace } from './workspace.js'

export interface PlanRequest {
  readonly title: string | null
  /** `public.old=new`. */
  readonly renames?: readonly string[]
  /** Fails where plans are pending that do not cover the files: a plan file could not say what it follows. */
  readonly strictChain: boolean
  readonly say: (text: string) => void
}

export interface PlanResult {
  readonly plan: Plan | null
  readonly planned: Planned | null
  readonly source: Source
  /** Plans that are written and not applied yet; they lead to what the files say. */
  readonly pending: readonly PlanFile[]
  /** The database has a journal with something in it. */
  readonly known: boolean
}

/** Files, database and the plans between them, come to a plan; null where there is nothing to do but to apply what is pending. */
export async function planOf(
  workspace: Workspace,
  live: Session,
  { title, renames = [], strictChain, say }: PlanRequest,
): Promise<PlanResult> {
  const source = await readSchema(workspace)
  const journal = await openJournal(live, 'read')
  const entries = await journal.entries()
  const development = await lastDevelopment(journal)
  const found = { source, known: entries.length > 0 || development !== null }
  const { chain } = await readChain(workspace, entries)
  refuseHalf(chain)
  if (strictChain && development !== null) throw developedHere(development)
  const request = { ...(await requestOf(workspace, live, journal, source, chain, title, say)), renames }
  if (strictChain && chain.pending.length > 0) {
    if (
      await covered(
        request,
        chain.pending.map(({ plan }) => plan),
      )
    )
      return { ...found, plan: null, planned: null, pending: chain.pending }
    throw pendingFirst(chain)
  }
  const planned = await planChanges(request)
  const plan = planned.plan && (await withEstimates(live, planned.plan))
  return { ...found, plan, planned, pending: chain.pending }
}

/** By footprints; and where a lone plan spells its objects otherwise than the files do, by making it again. */
async function covered(request: Request, pending: readonly Plan[]): Promise<boolean> {
  if (await pendingCover(request, pending)) return true
  const [only, ...others] = pending
  if (!only || others.length > 0) return false
  const again = await planChanges({ ...request, title: only.title, allow: only.allow, parent: only.parent })
  return again.plan?.id === only.id
}

/** Fails also where the paths hold no file at all: as a schema, that would ask to drop everything. */
export async function readSchema({ schema, folder }: Workspace): Promise<Source> {
  const source = await readSource(schema, { cwd: folder })
  if (source.files.length > 0) return source
  throw new UserError('no-schema-files', `There is no .sql or .yaml file in ${schema.join(', ')}.`, {
    next: 'Write one; schemactl inspect --out makes them from the database as it is.',
  })
}

export async function requestOf(
  workspace: Workspace,
  live: Session,
  journal: Journal,
  source: Source,
  chain: Pick<Chain<PlanLink>, 'current'>,
  title: string | null,
  say: (text: string) => void,
): Promise<Request> {
  const { schemas, manage, ignore, allow, searchPath, shadow, target } = workspace
  return {
    live,
    source,
    title,
    searchPath,
    schemas,
    manage,
    ignore,
    allow,
    shadow: (catalog: Catalog) => openShadow(shadow, target, catalog, say),
    cache: workspace.inProject
      ? {
          folder: join(workspace.folder, '.schemactl/cache'),
          identity: (catalog) => shadowIdentity(shadow, target, catalog, live),
        }
      : undefined,
    parent: chain.current?.id ?? null,
    formerly: schemas === '*' ? new Set() : await formerlyManaged(journal),
  }
}

/** A plan that starts where only `dev` leads would fit no other database, and files that `dev` followed seem planned. */
function developedHere({ action, at, by }: Event): UserError {
  return new UserError(
    'development-database',
    `schemactl ${action} changed this database without a plan (${at}, by ${by}): what plans lead to cannot be told from it.`,
    {
      next: 'Plan and check on a database that only plans changed, such as --url embedded:.schemactl/planned; schemactl stamp records here what came of it.',
    },
  )
}

export function refuseHalf({ half }: Pick<Chain<PlanLink>, 'half'>): void {
  if (half === null) return
  const [what, next] =
    half.status === 'applying'
      ? ['applied', 'schemactl apply finishes it; schemactl revert takes it back.']
      : ['reverted', 'schemactl revert finishes it.']
  throw new UserError('half-applied', `Plan ${half.id} is half ${what}: ${half.segmentsDone} of ${half.segments} segments stand.`, { next })
}

function pendingFirst({ pending }: Chain<PlanLink>): UserError {
  const several = pending.length > 1
  return new UserError(
    'pending-plans',
    `${several ? `${pending.length} plans are` : 'A plan is'} written and not applied yet, and the files ask for something else by now:\n${pending.map(({ file }) => `  ${file}`).join('\n')}`,
    { next: `schemactl apply runs ${several ? 'them' : 'it'}; or delete the file${several ? 's' : ''}, and plan again.` },
  )
}
