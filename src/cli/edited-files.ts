import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Journal } from '../apply/journal.js'
import { differenceFrom, isPlan } from '../plan/plan-file.js'
import { openPlanFolder, shown } from './plan-folder.js'
import type { Workspace } from './workspace.js'

/** The file of a plan in force that does not say any more what was applied. */
export interface EditedFile {
  readonly id: string
  readonly file: string
  /** The first part of it that differs. */
  readonly where: string
}

/** Compares files of plans in force, the newest or all, with the journal: their bytes first, since they may be thousands. */
export async function editedFiles(
  workspace: Pick<Workspace, 'project' | 'inProject'>,
  journal: Journal,
  newest: number | 'all',
): Promise<EditedFile[]> {
  const folder = await openPlanFolder(workspace)
  if (folder.ids.length === 0) return []
  const edited: EditedFile[] = []
  for (const known of await journal.contents(newest)) {
    const { id } = known
    const path = folder.pathOf(id)
    if (path === null) continue
    // Git may have given it the line ends of Windows.
    const text = readFileSync(path, 'utf8').replaceAll('\r\n', '\n')
    if (createHash('sha256').update(text).digest('hex') === known.sum || isPlan(text, known)) continue
    const file = shown(path)
    const where = differenceFrom(await journal.plan(id), text, file)
    if (where !== null) edited.push({ id, file, where })
  }
  return edited.sort((a, b) => (a.file < b.file ? -1 : 1))
}

export function editedText({ file, where }: EditedFile): string {
  return `${file} is not what was applied: ${where}.`
}

/** What to do about it: what ran is in the journal, whatever the file says. */
export const RESTORE = 'restore the file from version control; what was applied is in the journal, and revert takes that back'
