import { describe, idOf } from '../catalog/id.js'
import { codeOf } from '../errors.js'
import { ARCHIVE } from '../plan/archive.js'
import type { Plan, PlanHazard, PlanStep } from '../plan/plan.js'
import type { Session } from '../postgres/session.js'
import { quoteIdentifier, quoteName } from '../sql/quote.js'

/** What taking it back loses, as things are now: a column whose values are all kept gives no row a value that nobody chose. */
export async function lossesNow(session: Session, { segments }: Plan): Promise<PlanHazard[]> {
  const losses: PlanHazard[] = []
  for (const step of segments.flatMap(({ steps }) => steps))
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
  return key.length > 0 && (await newerRows(session, quoteName(...id.path.slice(0, -1)), quoteName(ARCHIVE, place), key)) === false
}

/** Null where that cannot be told now, or would take long. */
async function newerRows(session: Session, table: string, kept: string, key: readonly string[]): Promise<boolean | null> {
  const same = key.map(quoteIdentifier).map((column) => `kept.${column}::text = t.${column}::text`)
  await session.execute(`begin read only; set local statement_timeout = ${PATIENCE}; set local lock_timeout = 1000`)
  try {
    const rows = await session.query(
      `select from only ${table} as t where not exists (select from ${kept} as kept where ${same.join(' and ')}) limit 1`,
    )
    return rows.length > 0
  } catch (error) {
    // A plan that comes back first changes the table; or it is locked, or large.
    if (/^(42|57014|55P03)/.test(codeOf(error) ?? '')) return null
    throw error
  } finally {
    await session.execute('rollback')
  }
}

/** Milliseconds. */
const PATIENCE = 5000
