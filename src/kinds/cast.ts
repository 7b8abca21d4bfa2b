import { kind } from './kind.js'
import { functionSignature } from './qualified.js'

type Cast = {
  /** `with function f(integer)`, `without function` (binary-coercible) or `with inout`. */
  readonly method: string
  /** `as assignment`, `as implicit`; empty where only an explicit cast uses it. */
  readonly context: string
}

/** Path: source and target type. Casts that a range type brings along (to its multirange) are part of that type. */
export const cast = kind<Cast>({
  name: 'cast',
  schemaless: true,
  query: `
    select 'pg_catalog.pg_cast'::pg_catalog.regclass::oid as classid, c.oid, 0 as subid,
           array[pg_catalog.format_type(c.castsource, null), pg_catalog.format_type(c.casttarget, null)] as path,
           case c.castmethod when 'f' then 'with function ' || ${functionSignature('c.castfunc')} when 'i' then 'with inout' else 'without function' end as method,
           case c.castcontext when 'a' then 'as assignment' when 'i' then 'as implicit' else '' end as context
    from pg_catalog.pg_cast c
    where c.oid >= 16384
      and not exists (select from pg_catalog.pg_depend d where d.classid = 'pg_catalog.pg_cast'::pg_catalog.regclass and d.objid = c.oid and d.deptype = 'i')`,
  target: (id) => `cast (${id.path[0] ?? ''} as ${id.path[1] ?? ''})`,
  create: (object) =>
    `create cast (${object.id.path[0] ?? ''} as ${object.id.path[1] ?? ''}) ${[object.definition.method, object.definition.context].join(' ').trimEnd()}`,
  usedUnseen: true,
  alter: { method: 'recreate', context: 'recreate' },
})
