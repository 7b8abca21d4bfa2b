import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { UserError } from '../errors.js'
import { DRAFT } from '../plan/draft.js'
import type { Plan } from '../plan/plan.js'
import { parsePlan } from '../plan/plan-file.js'
import type { Workspace } from './workspace.js'

export interface PlanFile {
  /** As shown to people. */
  readonly file: string
  readonly plan: Plan
}

/** All plans of the project's folder, by id. Fails with a UserError at the first that is no plan, or was edited. */
export async function readPlanFolder(workspace: Pick<Workspace, 'project' | 'inProject'>): Promise<PlanFile[]> {
  const { project } = workspace
  const names = (await namesIn(workspace)).filter((name) => !DRAFT.test(name))
  const read = names.map(async (name) => {
    const path = join(project.plans, name)
    const file = shown(path)
    return { file, plan: parsePlan(await readFile(path, 'utf8'), file) }
  })
  const files = await Promise.all(read)
  refuseTwins(files)
  return files
}

/** Drafts that wait in the project's folder to be made plans. */
export async function draftsIn(workspace: Pick<Workspace, 'project' | 'inProject'>): Promise<string[]> {
  return (await namesIn(workspace)).filter((name) => DRAFT.test(name)).map((name) => shown(join(workspace.project.plans, name)))
}

async function namesIn({ project, inProject }: Pick<Workspace, 'project' | 'inProject'>): Promise<string[]> {
  if (!inProject || !existsSync(project.plans)) return []
  return (await readdir(project.plans)).filter((name) => /\.ya?ml$/.test(name) && !name.startsWith('.')).sort()
}

function refuseTwins(files: readonly PlanFile[]): void {
  const seen = new Map<string, string>()
  for (const { file, plan } of files) {
    const other = seen.get(plan.id)
    if (other !== undefined)
      throw new UserError('plan-twice', `${other} and ${file} are the same plan ${plan.id}.`, { next: 'Delete one of them.' })
    seen.set(plan.id, file)
  }
}

/** A path as one would type it from here. */
export function shown(path: string): string {
  const short = relative(process.cwd(), path)
  return short !== '' && short.length < path.length ? short : path
}
