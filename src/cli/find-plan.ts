import { existsSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Entry, Journal } from '../apply/journal.js'
import { onFile, UserError } from '../errors.js'
import type { Plan } from '../plan/plan.js'
import { editedPlan, readPlan } from '../plan/plan-file.js'
import { firstDifference } from '../plan/plan-parts.js'
import { DRAFT, looksLikePath, type PlanFile } from './plan-folder.js'

/** The one id that is the word or begins with it. Throws UserError where none is, or several are. */
export function idByPrefix(word: string, ids: readonly string[], where: string): string {
  if (ids.includes(word)) return word
  const found = [...new Set(ids.filter((id) => id.startsWith(word)))]
  if (found.length === 1 && found[0] !== undefined) return found[0]
  if (found.length > 1)
    throw new UserError('ambiguous-plan', `"${word}" begins the ids of several plans: ${found.sort().join(', ')}.`, {
      next: 'Give more of it.',
    })
  throw new UserError('unknown-plan', `There is no plan "${word}" ${where}.`, {
    next: 'schemactl status and schemactl history list the plans.',
  })
}

/** A plan by the path of its file, by its id, or by the beginning of its id; from the files, else from the journal. */
export async function findPlan(
  word: string,
  files: readonly PlanFile[],
  journal: Pick<Journal, 'plan'>,
  entries: readonly Entry[],
): Promise<Plan> {
  if (looksLikePath(word)) return readPlanFile(word, journal, entries)
  // A plan that was made anew may have left one that was reverted in the journal, under the same title.
  const standing = [
    ...files.map(({ plan }) => plan.id),
    ...entries.filter(({ status }) => status !== 'reverted').map(({ id: known }) => known),
  ]
  const ids = standing.some((known) => known.startsWith(word)) ? standing : entries.map((entry) => entry.id)
  const id = idByPrefix(word, ids, 'among the plan files and in the journal')
  return files.find(({ plan }) => plan.id === id)?.plan ?? journal.plan(id)
}

async function readPlanFile(path: string, journal: Pick<Journal, 'plan'>, entries: readonly Entry[]): Promise<Plan> {
  if (DRAFT.test(path)) throw isDraft(path)
  if (!existsSync(path))
    throw new UserError('no-plan-file', `There is no file ${path}.`, {
      next: 'Give the path of a file that schemactl plan wrote, or the id of a plan.',
    })
  if (statSync(path).isDirectory())
    throw new UserError('no-plan-file', `${path} is a folder.`, {
      next: 'Give the files in it; without any, apply runs all pending plans of the project.',
    })
  const { plan, edited } = readPlan(await onFile(path, 'read', () => readFile(path, 'utf8')), path)
  if (edited === null) return plan
  // The journal's copy tells the very field, where it has one.
  const applied = entries.some(({ id }) => id === plan.id) ? await journal.plan(plan.id) : null
  throw editedPlan(path, (applied && firstDifference(applied, plan)) ?? edited)
}

/** A draft is not run: nobody has seen it work. */
export function isDraft(file: string): UserError {
  return new UserError('draft', `${file} is a draft: its steps were never rehearsed.`, {
    next: `schemactl plan --from ${file} makes it a plan.`,
  })
}
