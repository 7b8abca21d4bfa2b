import type { Session } from '../postgres/session.js'

/** Somebody who holds a lock on a table that a plan is about to lock, and may hold it for long. */
export interface Bystander {
  /** `process 123 (app, psql, idle in transaction for 00:05:11)`, or the name of a prepared transaction. */
  readonly who: string
  /** `AccessShareLock on public.documentos`. */
  readonly holds: readonly string[]
}

/** Sessions idle in a transaction, transactions that have run for a while, and prepared ones, as far as they hold locks on these tables. */
export function bystandersOf(session: Session, tables: readonly (readonly string[])[]): Promise<Bystander[]> {
  if (tables.length === 0) return Promise.resolve([])
  return session.query<Bystander>(BYSTANDERS, [tables.map(([schema]) => schema), tables.map(([, name]) => name)])
}

const BYSTANDERS = `
with recursive touched(oid) as (
  select c.oid
  from unnest($1::text[], $2::text[]) w(schema, name)
  join pg_catalog.pg_namespace n on n.nspname = w.schema
  join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.name
  union
  select h.inhrelid from touched t join pg_catalog.pg_inherits h on h.inhparent = t.oid
)
select coalesce(
         'the prepared transaction ' || p.gid || ' of ' || p.owner || ', since ' || pg_catalog.to_char(p.prepared at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'),
         pg_catalog.concat('process ', a.pid, ' (', pg_catalog.concat_ws(', ', a.usename, nullif(a.application_name, ''), a.state || ' for '
           || pg_catalog.date_trunc('second', pg_catalog.clock_timestamp() - case when a.state like 'idle%' then a.state_change else a.xact_start end)), ')')
       ) as who,
       array_agg(distinct l.mode || ' on ' || pg_catalog.format('%s.%s', n.nspname, c.relname)) as holds
from pg_catalog.pg_locks l
join touched t on t.oid = l.relation
join pg_catalog.pg_class c on c.oid = l.relation
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_stat_activity a on a.pid = l.pid
-- The locks of a prepared transaction share a virtual id with the one on its own number.
left join pg_catalog.pg_locks x on l.pid is null and x.pid is null and x.locktype = 'transactionid' and x.virtualtransaction = l.virtualtransaction
left join pg_catalog.pg_prepared_xacts p on p.transaction = x.transactionid
where l.granted and l.locktype = 'relation' and l.database = (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database())
  and l.pid is distinct from pg_catalog.pg_backend_pid()
  and (l.pid is null or a.state like 'idle in transaction%' or a.xact_start < pg_catalog.clock_timestamp() - interval '5 seconds')
group by 1 order by 1`
