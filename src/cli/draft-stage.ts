import { readFile, rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { openJournal } from '../apply/journal.js'
import { messageOf, systemRefusal, UserError } from '../errors.js'
import { type Draft, parseDraft } from '../plan/draft.js'
import { type DraftRequest, type PlannedDraft, planDraft } from '../plan/hand-written.js'
import type { Plan } from '../plan/plan.js'
import type { Session } from '../postgres/session.js'
import { type Base, baseOf } from './base.js'
import { withEstimates } from './estimates.js'
import { outFile, planReport, writePlan } from './plan-report.js'
import { CLEAR } from './preflight.js'
import { openShadow } from './shadow.js'
import type { Workspace } from './workspace.js'

/** Rehearses a draft, to follow the plans that there are. */
export async function planFromDraft(workspace: Workspace, live: Session, file: string, say: (text: string) => void): Promise<PlannedDraft> {
  return planSteps(workspace, live, await readDraft(file), await baseOf(workspace, live), say)
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
  const { schemas, manage, ignore, allow, searchPath, shadow, target } = workspace
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
    scope,
    pending,
    parent: last?.id ?? null,
    shadow: (catalog) => openShadow(shadow, target, catalog, say),
  }
}

export async function readDraft(file: string): Promise<Draft> {
  const content = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new UserError('no-draft', `${file} cannot be read: ${systemRefusal(cause)?.reason ?? messageOf(cause)}.`, {
      next: 'schemactl new -m TITLE writes a draft.',
      cause,
    })
  })
  return parseDraft(content, file)
}

/** Makes a draft a plan, tells it, and puts it in the draft's place. */
export async function reportDraft(
  workspace: Workspace,
  live: Session,
  draft: string,
  flags: { readonly out?: string | undefined; readonly 'no-out': boolean },
  { say, show }: { readonly say: (text: string) => void; readonly show: (text: string) => void },
): Promise<unknown> {
  const { plan, changes } = await planFromDraft(workspace, live, draft, say)
  const file = outFile(workspace, plan, flags)
  if (file !== null) await writePlan(file, plan)
  if (file !== null && dirname(resolve(draft)) === dirname(resolve(file))) await rm(draft)
  if (changes.length > 0)
    say(
      `Its steps change the schema; unless the files say the same, the next plan undoes it:\n${changes.map((text) => `  ${text}`).join('\n')}`,
    )
  show(planReport(plan, null, CLEAR, file, workspace))
  return { changes: true, file, plan, schemaChanges: changes }
}
