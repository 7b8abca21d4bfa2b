import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { onFile, UserError } from '../errors.js'
import { DRAFT } from '../plan/draft.js'
import type { Plan } from '../plan/plan.js'
import { parsePlan } from '../plan/plan-file.js'
import type { Workspace } from './workspace.js'

export interface PlanFile {
  /** As shown to people. */
  readonly file: string
  readonly plan: Plan
}

/** What lies in the project's folder of plans, by the names of its files: those of plans are their ids, unless somebody renamed one. */
export interface PlanFolder {
  readonly ids: readonly string[]
  /** The file of that name, as a path; null where there is none. */
  readonly pathOf: (id: string) => string | null
  /** Drafts that wait to be made plans, as shown to people. */
  readonly drafts: readonly string[]
  /** Reads the plans, by id, but for those whose files are named as one of `known`. Fails with a UserError at the first that is no plan, or was edited. */
  read(known?: ReadonlySet<string>): Promise<PlanFile[]>
}

export async function openPlanFolder({ project, inProject }: Pick<Workspace, 'project' | 'inProject'>): Promise<PlanFolder> {
  const there = inProject && existsSync(project.plans) ? await onFile(shown(project.plans), 'read', () => readdir(project.plans)) : []
  const names = there.filter((name) => /\.ya?ml$/.test(name) && !name.startsWith('.')).sort()
  const plans = names.filter((name) => !DRAFT.test(name))
  const byId = new Map(plans.map((name) => [idOfFile(name), name]))
  return {
    ids: [...byId.keys()],
    pathOf: (id) => {
      const name = byId.get(id)
      return name === undefined ? null : join(project.plans, name)
    },
    drafts: names.filter((name) => DRAFT.test(name)).map((name) => shown(join(project.plans, name))),
    read: async (known = new Set()) => {
      const unknown = plans.filter((name) => !known.has(idOfFile(name)))
      const files = await Promise.all(unknown.map((name) => readOne(join(project.plans, name))))
      refuseTwins(files)
      return files
    },
  }
}

async function readOne(path: string): Promise<PlanFile> {
  const file = shown(path)
  return { file, plan: parsePlan(await onFile(file, 'read', () => readFile(path, 'utf8')), file) }
}

function idOfFile(name: string): string {
  return name.replace(/\.ya?ml$/, '')
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
