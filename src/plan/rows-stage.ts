import type { Catalog, CatalogObject } from '../catalog/catalog.js'
import { idOf } from '../catalog/id.js'
import type { Step } from '../diff/steps.js'
import { UserError } from '../errors.js'
import type { WantedRows } from '../postgres/load-rows.js'
import type { Session } from '../postgres/session.js'
import type { Shadow } from '../postgres/shadow.js'
import type { Plan } from './plan.js'
import { type RowRehearsal, rehearseRows } from './rehearse-rows.js'
import type { Proof } from './rehearsing.js'
import type { Renamed } from './renames.js'
import { isEmpty, type LiveTable, type RowChanges, rowChanges, rowsDigest } from './row-changes.js'
import { rowSteps } from './row-steps.js'

export interface RowsAsked {
  readonly session: Session
  readonly rows: readonly WantedRows[]
  /** The live database before renames. */
  readonly live: Catalog
  readonly renamed: Pick<Renamed, 'formerly'>
  readonly target: Catalog
  /** Plans that come before: what they do to rows is not there to be seen yet. */
  readonly pending: readonly Plan[]
}

/** What there is to do to the rows of each table that files declare rows of; tables with nothing to do are left out. */
export async function rowsToChange({ session, rows, live, renamed, target, pending }: RowsAsked): Promise<RowChanges[]> {
  const found: RowChanges[] = []
  for (const wanted of rows) {
    const table = tableOf(wanted, target)
    const led = ledTo(table.key, pending)
    if (led !== null && led.wanted !== rowsDigest(wanted)) throw pendingRows(wanted, led.plan)
    if (led === null) found.push(await rowChanges(session, wanted, liveTable(table, live, renamed, target)))
  }
  return found.filter((changes) => !isEmpty(changes))
}

/** Do these plans lead to the declared rows? */
export async function rowsCovered(asked: RowsAsked): Promise<boolean> {
  const ledElsewhere = asked.rows.some((wanted) => {
    const led = ledTo(tableOf(wanted, asked.target).key, asked.pending)
    return led !== null && led.wanted !== rowsDigest(wanted)
  })
  return !ledElsewhere && (await rowsToChange(asked)).length === 0
}

/** The proof with one leg more: the rows, after all else. */
export async function withRowsChanged(
  proof: Proof,
  changes: readonly RowChanges[],
  { open, ...rest }: Omit<RowRehearsal, 'shadow' | 'tables'> & { readonly open: () => Promise<Shadow> },
): Promise<Proof> {
  if (changes.length === 0) return proof
  const { target } = rest
  const steps = rowSteps(changes, (wanted) => objectsOf(wanted, target))
  const shadow = await open()
  try {
    const tables = changes.map(({ wanted }) => tableOf(wanted, target).key)
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

/** What a step on the rows of a table is about, and locks. */
export function objectsOf(wanted: WantedRows, target: Catalog): Pick<Step, 'objects' | 'impact'> {
  const table = tableOf(wanted, target)
  const names = new Set(wanted.columns.map(({ name }) => name))
  const columns = childrenOf(table, target).filter(({ id, definition }) => 'type' in definition && names.has(id.path.at(-1) ?? ''))
  return { objects: [table.key, ...columns.map(({ key }) => key).sort()], impact: { lock: 'ROW EXCLUSIVE', on: table.id } }
}

export function tableOf({ table, source }: WantedRows, target: Catalog): CatalogObject {
  const found = [...target.objects.values()].find(
    ({ id, definition }) => 'partitionKey' in definition && id.path.length === 2 && id.path.every((name, i) => name === table[i]),
  )
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

function pendingRows({ table }: WantedRows, plan: string): UserError {
  return new UserError(
    'pending-rows',
    `${plan}, which is not applied yet, changes rows of ${table.join('.')}, and the files declare others by now.`,
    {
      next: `schemactl apply ${plan}; or delete its file, and plan again.`,
    },
  )
}
