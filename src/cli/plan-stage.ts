import { join } from 'node:path'
import { lastDevelopment } from '../apply/development.js'
import { type Journal, openJournal } from '../apply/journal.js'
import type { Catalog } from '../catalog/catalog.js'
import { UserError } from '../errors.js'
import type { Draft } from '../plan/draft.js'
import type { Plan } from '../plan/plan.js'
import { type Planned, planChanges, type Request } from '../plan/stage.js'
import type { Session } from '../postgres/session.js'
import type { Source } from '../source/read.js'
import { type Base, refuseDevelopment, refuseHalf } from './base.js'
import { refuseForks } from './choose-plans.js'
import { withEstimates } from './estimates.js'
import { formerlyManaged } from './formerly.js'
import { readChain } from './links.js'
import { pendingCover } from './pending.js'
import type { PlanFile } from './plan-folder.js'
import { readSchema } from './schema-files.js'
import { openShadow, shadowIdentity } from './shadow.js'
import { namesOf, titleOf } from './usage.js'
import type { Workspace } from './workspace.js'

export interface PlanRequest {
  readonly title: string | null
  /** Hand-written steps, planned along with what the files ask for. */
  readonly draft?: Draft
  /** Only what this plan did, which is made again. */
  readonly part?: Plan
  /** `public.old=new`. */
  readonly renames?: readonly string[]
  /** The same of a plan that is made again: what no longer fits is left out. */
  readonly renamesBefore?: readonly string[]
  /** Roles to drop, which files cannot say. */
  readonly dropRoles?: readonly string[]
  readonly rolesOnly?: boolean
  /** The plan follows those that are pending, and fails where these are not one line; otherwise it starts from the database as it is. */
  readonly strictChain: boolean
  /** What it follows, where that is not all that there is. */
  readonly base?: Base
  readonly say: (text: string) => void
}

/** What the flags of `plan` ask for. */
export function requestedBy(flags: {
  readonly message?: string | undefined
  readonly rename?: readonly string[] | undefined
  readonly 'roles-only': boolean
  readonly 'no-out': boolean
  readonly 'drop-role'?: string | undefined
  readonly say: PlanRequest['say']
}): PlanRequest {
  const { message, rename: renames = [], 'roles-only': rolesOnly, say } = flags
  const dropRoles = namesOf('--drop-role', 'role', flags['drop-role']) ?? []
  return { title: titleOf(message), renames, rolesOnly, dropRoles, strictChain: !flags['no-out'], say }
}

export interface PlanResult {
  readonly plan: Plan | null
  readonly planned: Planned | null
  readonly source: Source
  /** Plans that are written and not applied yet; they lead to what the files say. */
  readonly pending: readonly PlanFile[]
  /** The database has a journal with something in it. */
  readonly known: boolean
  /** What hand-written steps do to the schema, and the files do not say. */
  readonly beside: readonly string[]
}

/** Files, database and the plans between them, come to a plan; null where there is nothing to do but to apply what is pending. */
export async function planOf(
  workspace: Workspace,
  live: Session,
  { title, draft, part, renames = [], renamesBefore = [], dropRoles = [], rolesOnly = false, strictChain, base: given, say }: PlanRequest,
): Promise<PlanResult> {
  const source = await readSchema(workspace)
  const journal = await openJournal(live, 'read')
  const entries = await journal.entries()
  const development = await lastDevelopment(journal)
  const found = { source, beside: [], known: entries.length > 0 || development !== null }
  const { chain } = await readChain(workspace, entries)
  refuseHalf(chain)
  if (strictChain) refuseDevelopment(development)
  if (strictChain && !given) refuseForks(chain)
  const base = given ?? { current: chain.current, pending: strictChain ? chain.pending.map(({ plan }) => plan) : [] }
  const pending = given ? [] : chain.pending
  const request = {
    ...(await requestOf(workspace, live, journal, source, base, title, say)),
    renames,
    renamesBefore,
    dropRoles,
    rolesOnly,
    ...(draft && { draft }),
    ...(part && { part }),
  }
  const covered = !draft && !part && base.pending.length > 0 && (await pendingCover(request, base.pending))
  if (covered) return { ...found, plan: null, planned: null, pending }
  const planned = await planChanges(request).catch((error: unknown) => {
    throw found.known ? error : withInspect(error)
  })
  const plan = planned.plan && (await withEstimates(live, planned.plan))
  return { ...found, plan, planned, pending, beside: planned.beside ?? [] }
}

/** What would be lost of a database that no plan of ours ever changed was not meant to go, as often as not. */
function withInspect(error: unknown): unknown {
  if (!(error instanceof UserError) || error.code !== 'data-loss' || error.next === undefined) return error
  const { code, message, next, cause } = error
  const more = 'If the files are to have it, too, schemactl inspect --out FOLDER writes the database as schema files.'
  return new UserError(code, message, { next: `${next} ${more}`, cause })
}

export async function requestOf(
  workspace: Workspace,
  live: Session,
  journal: Journal,
  source: Source,
  { current, pending }: Base,
  title: string | null,
  say: (text: string) => void,
): Promise<Request> {
  const { schemas, manage, ignore, allow, searchPath, shadow, target, online, drops } = workspace
  const told = new Set<string>()
  // Several shadows may be opened, each for the same reason.
  const sayOnce = (text: string) => {
    if (!told.has(text)) say(text)
    told.add(text)
  }
  return {
    live,
    source,
    title,
    searchPath,
    schemas,
    manage,
    ignore,
    allow,
    online,
    drops,
    shadow: (catalog: Catalog) => openShadow(shadow, target, catalog, sayOnce),
    cache: workspace.inProject
      ? {
          folder: join(workspace.folder, '.schemactl/cache'),
          identity: (catalog) => shadowIdentity(shadow, target, catalog, live),
        }
      : undefined,
    parent: pending.at(-1)?.id ?? current?.id ?? null,
    pending,
    formerly: schemas === '*' ? new Set() : await formerlyManaged(journal, pending),
  }
}
