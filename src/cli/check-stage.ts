import { type Journal, openJournal } from '../apply/journal.js'
import { UserError } from '../errors.js'
import type { Session } from '../postgres/session.js'
import { followText, strandedText } from './choose-plans.js'
import { allEditedFiles, type EditedFile, editedText, RESTORE } from './edited-files.js'
import { readChain } from './links.js'
import { planOf } from './plan-stage.js'
import { count } from './quantity.js'
import type { Workspace } from './workspace.js'

/** Do the plans come to what the files say, and their files to what was applied? Plans made side by side, and such as cannot be applied, do not. */
export async function checkPlans(
  workspace: Workspace,
  live: Session,
  say: (text: string) => void,
): Promise<{ readonly missing: boolean; readonly edited: readonly EditedFile[]; readonly text: string }> {
  const journal = await openJournal(live, 'read')
  const edited = await allEditedFiles(workspace, journal)
  if (edited.length > 0) return { missing: false, edited, text: `${edited.map(editedText).join('\n')}\nNext: ${RESTORE}` }
  return { ...(await missingPlan(workspace, live, journal, say)), edited }
}

async function missingPlan(
  workspace: Workspace,
  live: Session,
  journal: Journal,
  say: (text: string) => void,
): Promise<{ readonly missing: boolean; readonly text: string }> {
  const { chain } = await readChain(workspace, await journal.entries())
  const [fork] = chain.forks
  if (fork)
    return {
      missing: true,
      text: `These plans were made side by side: ${fork.plans.join(', ')}.\nNext: ${followText(fork.plans)}.`,
    }
  const [lost] = chain.stranded
  if (lost)
    return {
      missing: true,
      text: `${lost.file} follows ${lost.parent}, which is missing.\nNext: ${strandedText(lost.id)}.`,
    }
  const found = await planOf({ ...workspace, allow: ['all'] }, live, { title: null, strictChain: true, say }).catch((error: unknown) => {
    // Nothing can be planned on top of it, and it does not come to what the files say.
    if (error instanceof UserError && error.code === 'pending-rows') return error.message
    throw error
  })
  if (typeof found === 'string') return { missing: true, text: found }
  const { plan, pending } = found
  if (plan === null)
    return {
      missing: false,
      text: `The plans come to what the files say${pending.length === 0 ? '' : `; ${count(pending.length, 'plan')} pending`}.`,
    }
  const steps = plan.segments.flatMap((segment) => segment.steps.map(({ title }) => `  ${title}`))
  return { missing: true, text: `The files ask for what no plan does:\n${steps.join('\n')}\nNext: schemactl plan` }
}
