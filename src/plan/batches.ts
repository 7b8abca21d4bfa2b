import { UserError } from '../errors.js'
import type { Session } from '../postgres/session.js'
import { quoteName } from '../sql/quote.js'
import { named } from './step-error.js'

export interface Batches {
  readonly title: string
  readonly statement: string
  /** Its `$1`. */
  readonly size: number
  /** Paths of the tables that it names. */
  readonly tables?: readonly (readonly string[])[]
  /** Runs one batch; may try again what only collided with other sessions. */
  readonly once?: (work: () => Promise<number>) => Promise<number>
  /** Told after each batch how many rows were changed so far. */
  readonly changed?: (rows: number) => void
}

/** Batches before anybody counts rows. */
const FREE = 100

/**
 * Runs a statement, each time committed by itself, until it changes no row. Cut short, it is begun anew, and goes on with the rows that are
 * left. Throws UserError where it must have changed rows again and again, since its tables never held so many.
 */
export async function runBatches(session: Session, batches: Batches): Promise<void> {
  const { title, statement, size, once = (work) => work(), changed = () => undefined } = batches
  let rows = 0
  let bound = FREE
  for (let count = 1; ; count++) {
    const now = await named(title, statement, () => once(() => session.change(statement, [size])))
    if (now === 0) return
    rows += now
    changed(rows)
    if (count < bound) continue
    bound = FREE + 4 * Math.ceil((await countRows(session, batches.tables ?? [])) / size)
    if (count >= bound) throw endless(batches, count, rows)
  }
}

async function countRows(session: Session, tables: readonly (readonly string[])[]): Promise<number> {
  let total = 0
  for (const path of tables) {
    const [row] = await session.query<{ count: string }>(`select count(*) from ${quoteName(...path)}`)
    total += Number(row?.count ?? 0)
  }
  return total
}

function endless({ title, statement, tables = [] }: Batches, count: number, rows: number): UserError {
  const where = tables.length === 0 ? '' : `, more than ${tables.map((path) => path.join('.')).join(' and ')} can have given it`
  return new UserError(
    'endless-batches',
    `“${title}” does not come to an end: it changed ${rows} rows in ${count} batches${where}.\n${statement}\nEach batch was committed.`,
    { next: 'Its condition must leave out the rows that it has changed: where … is null, or is distinct from the new value.' },
  )
}
