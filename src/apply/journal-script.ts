import { JOURNAL_COMMENT } from '../kinds/kind.js'
import type { Plan } from '../plan/plan.js'
import { formatPlan } from '../plan/plan-file.js'
import { quoteLiteral } from '../sql/quote.js'
import type { Entry } from './journal.js'
import { JOURNAL_TABLES, noting, saving } from './journal-tables.js'
import { SEGMENT } from './lock.js'

/*
 * What `apply` and `revert` do to the journal, as SQL for psql. One thing psql cannot record: the state that the plan left, for
 * drift; an empty snapshot says so.
 */

const BY = 'session_user'
const HOST = `coalesce(pg_catalog.host(pg_catalog.inet_client_addr()), 'local socket')`

/** Makes the journal where there is none. Fails where it is kept otherwise. */
export const OPEN = `begin;
set local client_min_messages = warning;
do $$ begin
  if exists (select from pg_catalog.pg_description where classoid = 'pg_catalog.pg_largeobject'::pg_catalog.regclass and description = ${quoteLiteral(JOURNAL_COMMENT)}) then
    raise exception 'The journal of this database is a large object, which psql cannot write: run schemactl apply.';
  end if;
end $$;
${JOURNAL_TABLES.trim()};
commit;`

/** Fails unless so many segments of the plan stand, its parent is in force, and nobody else works on the database. */
export function guard({ id, parent }: Plan, standing: number, direction: 'up' | 'down'): string {
  const inForce = `status in ('applied', 'stamped')`
  const parentThere =
    parent === null || direction === 'down'
      ? ''
      : `
  if not exists (select from schemactl.plan where id = ${quoteLiteral(parent)} and ${inForce}) then
    raise exception ${quoteLiteral(`${id} follows ${parent}, which is not applied here.`.replaceAll('%', '%%'))};
  end if;`
  const children =
    direction === 'up'
      ? ''
      : `
  if exists (select from schemactl.plan where parent = ${quoteLiteral(id)} and ${inForce}) then
    raise exception ${quoteLiteral(`Plans that follow ${id} are applied: they are reverted first.`.replaceAll('%', '%%'))};
  end if;`
  return `do $$ begin
  if not pg_catalog.pg_try_advisory_xact_lock(${SEGMENT}) then
    raise exception 'Another schemactl is at work on this database.';
  end if;${parentThere}${children}
  if coalesce((select segments_done from schemactl.plan where id = ${quoteLiteral(id)}), 0) <> ${standing} then
    raise exception ${quoteLiteral(`${id} does not stand where this part of the script begins: schemactl status tells where.`.replaceAll('%', '%%'))};
  end if;
end $$;`
}

export function record(plan: Plan, status: Entry['status'], segmentsDone: number): string {
  const { id, title, digest, parent, segments, tool } = plan
  const values = [
    ...[id, title, digest].map(quoteLiteral),
    parent === null ? 'null' : quoteLiteral(parent),
    quoteLiteral(formatPlan(plan)),
    quoteLiteral(status),
    String(segmentsDone),
    String(segments.length),
    BY,
    HOST,
    quoteLiteral(tool),
    'null',
  ]
  return `${saving(values)};`
}

export function note({ id }: Plan, action: 'apply' | 'revert', segment: number, outcome: string): string {
  return `${noting([quoteLiteral(id), quoteLiteral(action), String(segment), quoteLiteral(outcome), BY, HOST, 'null'])};`
}

/** What was agreed: not known after the way up; after the way back, what the plan before it left. */
export function forgetState({ id, parent }: Plan, direction: 'up' | 'down'): string {
  const left =
    direction === 'up' || parent === null ? "''" : `coalesce((select snapshot from schemactl.plan where id = ${quoteLiteral(parent)}), '')`
  return `update schemactl.plan set snapshot = ${left} where id = ${quoteLiteral(id)};`
}
