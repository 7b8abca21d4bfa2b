import { DatabaseError } from '../postgres/database-error.js'
import type { Session } from '../postgres/session.js'
import { quoteIdentifier, quoteName } from '../sql/quote.js'
import { ownRows } from '../sql/rows.js'

interface Reference {
  readonly from: readonly string[]
  readonly isFromPartitioned: boolean
  readonly columns: readonly string[]
  readonly to: readonly string[]
  readonly isToPartitioned: boolean
  readonly keys: readonly string[]
}

/**
 * Sees to it that every row refers to one that is there: it is given that one's values, or goes, since no real database is so and no
 * foreign key could be made again. Returns the quoted names of tables whose rows went.
 */
export async function tieRows(session: Session): Promise<string[]> {
  const references = await session.query<Reference>(
    `select array[fn.nspname, f.relname]::text[] as from, f.relkind = 'p' as "isFromPartitioned",
            array(select a.attname from pg_catalog.unnest(k.conkey) with ordinality u(n, i)
                  join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.n order by i)::text[] as columns,
            array[tn.nspname, t.relname]::text[] as to, t.relkind = 'p' as "isToPartitioned",
            array(select a.attname from pg_catalog.unnest(k.confkey) with ordinality u(n, i)
                  join pg_catalog.pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.n order by i)::text[] as keys
     from pg_catalog.pg_constraint k
     join pg_catalog.pg_class f on f.oid = k.conrelid join pg_catalog.pg_namespace fn on fn.oid = f.relnamespace
     join pg_catalog.pg_class t on t.oid = k.confrelid join pg_catalog.pg_namespace tn on tn.oid = t.relnamespace
     where k.contype = 'f' and k.conparentid = 0 order by 1, 3, 4`,
  )
  const gone = new Set<string>()
  const tried = new Set<Reference>()
  for (let again = true; again; ) {
    again = false
    for (const reference of references) {
      if (!(await isUntied(session, reference))) continue
      // Once: two keys that share a column would take turns for ever.
      const isTied = !tried.has(reference) && (await asReplica(session, tying(reference)))
      tried.add(reference)
      const { rows, where } = untied(reference)
      if (!isTied && !(await asReplica(session, `delete from ${rows} ${where}`))) continue
      again = true
      if (!isTied) gone.add(quoteName(...reference.from))
    }
  }
  return [...gone]
}

/** The rows that refer to none, as `f`. */
function untied({ from, isFromPartitioned, columns, to, isToPartitioned, keys }: Reference): {
  readonly rows: string
  readonly where: string
} {
  const known = columns.map((name) => `f.${quoteIdentifier(name)} is not null`).join(' and ')
  const same = columns.map((name, i) => `t.${quoteIdentifier(keys[i] ?? '')} = f.${quoteIdentifier(name)}`).join(' and ')
  return {
    rows: `${ownRows(from, isFromPartitioned)} f`,
    where: `where ${known} and not exists (select from ${ownRows(to, isToPartitioned)} t where ${same})`,
  }
}

async function isUntied(session: Session, reference: Reference): Promise<boolean> {
  try {
    const { rows, where } = untied(reference)
    const found = await session.query(`select from ${rows} ${where} limit 1`)
    return found.length > 0
  } catch (error) {
    // Its types are compared by operators of its own, which this text does not find: the steps will tell.
    if (error instanceof DatabaseError) return false
    throw error
  }
}

/** The values of some row; none, where none is there and the columns may be null. */
function tying(reference: Reference): string {
  const { columns, to, isToPartitioned, keys } = reference
  const { rows, where } = untied(reference)
  const source = `select ${keys.map(quoteIdentifier).join(', ')} from ${ownRows(to, isToPartitioned)} limit 1`
  return `update ${rows} set (${columns.map(quoteIdentifier).join(', ')}) = (${source}) ${where}`
}

/** Runs it with triggers, rules and foreign keys aside; false where PostgreSQL refuses it, which changes nothing. */
export async function asReplica(session: Session, sql: string): Promise<boolean> {
  await session.execute('begin')
  try {
    await session.execute(`set local session_replication_role = replica; ${sql}`)
    await session.execute('commit')
    return true
  } catch (error) {
    await session.execute('rollback')
    if (error instanceof DatabaseError) return false
    throw error
  }
}
