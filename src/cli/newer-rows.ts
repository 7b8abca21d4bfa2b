import { describe, idOf } from '../catalog/id.js'
import { ARCHIVE } from '../plan/archive.js'
import type { Plan, PlanHazard, PlanStep } from '../plan/plan.js'
import { ask, countQuery } from '../plan/preflight.js'
import type { Session } from '../postgres/session.js'
import { quoteIdentifier, quoteName } from '../sql/quote.js'
import { rowLabel } from '../sql/rows.js'

/** What taking these back loses, as things are now: a column whose values are all kept gives no row a value that nobody chose. */
export async function lossesNow(session: Session, plans: readonly Plan[]): Promise<PlanHazard[]> {
  const losses: PlanHazard[] = []
  for (const step of plans.flatMap(({ segments }) => segments.flatMap(({ steps }) => steps)))
    for (const loss of step.downHazards) if (loss.hazard !== 'fill' || !(await isKeptWhole(session, step, loss))) losses.push(loss)
  return losses
}

/** Where a step keeps the values of this object, given by its key. */
export function placeOf({ archives = [] }: PlanStep, object: string): string | undefined {
  return archives.find(({ of }) => of === describe(idOf(object)))?.place
}

/** Does the archive have a value for each row that is there? */
async function isKeptWhole(session: Session, step: PlanStep, { object }: PlanHazard): Promise<boolean> {
  const place = placeOf(step, object)
  const id = idOf(object)
  if (place === undefined) return false
  const columns = await session.query<{ name: string }>(
    `select attname::text as name from pg_catalog.pg_attribute where attrelid = pg_catalog.to_regclass($1) and attnum > 0 and not attisdropped`,
    [quoteName(ARCHIVE, place)],
  )
  const key = columns.map(({ name }) => name).filter((name) => name !== id.path.at(-1))
  if (key.length === 0) return false
  const same = key.map(quoteIdentifier).map((column) => `kept.${column}::text = t.${column}::text`)
  const kept = `select from ${quoteName(ARCHIVE, place)} as kept where ${same.join(' and ')}`
  const newer = `only ${quoteName(...id.path.slice(0, -1))} as t where not exists (${kept})`
  const answer = await ask(session, countQuery(rowLabel(key, 't'), newer))
  // No question: a plan that comes back first changes the table. No answer: it is locked, or large.
  return answer !== null && answer !== 'no question' && answer.count === 0
}
