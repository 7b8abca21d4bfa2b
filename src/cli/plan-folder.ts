import { existsSync, statSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { onFile, UserError } from '../errors.js'
import type { Plan } from '../plan/plan.js'
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

/** The file of a draft. */
export const DRAFT = /\.draft\.ya?ml$/

/** A path to a plan's file, rather than its id. */
export function looksLikePath(word: string): boolean {
  return /[/\\]|\.ya?ml$/.test(word) || (existsSync(word) && statSync(word).isFile())
}

export async function openPlanFolder({ project, inProject }: Pick<Workspace, 'project' | 'inProject'>): Promise<PlanFolder> {
  const there = inProject && existsSync(project.plans) ? await onFile(shown(project.plans), 'read', () => readdir(project.plans)) : []
  const names = there.filter((name) => (name.endsWith('.yaml') || name.endsWith('.yml')) && !name.startsWith('.'))
  const plans: (readonly [id: string, name: string])[] = []
  const drafts: string[] = []
  for (const name of names) {
    if (DRAFT.test(name)) drafts.push(name)
    else plans.push([name.slice(0, name.lastIndexOf('.')), name])
  }
  const byId = new Map(plans)
  return {
    ids: [...byId.keys()],
    pathOf: (id) => {
      const name = byId.get(id)
      return name === undefined ? null : join(project.plans, name)
    },
    drafts: drafts.sort().map((name) => shown(join(project.plans, name))),
    read: async (known = new Set()) => {
      const unknown = plans.flatMap(([id, name]) => (known.has(id) ? [] : [name])).sort()
      const files = await Promise.all(unknown.map((name) => readOne(join(project.plans, name))))
      refuseTwins(files)
      return files
    },
  }
}

async function readOne(path: string): Promise<PlanFile> {
  const { parsePlan } = await import('../plan/plan-file.js')
  const file = shown(path)
  return { file, plan: parsePlan(await onFile(file, 'read', () => readFile(path, 'utf8')), file) }
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
