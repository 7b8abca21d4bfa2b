import { join } from 'node:path'
import type { Plan } from '../plan/plan.js'
import { introspect } from '../postgres/introspect.js'
import type { Session } from '../postgres/session.js'
import { readSource } from '../source/read.js'
import { openPlanFolder } from './plan-folder.js'
import { writePlan } from './plan-report.js'
import { planOf } from './plan-stage.js'
import { openShadow } from './shadow.js'
import type { Workspace } from './workspace.js'

/**
 * Writes the plan that leads from an empty database to the files: for a database that has their objects already, which no plan made.
 * Others that have them are stamped with it, and empty ones begin by it. The path; null where the project has plans, or the files no objects.
 */
export async function writeFirstPlan(
  workspace: Workspace,
  live: Session,
  title: string,
  say: (text: string) => void,
): Promise<string | null> {
  const { statements } = await readSource(workspace.schema, { cwd: workspace.folder })
  if (statements.length === 0 || (await openPlanFolder(workspace)).ids.length > 0) return null
  const plan = await planFromNothing(workspace, live, title, say)
  if (plan === null) return null
  const file = join(workspace.project.plans, `${plan.id}.yaml`)
  await writePlan(file, plan)
  return file
}

async function planFromNothing(workspace: Workspace, live: Session, title: string, say: (text: string) => void): Promise<Plan | null> {
  const empty = await openShadow(workspace.shadow, workspace.target, await introspect(live), say)
  try {
    return (await planOf(workspace, empty.session, { title, strictChain: true, say })).plan
  } finally {
    await empty.close()
  }
}
