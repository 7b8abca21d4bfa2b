import type { Catalog, CatalogObject } from '../catalog/catalog.js'
import type { Probe } from '../diff/steps.js'
import { DatabaseError } from '../postgres/database-error.js'
import type { Session } from '../postgres/session.js'
import { quoteIdentifier, quoteName } from '../sql/quote.js'
import { ask } from './preflight.js'
import { type Above, ancestors, partitionConditions } from './row-families.js'
import { asReplica, tieRows } from './row-ties.js'
import { type ColumnRow, type Condition, columnsOf, combinations, conditionOf, sample, TRIES } from './row-values.js'

export interface SeededRows {
  readonly inserted: { readonly [table: string]: number }
  readonly caveats: readonly string[]
  /** The tables that have a row, each with what it inherits from or is a partition of. */
  readonly tables: readonly SeededTable[]
}

export interface SeededTable {
  readonly key: string
  /** Quoted, as those above it are. */
  readonly name: string
  readonly above: readonly string[]
}

export interface Seeding {
  /** Default: all that rows can be put into. */
  readonly tables?: readonly CatalogObject[]
  /** Of rows that are put in, these are to find none: real ones in their way are told before a plan is applied. */
  readonly probes?: readonly Probe[]
}

/**
 * Puts one synthetic row into every table of the replica, triggers aside, each with the same values as far as its constraints let it,
 * so that most foreign keys hold; then it is seen to that all do. A table whose conditions no simple value meets stays empty, and the
 * plan says so.
 */
export async function seedRows(
  session: Session,
  replica: Catalog,
  { tables = seedable(replica), probes = [] }: Seeding = {},
): Promise<SeededRows> {
  const above = await ancestors(session)
  const { chosen, left } = sampled(tables, above)
  const why = new Map<string, string>()
  const rows: Row[] = []
  for (const table of chosen) {
    const row = await rowOf(session, table, above)
    if (await put(session, row, [])) rows.push(row)
    else why.set(row.name, 'no simple value satisfies its constraints')
  }
  const tie = async () => {
    for (const name of await tieRows(session)) why.set(name, 'its row would refer to none')
  }
  await tie()
  if (await exchange(session, rows, probes)) {
    await tie()
    for (const name of await clear(session, rows, probes)) why.set(name, 'no simple value is as the plan asks rows to be')
    await tie()
  }
  const seeded = await nonEmpty(session, rows)
  const caveats = [...why].filter(([name]) => !seeded.some((row) => row.name === name))
  return {
    inserted: Object.fromEntries(seeded.map(({ path }) => [path.join('.'), 1])),
    caveats: [...left, ...caveats.map(([name, reason]) => `rehearsed without rows in ${name}: ${reason}`)],
    tables: seeded.map(({ key, name, above }) => ({ key, name, above })),
  }
}

/** Tables with rows of their own. */
export function seedable(replica: Catalog): CatalogObject[] {
  return [...replica.objects.values()].filter((object) => object.definition.partitionKey === null)
}

/** So many partitions of one table tell what more would. */
const MOST_PARTITIONS = 16

function sampled(
  tables: readonly CatalogObject[],
  above: ReadonlyMap<string, Above>,
): { readonly chosen: readonly CatalogObject[]; readonly left: readonly string[] } {
  const counts = new Map<string, number>()
  const chosen = tables.filter(({ id }) => {
    const root = above.get(quoteName(...id.path))?.root ?? null
    if (root === null) return true
    counts.set(root, (counts.get(root) ?? 0) + 1)
    return (counts.get(root) ?? 0) <= MOST_PARTITIONS
  })
  const left = [...counts].filter(([, count]) => count > MOST_PARTITIONS)
  return { chosen, left: left.map(([root, count]) => `rehearsed with rows in ${MOST_PARTITIONS} of ${count} partitions of ${root}`) }
}

interface Row extends SeededTable {
  readonly path: readonly string[]
  /** That are given a value. */
  readonly columns: readonly ColumnRow[]
  readonly conditions: readonly Condition[]
}

async function rowOf(session: Session, { key, id: { path } }: CatalogObject, above: ReadonlyMap<string, Above>): Promise<Row> {
  const name = quoteName(...path)
  const columns = (await columnsOf(session, path)).filter((column) => !column.filled)
  const bounds = above.get(name)?.root ? await partitionConditions(session, path, columns) : []
  return { key, name, path, above: above.get(name)?.names ?? [], columns, conditions: [...(await checksOf(session, path)), ...bounds] }
}

/** Those of the table, and those of the domains of its columns. */
function checksOf(session: Session, path: readonly string[]): Promise<Condition[]> {
  return session.query<Condition>(
    `select k.conname::text as name, pg_catalog.pg_get_constraintdef(k.oid) as text,
            array(select a.attname from pg_catalog.pg_attribute a
                  where a.attrelid = $1::pg_catalog.regclass and a.attnum > 0
                    and (a.attnum = any (k.conkey) or a.atttypid = k.contypid))::text[] as columns
     from pg_catalog.pg_constraint k
     where k.contype = 'c' and (k.conrelid = $1::pg_catalog.regclass
       or k.contypid in (select a.atttypid from pg_catalog.pg_attribute a where a.attrelid = $1::pg_catalog.regclass and a.atttypid > 0))
     order by 1`,
    [quoteName(...path)],
  )
}

/** Gives the table its row, in place of the one that it has, with all columns or with those that must be; false where none is taken. */
async function put(session: Session, row: Row, probes: readonly Probe[]): Promise<boolean> {
  const full = row.columns.map((column) => sample(column) ?? (column.notNull ? "''" : 'null'))
  const sparse = row.columns.map((column, i) => (column.notNull ? (full[i] ?? 'null') : 'null'))
  const conditions = [...row.conditions, ...probes.map(({ query }) => conditionOf(query, rowsOf(query), row.columns))]
  for (const values of [full, sparse]) if (await search(session, { ...row, conditions }, values, probes)) return true
  return false
}

/** What stands before counts and names the rows. */
function rowsOf(query: string): string {
  return query.slice(query.indexOf(' from ', query.indexOf(' as label')))
}

/** Tries other values for the columns of the condition that refuses the row. */
async function search(session: Session, row: Row, first: readonly string[], probes: readonly Probe[]): Promise<boolean> {
  const values = [...first]
  const searches = new Map<string, ReturnType<typeof combinations>>()
  let asking: string | undefined
  for (let tries = 0; tries < TRIES; tries++) {
    const refused = await tryInsert(session, row, insertOf(row, values), probes)
    if (refused === null) return true
    // A value that its type does not take was one of those tried for the condition before.
    const condition = row.conditions.find(({ name }) => name === (refused === NO_VALUE ? asking : refused))
    if (!condition) return false
    asking = condition.name
    const combination = searches.get(asking) ?? combinations(row.columns, condition)
    searches.set(asking, combination)
    const next = combination.next()
    if (next.done) return false
    for (const [index, value] of next.value) values[index] = value
  }
  return false
}

function insertOf({ name, columns }: Row, values: readonly string[]): string {
  return columns.length === 0
    ? `insert into ${name} default values`
    : `insert into ${name} (${columns.map((c) => quoteIdentifier(c.name)).join(', ')}) values (${values.join(', ')})`
}

/** The row was refused by no condition that has a name here. */
const NO_VALUE = Symbol('no value')

/** Null where the row is there and no probe finds it, else the name of the condition that refused it. */
async function tryInsert(
  session: Session,
  { name }: Row,
  insert: string,
  probes: readonly Probe[],
): Promise<string | typeof NO_VALUE | null> {
  const instead = probes.length > 0 ? `delete from only ${name}; ` : ''
  await session.execute('begin')
  let refused: string | typeof NO_VALUE | null = null
  try {
    await session.execute(`set local session_replication_role = replica; ${instead}${insert}`)
    for (const { query } of probes) if (refused === null && (await finds(session, query, 'savepoint'))) refused = query
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error
    // PostgreSQL gives the bounds of a partition no name.
    refused = error.code === CHECK_VIOLATION ? (error.constraint ?? '') : NO_VALUE
  }
  await session.execute(refused === null ? 'commit' : 'rollback')
  return refused
}

const CHECK_VIOLATION = '23514'

async function finds(session: Session, query: string, inside?: 'savepoint'): Promise<number> {
  const answer = await ask(session, query, inside)
  return answer === null || answer === 'no question' ? 0 : answer.count
}

/** Rows that the probes find are exchanged for others, where there are some that none of them finds. Were there any? */
async function exchange(session: Session, rows: readonly Row[], probes: readonly Probe[]): Promise<boolean> {
  let any = false
  for (const probe of probes) {
    const found = await finds(session, probe.query)
    any ||= found > 0
    if (found === 0) continue
    for (const row of concerned(rows, probe)) {
      if (!(await isFound(session, row, probe, found))) continue
      await put(
        session,
        row,
        probes.filter((one) => concerned([row], one).length > 0),
      )
    }
  }
  return any
}

function concerned(rows: readonly Row[], { query }: Probe): Row[] {
  return rows.filter(({ name, above }) => [name, ...above].some((one) => query.includes(one)))
}

/** Would it find fewer without the row of this table? */
async function isFound(session: Session, { name }: Row, { query }: Probe, found: number): Promise<boolean> {
  await session.execute('begin')
  try {
    await session.execute(`set local session_replication_role = replica; delete from only ${name}`)
    return (await finds(session, query, 'savepoint')) < found
  } catch (error) {
    // Published without an identity, it lets no row go: the row stays as it is.
    if (error instanceof DatabaseError) return false
    throw error
  } finally {
    await session.execute('rollback')
  }
}

/** Takes out the rows that probes still find, and names their tables. */
async function clear(session: Session, rows: readonly Row[], probes: readonly Probe[]): Promise<string[]> {
  const cleared: string[] = []
  for (const probe of probes) {
    const found = await finds(session, probe.query)
    if (found === 0) continue
    for (const row of concerned(rows, probe))
      if ((await isFound(session, row, probe, found)) && (await asReplica(session, `delete from only ${row.name}`))) cleared.push(row.name)
  }
  return cleared
}

async function nonEmpty(session: Session, rows: readonly Row[]): Promise<Row[]> {
  if (rows.length === 0) return []
  const questions = rows.map(({ name }, i) => `select ${i} as i where exists (select from only ${name})`)
  const found = new Set((await session.query<{ i: number }>(questions.join('\nunion all '))).map(({ i }) => i))
  return rows.filter((_row, i) => found.has(i))
}
