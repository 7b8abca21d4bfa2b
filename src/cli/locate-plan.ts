import { dirname } from 'node:path'
import { openJournal } from '../apply/journal.js'
import { loadProject } from '../config/project.js'
import type { Project } from '../config/settings.js'
import type { Plan } from '../plan/plan.js'
import { connect } from '../postgres/connect.js'
import { findPlan } from './find-plan.js'
import { looksLikePath, openPlanFolder } from './plan-folder.js'
import type { Workspace } from './workspace.js'

export interface Located {
  readonly plan: Plan
  readonly project: Project
  /** Where its file is, or would be: its signatures lie there. */
  readonly folder: string
}

/** A plan from its file where there is one; only otherwise is the database opened and its journal asked. */
export async function locatePlan(
  word: string,
  open: () => Promise<Workspace>,
  flags: { readonly config?: string | undefined },
): Promise<Located> {
  const project = await loadProject(process.cwd(), flags.config)
  const folder = looksLikePath(word) ? dirname(word) : project.plans
  return { plan: await planNamed(word, project, open), project, folder }
}

async function planNamed(word: string, project: Project, open: () => Promise<Workspace>): Promise<Plan> {
  const files = looksLikePath(word) ? [] : await (await openPlanFolder({ project, inProject: project.file !== undefined })).read()
  if (looksLikePath(word) || files.some(({ plan }) => plan.id.startsWith(word))) return findPlan(word, files, NO_JOURNAL, [])
  const session = await connect((await open()).target, { readOnly: true })
  try {
    const journal = await openJournal(session, 'read')
    return await findPlan(word, files, journal, await journal.entries())
  } finally {
    await session.close()
  }
}

const NO_JOURNAL = { plan: () => Promise.reject(new Error('a plan that has a file is looked for in the journal')) }
