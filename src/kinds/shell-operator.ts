import { kind, NOT_SYSTEM } from './kind.js'
import { operatorPath, operatorSignature } from './operator.js'

/**
 * What operators give as their commutator or negator and nobody has made. It comes with the first that names it and outlives that: its
 * schema and its types cannot go before it. One that nobody names any more could not be made again: it is found, and not modelled.
 */
export const shellOperator = kind<Record<string, never>>({
  name: 'shell operator',
  query: `
    select 'pg_catalog.pg_operator'::pg_catalog.regclass::oid as classid, o.oid, 0 as subid,
           ${operatorPath('o')} as path,
           (select pg_catalog.json_agg(pg_catalog.json_build_array('pg_catalog.pg_operator'::pg_catalog.regclass::oid::int8, namer.oid::int8, 0))
            from pg_catalog.pg_operator namer where o.oid in (namer.oprcom, namer.oprnegate)) as needs
    from pg_catalog.pg_operator o
    join pg_catalog.pg_namespace n on n.oid = o.oprnamespace
    where o.oprcode = 0 and ${NOT_SYSTEM}
      and exists (select from pg_catalog.pg_operator namer where o.oid in (namer.oprcom, namer.oprnegate))`,
  target: (id) => `operator ${operatorSignature(id)}`,
  create: () => [],
  alter: {},
  occupies: (object) => [`operator ${operatorSignature(object.id)}`],
})
