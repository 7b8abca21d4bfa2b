import { rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { idOf } from '../catalog/id.js'
import { spoken } from '../kinds/spoken.js'
import { renameHint } from '../plan/likely-renames.js'
import type { Plan } from '../plan/plan.js'
import { formatPlan } from '../plan/plan-file.js'
import type { Planned } from '../plan/stage.js'
import { isAboutRoles } from '../postgres/cluster-statements.js'
import { formatMessage, type Source } from '../source/read.js'
import { approvalRules } from './approval-rules.js'
import { shown } from './plan-folder.js'
import type { PlanResult } from './plan-stage.js'
import { planText } from './plan-text.js'
import { type Preflight, preflightText } from './preflight.js'
import { count } from './quantity.js'
import { refuseUnwritable, writeWhole } from './whole-file.js'
import type { Workspace } from './workspace.js'

/** What reading the files and the database showed beside the plan: for stderr. */
export function remarks(source: Source, planned: Planned | null): string[] {
  const warnings = source.warnings.map((warning) => `Warning: ${formatMessage(warning)}`)
  const loading = (planned?.warnings ?? []).map(
    ({ statement, message }) => `Warning: ${statement.file}:${statement.line}:${statement.column}: ${message}`,
  )
  return [...warnings, ...loading]
}

/** Objects that schemactl left alone, and those that it cannot see into. */
export function surroundings(workspace: Workspace, { planned, source }: PlanResult): string[] {
  const alone = [...(planned?.state.unmanaged ?? [])]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([schema, number]) => `${schema} (${count(number, 'object')})`)
  const ignored = ignoredNames(planned)
  const strange = planned?.unmodelled ?? []
  const rolesLeft = planned?.rolesLeft ?? []
  const ofRoles = workspace.manage.includes('roles') ? [] : source.statements.filter(isAboutRoles)
  return [
    ...(alone.length === 0 ? [] : [`Left alone, since not managed: ${alone.join(', ')}.`]),
    ...(ignored.length === 0
      ? []
      : [`Ignored, as ignore: says: ${ignored.slice(0, 5).join(', ')}${ignored.length > 5 ? ` and ${ignored.length - 5} more` : ''}.`]),
    ...(ofRoles[0] === undefined
      ? []
      : [
          `Left alone: ${count(ofRoles.length, 'statement')} about roles, from ${ofRoles[0].file}:${ofRoles[0].line} on; --manage roles plans them.`,
        ]),
    ...(rolesLeft.length === 0
      ? []
      : [`No longer in the files, and left as they are: roles ${rolesLeft.join(', ')}; --drop-role drops them.`]),
    ...(strange.length === 0
      ? []
      : [`Not modelled, so neither compared nor planned:\n${strange.map(({ description }) => `  ${description}`).join('\n')}`]),
  ]
}

function ignoredNames(planned: Planned | null): string[] {
  return [...(planned?.state.ignored ?? [])].map((key) => spoken(idOf(key))).sort()
}

/** What a plan leaves alone, for --json. */
export function aroundOf(planned: Planned | null) {
  return {
    unmanaged: Object.fromEntries(planned?.state.unmanaged ?? []),
    ignored: ignoredNames(planned),
    unmodelled: planned?.unmodelled.map(({ description }) => description) ?? [],
    likelyRenames: planned?.likelyRenames ?? [],
    rolesLeft: planned?.rolesLeft ?? [],
  }
}

/** A database that other means made, seen for the first time. */
export function firstSight({ inProject }: Workspace, { plan, planned, known }: PlanResult): string[] {
  if (!inProject || known || planned === null) return []
  const { now, state } = planned
  const found = [...now.objects.values()].some(
    ({ key, parent, id }) =>
      parent === undefined &&
      id.path.length > 1 &&
      !state.unmanaged.has(id.path[0] ?? '') &&
      !state.ignored.has(key) &&
      state.compared(key),
  )
  if (!found) return []
  const next =
    plan === null
      ? 'schemactl stamp head takes it over as it is.'
      : 'schemactl inspect --out FOLDER writes it as schema files; schemactl stamp head takes it over as it is.'
  return [`This database has objects already, and no journal of schemactl. ${next}`]
}

interface Out {
  readonly out?: string | undefined
  readonly 'no-out'?: boolean
}

/** Where the plan goes; null: nowhere. Outside a project only where --out says. */
export function outFile({ project, inProject }: Workspace, { id }: Pick<Plan, 'id'>, flags: Out): string | null {
  if (flags['no-out'] === true) return null
  return flags.out ?? (inProject ? join(project.plans, `${id}.yaml`) : null)
}

/** Throws UserError where the plan could not be written in the end. */
export async function refuseNoPlace(workspace: Workspace, flags: Out): Promise<void> {
  const file = outFile(workspace, { id: 'plan' }, flags)
  if (file !== null) await refuseUnwritable(file)
}

export function writePlan(file: string, plan: Plan): Promise<void> {
  return writeWhole(file, formatPlan(plan))
}

export function nothingReport(waiting: readonly string[]): string {
  return waiting.length === 0
    ? 'No changes: the database is what the files say.'
    : `Nothing more to plan: ${waiting.join(', ')} ${waiting.length === 1 ? 'is' : 'are'} written already.\nNext: schemactl apply`
}

export function planReport(plan: Plan, planned: Planned | null, ahead: Preflight, file: string | null, workspace: Workspace): string {
  const steps = plan.segments.flatMap((segment) => segment.steps).length
  const head = `${plan.title}: ${count(steps, 'step')}${plan.segments.length > 1 ? ` in ${plan.segments.length} segments` : ''}${plan.parent === null ? '' : `, after ${plan.parent}`}`
  const applying =
    workspace.inProject && file !== null && dirname(file) === workspace.project.plans
      ? 'schemactl apply'
      : `schemactl apply ${file === null ? 'FILE' : shown(file)}`
  const next =
    approvalRules(workspace).required > 0 ? `schemactl plan sign ${plan.id}, by those who approve it; then ${applying}` : applying
  const isRefused = ahead.findings.some(({ rows }) => rows !== null)
  const tail =
    file === null
      ? `Nothing was written${workspace.inProject ? '' : '; --out FILE keeps the plan'}.`
      : `Written: ${shown(file)}\nNext: ${next}${isRefused ? ', once these rows are mended' : ''}`
  const hint = renameHint(planned?.likelyRenames ?? []).join('\n')
  return [head, planText(plan), ...preflightText(ahead), hint, tail].filter((part) => part !== '').join('\n\n')
}

/** Tells what only a draft's plan says, and removes the draft where the plan took its place. */
export async function replaceDraft(
  draft: string,
  file: string | null,
  changes: readonly string[],
  say: (text: string) => void,
): Promise<void> {
  if (file !== null && dirname(resolve(draft)) === dirname(resolve(file))) await rm(draft)
  if (changes.length > 0)
    say(
      `Its steps change the schema; unless the files say the same, the next plan undoes it:\n${changes.map((text) => `  ${text}`).join('\n')}`,
    )
}
