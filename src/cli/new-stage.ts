import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../errors.js'
import { draftTemplate } from '../plan/draft.js'
import { slug } from '../plan/make.js'
import { shown } from './plan-folder.js'
import { writeWhole } from './whole-file.js'

/** Writes an empty draft into the folder of plans; returns its path as people would type it. Overwrites nothing. */
export async function writeDraft(folder: string, title: string): Promise<string> {
  const path = join(folder, `${slug(title)}.draft.yaml`)
  const file = shown(path)
  if (existsSync(path))
    throw new UserError('draft-exists', `${file} is there already.`, { next: 'Give another title with -m, or finish that one.' })
  await writeWhole(path, draftTemplate(title, file))
  return file
}
