import { equal } from '../catalog/canonical.js'
import type { Catalog, CatalogObject } from '../catalog/catalog.js'
import { UserError } from '../errors.js'
import type { RowText, WantedRows } from '../postgres/load-rows.js'
import type { Session } from '../postgres/session.js'
import type { Shadow } from '../postgres/shadow.js'
import { childrenOf, liveTable, tableOf } from './declared-table.js'
import { changesAfterPending, isLedElsewhere, ledTable, type Pending } from './pending-rows.js'
import { referrersOf } from './referrers.js'
import { type RowRehearsal, rehearseRows } from './rehearse-rows.js'
import type { Proof } from './rehearsing.js'
import type { Renamed } from './renames.js'
import { isEmpty, type RowChanges, rowChanges } from './row-changes.js'
import { NO_PROBES, type RowProbes, rowProbes } from './row-probes.js'
import { actingOn, type RowTable, rowSteps } from './row-steps.js'

export interface RowsAsked {
  readonly session: Session
  readonly rows: readonly WantedRows[]
  /** The live database before renames. */
  readonly live: Catalog
  readonly renamed: Pick<Renamed, 'formerly'>
  readonly target: Catalog
  readonly pending: Pending | null
}

/** What there is to do to the rows of each table that files declare rows of; tables with nothing to do are left out. */
export async function rowsToChange({ session, rows, live, renamed, target, pending }: RowsAsked): Promise<RowChanges[]> {
  const tables = rows.map((wanted) => ledTable(wanted, target, pending?.plans ?? []))
  const later =
    pending === null
      ? new Map<string, RowChanges>()
      : await changesAfterPending(tables.filter(isLedElsewhere), { session, live, renamed, target, pending })
  const found: RowChanges[] = []
  for (const { wanted, table, led } of tables) {
    const changes = led === null ? await rowChanges(session, wanted, liveTable(table, live, renamed, target)) : later.get(table.key)
    if (changes && !isEmpty(changes)) found.push(changes)
  }
  return found
}

/** Rows that cannot be inserted one after the other, and whose foreign keys do not wait. Parents come first where that is possible. */
export function refuseCircles(changes: readonly RowChanges[]): void {
  changes.forEach(({ wanted, inserts, updates }, i) => {
    for (const { constraint, columns, parent, parentColumns, deferrable } of wanted.references) {
      const later = deferrable ? -1 : changes.findIndex((change) => equal(change.wanted.table, parent))
      if (later <= i) continue
      const textOf = (row: RowText, names: readonly string[]) => JSON.stringify(names.map((name) => row[name] ?? null))
      const coming = new Set(changes[later]?.inserts.map((row) => textOf(row, parentColumns)))
      if (![...inserts, ...updates.map(({ after }) => after)].some((row) => coming.has(textOf(row, columns)))) continue
      throw new UserError(
        'rows-in-a-circle',
        `${wanted.source}: rows of ${wanted.table.join('.')} refer to rows of ${parent.join('.')} that are to be inserted, and these to those: constraint ${constraint} takes neither first.`,
        { next: `Make ${constraint} deferrable in the schema files, or leave ${columns.join(', ')} out of these rows.` },
      )
    }
  })
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
  refuseCircles(changes)
  const { target } = rest
  const known = changes.map((change) => ({ change, table: rowTable(change, target, probes(change)) }))
  const steps = rowSteps(known)
  const shadow = await open()
  try {
    // What a step asks of other tables must be there to be asked.
    const tables = known.flatMap(({ change, table }) => [
      tableOf(change.wanted, target).key,
      ...actingOn(table).map(({ child }) => child.key),
    ])
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

/** What steps on these rows are about, lock, and mind. */
export function rowTable({ wanted }: RowChanges, target: Catalog, probes: RowProbes = NO_PROBES): RowTable {
  const table = tableOf(wanted, target)
  const names = new Set(wanted.columns.map(({ name }) => name))
  const columns = childrenOf(table, target).filter(({ id, definition }) => 'type' in definition && names.has(id.path.at(-1) ?? ''))
  return {
    objects: [table.key, ...columns.map(({ key }) => key).sort()],
    impact: { lock: 'ROW EXCLUSIVE', on: table.id },
    referrers: referrersOf(table, target),
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
