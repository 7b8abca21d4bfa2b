import type { Catalog, CatalogObject } from '../catalog/catalog.js'
import { idOf } from '../catalog/id.js'
import { UserError } from '../errors.js'
import { introspect } from '../postgres/introspect.js'
import { insertRow, type RowText, type WantedRows } from '../postgres/load-rows.js'
import type { Session } from '../postgres/session.js'
import { embeddedShadow, type Shadow } from '../postgres/shadow.js'
import { recordOf } from '../source/data/record.js'
import { quoteName } from '../sql/quote.js'
import type { Plan } from './plan.js'
import { referrersOf, samePath } from './referrers.js'
import { type RowRehearsal, rehearseRows } from './rehearse-rows.js'
import type { Proof } from './rehearsing.js'
import type { Renamed } from './renames.js'
import { climbPlans, replicaFor } from './replay.js'
import { changeRoles } from './role-plans.js'
import { isEmpty, type LiveTable, type RowChanges, rowChanges, rowsDigest, rowsIn } from './row-changes.js'
import { isTable, NO_PROBES, type RowProbes, rowProbes } from './row-probes.js'
import { type RowTable, rowSteps } from './row-steps.js'

export interface RowsAsked {
  readonly session: Session
  readonly rows: readonly WantedRows[]
  /** The live database before renames. */
  readonly live: Catalog
  readonly renamed: Pick<Renamed, 'formerly'>
  readonly target: Catalog
  /** Plans that come before: what they do to rows is not there to be seen yet, but in a shadow. */
  readonly pending: { readonly plans: readonly Plan[]; readonly shadow: () => Promise<Shadow> } | null
}

/** What there is to do to the rows of each table that files declare rows of; tables with nothing to do are left out. */
export async function rowsToChange({ session, rows, live, renamed, target, pending }: RowsAsked): Promise<RowChanges[]> {
  const tables = rows.map((wanted) => ledTable(wanted, target, pending?.plans ?? []))
  const later =
    pending === null ? new Map() : await afterPendingRows(tables.filter(isLedElsewhere), { session, live, renamed, target, pending })
  const found: RowChanges[] = []
  for (const { wanted, table, led } of tables) {
    const changes = led === null ? await rowChanges(session, wanted, liveTable(table, live, renamed, target)) : later.get(table.key)
    if (changes && !isEmpty(changes)) found.push(changes)
  }
  return found
}

interface LedTable {
  readonly wanted: WantedRows
  readonly table: CatalogObject
  /** The last pending plan that changes its rows. */
  readonly led: ReturnType<typeof ledTo>
}

function ledTable(wanted: WantedRows, target: Catalog, plans: readonly Plan[]): LedTable {
  const table = tableOf(wanted, target)
  return { wanted, table, led: ledTo(table.key, plans) }
}

function isLedElsewhere({ wanted, led }: LedTable): boolean {
  return led !== null && led.wanted !== rowsDigest(wanted)
}

/** By table, what is to be done to rows as pending plans will leave them: found by running these in a shadow that has the rows of today. */
async function afterPendingRows(
  tables: readonly LedTable[],
  { session, live, renamed, target, pending: { plans, shadow: open } }: Omit<RowsAsked, 'rows'> & { readonly pending: object },
): Promise<ReadonlyMap<string, RowChanges>> {
  const changes = new Map<string, RowChanges>()
  const [first] = tables
  if (!first) return changes
  // What a table was called when its rows were those of today, only the plan knows that renames it.
  if (plans.some(({ renames = [] }) => renames.length > 0)) throw pendingRows(first)
  const shadow = changeRoles(plans) ? await embeddedShadow(live.role) : await open()
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

/** Do these plans lead to the declared rows? */
export async function rowsCovered(asked: RowsAsked): Promise<boolean> {
  const { rows, target, pending } = asked
  const ledElsewhere = rows.some((wanted) => isLedElsewhere(ledTable(wanted, target, pending?.plans ?? [])))
  return !ledElsewhere && (await rowsToChange(asked)).length === 0
}

/** The proof with one leg more: the rows, after all else. */
export async function withRowsChanged(
  proof: Proof,
  changes: readonly RowChanges[],
  {
    open,
    probes,
    ...rest
  }: Omit<RowRehearsal, 'shadow' | 'tables'> & { readonly open: () => Promise<Shadow>; readonly probes: (change: RowChanges) => RowProbes },
): Promise<Proof> {
  if (changes.length === 0) return proof
  const { target } = rest
  const told = (change: RowChanges) => rowTable(change, target, probes(change))
  const steps = rowSteps(changes, told)
  const shadow = await open()
  try {
    // What a step asks of other tables must be there to be asked.
    const tables = changes.flatMap((change) => [tableOf(change.wanted, target).key, ...told(change).acting.map(({ child }) => child.key)])
    const { caveats, irreversible } = await rehearseRows({ ...rest, shadow, tables }, changes, steps)
    return {
      legs: [...proof.legs, { ...steps, transactional: true, before: target, after: target, restored: target }],
      rows: proof.rows,
      caveats: [...proof.caveats, ...caveats],
      irreversible: proof.irreversible ?? irreversible,
      shadow: proof.shadow === '' ? shadow.description : proof.shadow,
    }
  } finally {
    await shadow.close()
  }
}

/** The last of these plans that changes rows of the table, and what to. */
export function ledTo(table: string, plans: readonly Plan[]): { readonly plan: string; readonly wanted: string } | null {
  const steps = plans.flatMap(({ id, segments }) => segments.flatMap((segment) => segment.steps.map((step) => ({ id, step }))))
  const last = steps.findLast(({ step }) => step.rows !== undefined && step.objects[0] === table)
  return last?.step.rows ? { plan: last.id, wanted: last.step.rows.wanted } : null
}

/** What steps on these rows are about, lock, and mind. */
export function rowTable({ wanted }: RowChanges, target: Catalog, probes: RowProbes = NO_PROBES): RowTable {
  const table = tableOf(wanted, target)
  const names = new Set(wanted.columns.map(({ name }) => name))
  const columns = childrenOf(table, target).filter(({ id, definition }) => 'type' in definition && names.has(id.path.at(-1) ?? ''))
  return {
    objects: [table.key, ...columns.map(({ key }) => key).sort()],
    impact: { lock: 'ROW EXCLUSIVE', on: table.id },
    acting: referrersOf(table, target).filter(({ acts }) => acts),
    probes,
  }
}

/** What the live rows are to be asked before each of the changes. */
export function rowQuestions(
  changes: readonly RowChanges[],
  { live, renamed, target }: Pick<RowsAsked, 'live' | 'renamed' | 'target'>,
): (change: RowChanges) => RowProbes {
  const at = (table: CatalogObject) => liveTable(table, live, renamed, target)
  return (change) => rowProbes(change, tableOf(change.wanted, target), { target, live, at, changes })
}

export function tableOf({ table, source }: WantedRows, target: Catalog): CatalogObject {
  const found = [...target.objects.values()].find((object) => isTable(object) && samePath(object.id.path, table))
  if (found) return found
  throw new UserError('rows-not-managed', `${source}: rows of ${table.join('.')} are declared, and schemactl does not manage that table.`, {
    next: 'Name its schema in --schemas, take it out of ignore:, or remove the file.',
  })
}

function liveTable(table: CatalogObject, live: Catalog, { formerly }: Pick<Renamed, 'formerly'>, target: Catalog): LiveTable | null {
  const now = formerly.get(table.key) ?? table.key
  if (!live.objects.has(now)) return null
  const last = (key: string) => idOf(key).path.at(-1) ?? ''
  const columns = childrenOf(table, target).map(({ key }) => [last(key), last(formerly.get(key) ?? key)] as const)
  return { path: idOf(now).path, columns: new Map(columns) }
}

function childrenOf({ key }: CatalogObject, catalog: Catalog): CatalogObject[] {
  return [...catalog.objects.values()].filter(({ parent }) => parent === key)
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
