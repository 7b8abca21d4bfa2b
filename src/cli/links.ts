import { type Chain, chainOf } from '../apply/chain.js'
import type { Entry } from '../apply/journal.js'
import { type PlanFile, readPlanFolder } from './plan-folder.js'
import type { Workspace } from './workspace.js'

/** A plan file as the chain sees it. */
export interface PlanLink extends PlanFile {
  readonly id: string
  readonly parent: string | null
}

/** The project's plan files, and where they stand in the journal. */
export async function readChain(
  workspace: Workspace,
  entries: readonly Entry[],
): Promise<{ readonly files: readonly PlanLink[]; readonly chain: Chain<PlanLink> }> {
  const files = (await readPlanFolder(workspace)).map(({ file, plan }) => ({ file, plan, id: plan.id, parent: plan.parent }))
  return { files, chain: chainOf(files, entries) }
}
