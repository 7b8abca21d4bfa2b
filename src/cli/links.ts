import { type Chain, chainOf, isInForce, type Standing } from '../apply/chain.js'
import { openPlanFolder, type PlanFile, type PlanFolder } from './plan-folder.js'
import type { Workspace } from './workspace.js'

/** A plan file as the chain sees it. */
export interface PlanLink extends PlanFile {
  readonly id: string
  readonly parent: string | null
}

/** The project's plan files that are not in force, and where they stand in the journal. Files of plans in force are not read: they may be thousands. */
export async function readChain<E extends Standing>(
  workspace: Pick<Workspace, 'project' | 'inProject'>,
  entries: readonly E[],
): Promise<{ readonly files: readonly PlanLink[]; readonly chain: Chain<PlanLink, E>; readonly folder: PlanFolder }> {
  const folder = await openPlanFolder(workspace)
  return { ...(await chainIn(folder, entries)), folder }
}

/** The same of a folder that was opened before. */
export async function chainIn<E extends Standing>(
  folder: PlanFolder,
  entries: readonly E[],
): Promise<{ readonly files: readonly PlanLink[]; readonly chain: Chain<PlanLink, E> }> {
  const known = new Set(entries.filter(isInForce).map(({ id }) => id))
  const files = (await folder.read(known)).map(({ file, plan }) => ({ file, plan, id: plan.id, parent: plan.parent }))
  return { files, chain: chainOf(files, entries) }
}
