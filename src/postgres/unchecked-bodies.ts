import type { Statement } from '../source/statement.js'
import { attempt } from './attempt.js'
import type { LoadWarning } from './load.js'
import type { Session } from './session.js'

/** A routine that was made without a look at its body. */
export interface Unchecked {
  readonly statement: Statement
  readonly name: string
  /** The call by which its language looks at its body; null: its language does not. */
  readonly check: string | null
}

/** The routine that was made last, by this statement. */
export async function uncheckedRoutine(session: Session, statement: Statement): Promise<Unchecked> {
  const [row] = await session.query<{ name: string; check: string | null }>(
    `select pg_catalog.format('%s %s', case p.prokind when 'p' then 'procedure' else 'function' end, p.oid::pg_catalog.regprocedure) as name,
            case when l.lanvalidator <> 0 then pg_catalog.format('select %s(%s)', l.lanvalidator::pg_catalog.regproc, p.oid) end as check
     from pg_catalog.pg_proc p join pg_catalog.pg_language l on l.oid = p.prolang
     order by pg_catalog.age(p.xmin) limit 1`,
  )
  return { statement, name: row?.name ?? 'this routine', check: row?.check ?? null }
}

/** Bodies that name what does not exist, now that all is there. */
export async function bodyWarnings(session: Session, unchecked: readonly Unchecked[], start: string): Promise<LoadWarning[]> {
  const warnings: LoadWarning[] = []
  for (const { statement, name, check } of unchecked) {
    if (check === null) continue
    const error = await attempt(session, ['reset all', start, check])
    if (error) warnings.push({ statement, message: `the body of ${name} could not be checked: ${error.message}` })
  }
  return warnings
}
