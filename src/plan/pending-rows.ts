import type { Catalog, CatalogObject } from '../catalog/catalog.js'
import { UserError } from '../errors.js'
import { introspect } from '../postgres/introspect.js'
import { insertRow, type RowText, type WantedRows } from '../postgres/load-rows.js'
import type { Session } from '../postgres/session.js'
import type { Shadow } from '../postgres/shadow.js'
import { recordOf } from '../source/data/record.js'
import { quoteName } from '../sql/quote.js'
import { liveTable, tableOf } from './declared-table.js'
import type { Plan } from './plan.js'
import type { Renamed } from './renames.js'
import { climbPlans, replicaFor, shadowFor } from './replay.js'
import { type LiveTable, type RowChanges, rowChanges, rowsDigest, rowsIn } from './row-changes.js'

/** Plans that come before: what they do to rows is not there to be seen yet, but in a shadow. */
export interface Pending {
  readonly plans: readonly Plan[]
  readonly shadow: () => Promise<Shadow>
}

interface Awaiting {
  readonly session: Session
  readonly live: Catalog
  readonly renamed: Pick<Renamed, 'formerly'>
  readonly target: Catalog
  readonly pending: Pending
}

/** The last of these plans that changes rows of the table, and what to. */
export function ledTo(table: string, plans: readonly Plan[]): { readonly plan: string; readonly wanted: string } | null {
  const steps = plans.flatMap(({ id, segments }) => segments.flatMap((segment) => segment.steps.map((step) => ({ id, step }))))
  const last = steps.findLast(({ step }) => step.rows !== undefined && step.objects[0] === table)
  return last?.step.rows ? { plan: last.id, wanted: last.step.rows.wanted } : null
}

export interface LedTable {
  readonly wanted: WantedRows
  readonly table: CatalogObject
  /** The last pending plan that changes its rows. */
  readonly led: ReturnType<typeof ledTo>
}

/** A table of declared rows, beside the pending plans. */
export function ledTable(wanted: WantedRows, target: Catalog, plans: readonly Plan[]): LedTable {
  const table = tableOf(wanted, target)
  return { wanted, table, led: ledTo(table.key, plans) }
}

/** To other rows than the files declare by now. */
export function isLedElsewhere({ wanted, led }: LedTable): boolean {
  return led !== null && led.wanted !== rowsDigest(wanted)
}

/** By table, what is to be done to rows as pending plans will leave them: found by running these in a shadow that has the rows of today. */
export async function changesAfterPending(
  tables: readonly LedTable[],
  { session, live, renamed, target, pending: { plans, shadow: open } }: Awaiting,
): Promise<ReadonlyMap<string, RowChanges>> {
  const changes = new Map<string, RowChanges>()
  const [first] = tables
  if (!first) return changes
  // What a table was called when its rows were those of today, only the plan knows that renames it.
  if (plans.some(({ renames = [] }) => renames.length > 0)) throw pendingRows(first)
  const shadow = await shadowFor(plans, live, open)
  try {
    await replicaFor(live, plans, shadow)
    await shadow.session.execute('set session_replication_role = replica')
    for (const { wanted, table } of tables) await copyRows(session, shadow.session, wanted, liveTable(table, live, renamed, target))
    await climbPlans(shadow.session, plans, true)
    const end = await introspect(shadow.session)
    for (const { wanted, table } of tables)
      changes.set(table.key, await rowChanges(shadow.session, wanted, liveTable(table, end, renamed, target)))
    return changes
  } catch (error) {
    throw error instanceof UserError ? pendingRows(first, error) : error
  } finally {
    await shadow.close()
  }
}

async function copyRows(from: Session, to: Session, wanted: WantedRows, table: LiveTable | null): Promise<void> {
  const found = table && (await rowsIn(from, wanted, table))
  if (!table || !found) return
  const now = (row: RowText) => recordOf(Object.entries(row).map(([name, value]) => [table.columns.get(name) ?? name, value]))
  for (const row of found.rows) await to.execute(insertRow(quoteName(...table.path), now(row)))
}

function pendingRows({ wanted, led }: LedTable, cause?: UserError): UserError {
  return new UserError(
    'pending-rows',
    `${led?.plan}, which is not applied yet, changes rows of ${wanted.table.join('.')}, the files declare others by now, and what it leaves cannot be tried here${cause ? `: ${cause.message}` : '.'}`,
    {
      next: `schemactl apply ${led?.plan}; or delete its file, and plan again.`,
      cause,
    },
  )
}
