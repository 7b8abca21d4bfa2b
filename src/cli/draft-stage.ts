import { readFile } from 'node:fs/promises'
import { openJournal } from '../apply/journal.js'
import { messageOf, systemRefusal, UserError } from '../errors.js'
import { type DraftRequest, type PlannedDraft, planDraft } from '../plan/by-hand.js'
import { type Draft, parseDraft } from '../plan/draft.js'
import type { Plan } from '../plan/plan.js'
import type { Session } from '../postgres/session.js'
import { listFiles } from '../source/files.js'
import type { Source } from '../source/read.js'
import { type Base, baseOf } from './base.js'
import { withEstimates } from './estimates.js'
import { type PlanResult, planOf } from './plan-stage.js'
import { openShadow } from './shadow.js'
import type { Workspace } from './workspace.js'

/** Rehearses a draft, with what the files ask for around its steps where there are files, to follow the plans that there are. */
export async function planFromDraft(
  workspace: Workspace,
  live: Session,
  file: string,
  say: (text: string) => void,
  renames: readonly string[] = [],
): Promise<PlanResult> {
  const draft = await readDraft(file)
  if (await hasSchema(workspace)) return planOf(workspace, live, { title: null, draft, renames, strictChain: true, say })
  const { plan, changes } = await planSteps(workspace, live, draft, await baseOf(workspace, live), say)
  return { plan, planned: null, source: NO_FILES, pending: [], known: true, beside: changes }
}

const NO_FILES: Source = { statements: [], warnings: [], files: [], hash: '' }

async function hasSchema({ inProject, schema }: Workspace): Promise<boolean> {
  if (!inProject) return false
  const found = await Promise.all(schema.map((path) => listFiles(path).catch(() => [])))
  return found.some((files) => files.length > 0)
}

/** Rehearses hand-written steps on what the base leaves. */
export async function planSteps(
  workspace: Workspace,
  live: Session,
  draft: Draft,
  base: Base,
  say: (text: string) => void,
): Promise<PlannedDraft> {
  const made = await planDraft(await requestFor(workspace, live, base, say), draft)
  return { ...made, plan: await withEstimates(live, made.plan) }
}

async function requestFor(
  workspace: Workspace,
  live: Session,
  { current, pending }: Base,
  say: (text: string) => void,
): Promise<DraftRequest> {
  const { schemas, manage, ignore, allow, searchPath, shadow, target, online } = workspace
  const last = pending.at(-1) ?? (current === null ? null : await (await openJournal(live, 'read')).plan(current.id))
  const scope: Plan['scope'] = {
    schemas: schemas ?? last?.scope.schemas ?? [...new Set([...searchPath, 'public'])].sort(),
    manage: last?.scope.manage ?? [...manage].sort(),
    ignore: last?.scope.ignore ?? ignore,
  }
  return {
    live,
    searchPath,
    schemas,
    manage,
    ignore,
    allow,
    online,
    scope,
    pending,
    parent: last?.id ?? null,
    shadow: (catalog) => openShadow(shadow, target, catalog, say),
  }
}

async function readDraft(file: string): Promise<Draft> {
  const content = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new UserError('no-draft', `${file} cannot be read: ${systemRefusal(cause)?.reason ?? messageOf(cause)}.`, {
      next: 'schemactl new -m TITLE writes a draft.',
      cause,
    })
  })
  return parseDraft(content, file)
}
