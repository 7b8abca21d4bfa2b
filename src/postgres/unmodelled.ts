import type { Unmodelled } from '../catalog/catalog.js'
import { OWN } from '../kinds/kind.js'
import type { Session } from './session.js'

export type Address = readonly [classid: number, oid: number, subid: number]

/** What no kind claims; or what stands on it, which is then `what` (a grant on a function of the system). */
export interface Stray {
  readonly address: Address
  readonly what: string | null
  readonly needs: Set<string>
}

/** Names what no kind claims; what vanished meanwhile and toast tables of our own making are left out. */
export async function describeUnmodelled(session: Session, strays: readonly Stray[]): Promise<Unmodelled[]> {
  if (strays.length === 0) return []
  const rows = await session.query<{ i: number; description: string | null }>(
    `select a.i::int as i, pg_catalog.pg_describe_object(a.c::oid, a.o::oid, a.s) as description
     from unnest($1::int8[], $2::int8[], $3::int4[]) with ordinality as a(c, o, s, i)
     left join pg_catalog.pg_class r on a.c = 'pg_catalog.pg_class'::pg_catalog.regclass::int8 and r.oid::int8 = a.o
     left join pg_catalog.pg_constraint k on a.c = 'pg_catalog.pg_constraint'::pg_catalog.regclass::int8 and k.oid::int8 = a.o
     left join pg_catalog.pg_namespace n
       on n.oid = coalesce(r.relnamespace, k.connamespace) or (a.c = 'pg_catalog.pg_namespace'::pg_catalog.regclass::int8 and n.oid::int8 = a.o)
     -- 18 has NOT NULL also as a constraint: it is an attribute of its column.
     where k.contype is distinct from 'n' and coalesce(n.nspname not in ('pg_toast', ${OWN}), true)`,
    [strays.map((s) => s.address[0]), strays.map((s) => s.address[1]), strays.map((s) => s.address[2])],
  )
  return rows
    .filter((row) => row.description !== null)
    .map((row) => ({ stray: strays[row.i - 1], description: row.description ?? '' }))
    .map(({ stray, description }) => ({
      description: stray?.what ? `${stray.what} on ${description}` : description,
      needs: [...(stray?.needs ?? [])].sort(),
    }))
    .sort((a, b) => (a.description < b.description ? -1 : 1))
}
