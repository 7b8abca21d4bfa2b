import { idOf, keyOf, type ObjectId } from '../catalog/id.js'
import type { Plan, PlanStep } from '../plan/plan.js'
import type { Session } from '../postgres/session.js'

/** What a step locks: what `on` says, or the object that it is about; null where it locks nothing. */
export function lockedBy({ impact, objects }: PlanStep): ObjectId | null {
  if (impact.lock === undefined) return null
  return impact.on ?? (objects[0] === undefined ? null : idOf(objects[0]))
}

/** With what it locks besides. */
export function allLockedBy(step: PlanStep): ObjectId[] {
  const own = lockedBy(step)
  return [...(own === null ? [] : [own]), ...(step.impact.also ?? []).map(({ on }) => on)]
}

type Estimate = NonNullable<PlanStep['estimate']>

/** The plan with the rows and bytes, in the live database, of each table that a step locks. */
export async function withEstimates(session: Session, plan: Plan): Promise<Plan> {
  const ids = plan.segments.flatMap(({ steps }) => steps.flatMap((step) => lockedBy(step) ?? []))
  const sizes = await sizesOf(
    session,
    ids.filter(({ path }) => path.length === 2),
  )
  const estimated = (step: PlanStep): PlanStep => {
    const locked = lockedBy(step)
    const estimate = locked === null ? undefined : sizes.get(keyOf({ kind: '', path: locked.path }))
    return estimate === undefined ? step : { ...step, estimate }
  }
  return { ...plan, segments: plan.segments.map((segment) => ({ ...segment, steps: segment.steps.map(estimated) })) }
}

/** Rows as ANALYZE or the statistics collector last counted them, with those of partitions and heirs: no table is read for this. */
async function sizesOf(session: Session, ids: readonly ObjectId[]): Promise<Map<string, Estimate>> {
  if (ids.length === 0) return new Map()
  const rows = await session.query<{ schema: string; name: string; rows: number; bytes: number }>(
    `with recursive part as (
       select w.schema, w.name, c.oid
       from unnest($1::text[], $2::text[]) w(schema, name)
       join pg_catalog.pg_namespace n on n.nspname = w.schema
       join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.name
       where c.relkind in ('r', 'm', 'p')
       union
       select part.schema, part.name, h.inhrelid from part join pg_catalog.pg_inherits h on h.inhparent = part.oid
     )
     select part.schema, part.name, sum(pg_catalog.pg_table_size(c.oid))::float8 as bytes,
            -- A partitioned table counts its partitions' rows once more.
            coalesce(sum(coalesce(case when c.reltuples >= 0 then c.reltuples end, pg_catalog.pg_stat_get_live_tuples(c.oid), 0))
              filter (where c.relkind <> 'p'), 0)::float8 as rows
     from part join pg_catalog.pg_class c on c.oid = part.oid
     where c.relkind in ('r', 'm', 'p')
     group by 1, 2`,
    [ids.map(({ path }) => path[0]), ids.map(({ path }) => path[1])],
  )
  return new Map(
    rows.map(({ schema, name, rows: count, bytes }) => [keyOf({ kind: '', path: [schema, name] }), { rows: Math.round(count), bytes }]),
  )
}
