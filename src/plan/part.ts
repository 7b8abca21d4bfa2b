import type { Catalog } from '../catalog/catalog.js'
import { UserError } from '../errors.js'
import type { WantedRows } from '../postgres/load-rows.js'
import type { Shadow } from '../postgres/shadow.js'
import { tableOf } from './declared-table.js'
import { print } from './make.js'
import type { Plan, PlanStep } from './plan.js'
import { afterPlans } from './replay.js'
import { overlay, pick } from './replica.js'
import { changeRoles } from './role-plans.js'

/**
 * Where the generated steps of a plan, run once more, lead from a state that it was not made for; its hand-written ones do theirs when they run.
 * Null where its objects are others by now, where it does not run, or where it changes roles, which are no part of the state of one database.
 */
export async function goalOf(plan: Plan, live: Catalog, open: () => Promise<Shadow>): Promise<Catalog | null> {
  if (changeRoles([plan]) || !fits(plan, live)) return null
  const shadow = await open()
  try {
    const reached = await afterPlans(live, [plan], shadow)
    const left = keysOf(plan, ({ byHand }) => byHand === true)
    for (const key of keysOf(plan, ({ byHand }) => byHand !== true)) left.delete(key)
    const gone = [...left].filter((key) => !live.objects.has(key))
    return overlay(
      reached,
      pick(live, (key) => left.has(key)),
      gone,
    )
  } catch (error) {
    if (error instanceof UserError) return null
    throw error
  } finally {
    await shadow.close()
  }
}

/** Of the rows that files declare, those of tables whose rows the plan changed. */
export function rowsOf(plan: Plan, rows: readonly WantedRows[], goal: Catalog): readonly WantedRows[] {
  const tables = keysOf(plan, (step) => step.rows !== undefined)
  return tables.size === 0 ? [] : rows.filter((wanted) => tables.has(tableOf(wanted, goal).key))
}

/** Does it find what it was made for? */
function fits({ segments }: Plan, live: Catalog): boolean {
  const first = new Map(segments.flatMap(({ before }) => Object.entries(before)).reverse())
  return [...first].every(([key, before]) => print(live, key) === before)
}

function keysOf({ segments }: Plan, test: (step: PlanStep) => boolean): Set<string> {
  return new Set(segments.flatMap(({ steps }) => steps.filter(test).flatMap(({ objects }) => objects)))
}
