import type { Catalog } from '../catalog/catalog.js'
import { UserError } from '../errors.js'
import { PINNED_SETTINGS } from '../postgres/introspect.js'
import { insertRow, type RowText } from '../postgres/load-rows.js'
import type { Session } from '../postgres/session.js'
import type { Shadow } from '../postgres/shadow.js'
import { recordOf } from '../source/data/record.js'
import { quoteIdentifier, quoteName } from '../sql/quote.js'
import { buildPart } from './build-replica.js'
import { closure } from './replica.js'
import type { RowChanges } from './row-changes.js'
import type { RowSteps } from './row-steps.js'
import { runSegment } from './run-steps.js'
import { StepError } from './step-error.js'

export interface RowRehearsal {
  readonly shadow: Shadow
  readonly base: Catalog
  /** The state in which rows are changed: after all other steps. */
  readonly target: Catalog
  readonly searchPath: readonly string[]
  readonly tables: readonly string[]
}

/** What it could not show; what it did not bring back, null where it did. */
export interface RowProof {
  readonly caveats: readonly string[]
  readonly irreversible: string | null
}

/**
 * Changes rows there and back in a shadow that has the tables with those of their live rows that are to be updated or deleted; foreign
 * keys and triggers aside, since the tables around them have no rows there. Throws UserError where it does not arrive.
 */
export async function rehearseRows(
  { shadow, base, target, searchPath, tables }: RowRehearsal,
  changes: readonly RowChanges[],
  { up, down }: RowSteps,
): Promise<RowProof> {
  const part = closure(target, tables, [])
  await buildPart({ base, live: target, part, searchPath }, shadow)
  const { session } = shadow
  await session.execute('set session_replication_role = replica')
  const caveats: string[] = []
  for (const change of changes) {
    const problem = await fill(session, change)
    if (problem !== null)
      return { caveats: [`the rows of ${change.wanted.table.join('.')} were not rehearsed: ${problem}`], irreversible: null }
  }
  const before = await contents(session, changes)
  await run(session, up)
  for (const change of changes) await expectRows(session, change)
  try {
    await runSegment(session, down, true)
  } catch (error) {
    if (!(error instanceof StepError)) throw error
    return { caveats, irreversible: `${error.title}: ${error.cause.message}` }
  }
  const back = (await contents(session, changes)).findIndex((text, i) => text !== before[i])
  const irreversible = back === -1 ? null : `the rows of ${changes[back]?.wanted.table.join('.')} do not come back`
  return { caveats, irreversible }
}

/** The live rows that are to be changed. Why not, where the table as it will be cannot hold them. */
async function fill(session: Session, { wanted, updates, deletes }: RowChanges): Promise<string | null> {
  const rows = [...updates.map(({ live }) => live), ...deletes]
  try {
    for (const row of rows) await session.execute(insertRow(quoteName(...wanted.table), row))
    return null
  } catch (error) {
    return (error as Error).message
  }
}

async function run(session: Session, up: RowSteps['up']): Promise<void> {
  try {
    await runSegment(session, up, true)
  } catch (error) {
    if (!(error instanceof StepError)) throw error
    const { source } = up.find(({ title }) => title === error.title) ?? {}
    const file = source?.replace(/:\d+$/, '') ?? 'the data file'
    const exchanged =
      error.cause.code === UNIQUE ? '; rows that exchange a unique value take two plans, or a constraint that is deferrable' : ''
    throw new UserError(
      'plan-fails',
      `The plan was not written: in the rehearsal PostgreSQL refused “${error.title}”: ${error.cause.message}${error.cause.detail ? ` (${error.cause.detail})` : ''}`,
      { next: `Mend the rows in ${file}${exchanged}.`, cause: error.cause },
    )
  }
}

const UNIQUE = '23505'

async function expectRows(session: Session, { wanted }: RowChanges): Promise<void> {
  const columns = wanted.columns.map(({ name }) => name)
  const found = new Map((await read(session, wanted.table, columns)).map((row) => [wanted.key.map((name) => row[name]).join('\0'), row]))
  const wrong = wanted.rows.find((row) => {
    const now = found.get(wanted.key.map((name) => row[name]).join('\0'))
    return now !== undefined && Object.entries(row).some(([name, value]) => now[name] !== value)
  })
  if (wrong)
    throw new UserError(
      'not-proven',
      `The plan was not written: rehearsed, this row of ${wanted.table.join('.')} is not as declared: ${JSON.stringify(wrong)}`,
      {
        next: 'Does a generated column or a rule change it? Declare what the table then holds.',
      },
    )
}

/** All rows as one text a table. */
function contents(session: Session, changes: readonly RowChanges[]): Promise<string[]> {
  return Promise.all(
    changes.map(async ({ wanted, columns, steady }) => {
      const names = columns.filter(({ name }) => steady.has(name)).map(({ name }) => name)
      return JSON.stringify(
        (await read(session, wanted.table, names.length > 0 ? names : wanted.key)).map((row) => JSON.stringify(row)).sort(),
      )
    }),
  )
}

async function read(session: Session, table: readonly string[], columns: readonly string[]): Promise<RowText[]> {
  const list = columns.map((name) => `${quoteIdentifier(name)}::text`).join(', ')
  await session.execute(`begin; ${PINNED_SETTINGS}`)
  const rows = await session.query<{ row: (string | null)[] }>(`select array[${list}]::text[] as row from ${quoteName(...table)}`)
  await session.execute('rollback')
  return rows.map(({ row }) => recordOf(columns.map((name, i) => [name, row[i] ?? null])))
}
