import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { ContentSum, Journal } from '../apply/journal.js'
import { fileError } from '../errors.js'
import { openPlanFolder, type PlanFolder, shown } from './plan-folder.js'
import type { Workspace } from './workspace.js'

/** The file of a plan in force that does not say any more what was applied. */
export interface EditedFile {
  readonly id: string
  readonly file: string
  /** The first part of it that differs. */
  readonly where: string
}

/** Compares the files of all plans in force with the journal. */
export async function allEditedFiles(workspace: Pick<Workspace, 'project' | 'inProject'>, journal: Journal): Promise<EditedFile[]> {
  const folder = await openPlanFolder(workspace)
  return folder.ids.length === 0 ? [] : editedFiles(folder, await journal.contents('all'), async () => journal)
}

/** Compares files of plans in force with these contents: their bytes first, since they may be thousands. */
export async function editedFiles(
  folder: PlanFolder,
  contents: readonly ContentSum[],
  openJournal: () => Promise<Journal>,
): Promise<EditedFile[]> {
  const edited: EditedFile[] = []
  for (const known of contents) {
    const { id } = known
    const path = folder.pathOf(id)
    if (path === null) continue
    // Git may have given it the line ends of Windows.
    const text = readText(path).replaceAll('\r\n', '\n')
    if (createHash('sha256').update(text).digest('hex') === known.sum) continue
    const { differenceFrom, isPlan } = await import('../plan/plan-file.js')
    if (isPlan(text, known)) continue
    const file = shown(path)
    const where = differenceFrom(await (await openJournal()).plan(id), text, file)
    if (where !== null) edited.push({ id, file, where })
  }
  return edited.sort((a, b) => (a.file < b.file ? -1 : 1))
}

/** At once: there may be thousands. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw fileError(shown(path), 'read', error)
  }
}

export function editedText({ file, where }: EditedFile): string {
  return `${file} is not what was applied: ${where}.`
}

/** What to do about it: what ran is in the journal, whatever the file says. */
export const RESTORE = 'restore the file from version control; what was applied is in the journal, and revert takes that back'
