import { quoteIdentifier, quoteName } from '../sql/quote.js'
import { kind, NOT_SYSTEM } from './kind.js'
import { alterOptions, optionColumns, optionsOf, withOptions } from './options.js'

type MaterializedView = {
  readonly query: string
  readonly options: readonly string[]
  readonly accessMethod: string
  readonly tablespace: string | null
  readonly populated: boolean
}

/** Its rows come from its query: it may be dropped and created again, and is filled then if it was filled before. */
export const materializedView = kind<MaterializedView>({
  name: 'materialized view',
  query: `
    select 'pg_catalog.pg_class'::pg_catalog.regclass::oid as classid, c.oid, 0 as subid,
           array[n.nspname, c.relname]::text[] as path,
           pg_catalog.rtrim(pg_catalog.pg_get_viewdef(c.oid), ';') as query,
           ${optionColumns(`(coalesce(c.reloptions, '{}') || array(select 'toast.' || x from pg_catalog.unnest(t.reloptions) with ordinality u(x, i) order by i))`)},
           a.amname::text as "accessMethod",
           s.spcname::text as tablespace,
           c.relispopulated as populated
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_am a on a.oid = c.relam
    left join pg_catalog.pg_class t on t.oid = c.reltoastrelid
    left join pg_catalog.pg_tablespace s on s.oid = c.reltablespace
    where c.relkind = 'm' and ${NOT_SYSTEM}`,
  target: (id) => `materialized view ${quoteName(...id.path)}`,
  rename: (id, newName) => `alter materialized view ${quoteName(...id.path)} rename to ${quoteIdentifier(newName)}`,
  create: (object) => {
    const d = object.definition
    return [
      `create materialized view ${quoteName(...object.id.path)}`,
      d.accessMethod === 'heap' ? '' : ` using ${quoteName(d.accessMethod)}`,
      withOptions(optionsOf(object)),
      d.tablespace === null ? '' : ` tablespace ${quoteName(d.tablespace)}`,
      ` as\n${d.query}`,
      d.populated ? '' : '\nwith no data',
    ].join('')
  },
  // It holds rows as they were when it was filled.
  halfway: (before) => before?.definition ?? null,
  alter: {
    query: 'recreate',
    accessMethod: (after) =>
      `alter materialized view ${quoteName(...after.id.path)} set access method ${quoteName(after.definition.accessMethod)}`,
    tablespace: (after) =>
      `alter materialized view ${quoteName(...after.id.path)} set tablespace ${quoteName(after.definition.tablespace ?? 'pg_default')}`,
    options: (after, before) => alterOptions(`alter materialized view ${quoteName(...after.id.path)}`, optionsOf(after), optionsOf(before)),
    populated: (after, before) =>
      after.definition.query === before.definition.query
        ? `refresh materialized view ${quoteName(...after.id.path)}${after.definition.populated ? '' : ' with no data'}`
        : [],
  },
  reads: true,
  whenStated: ['tablespace'],
  occupies: (object) => [`relation ${quoteName(...object.id.path)}`, `type ${quoteName(...object.id.path)}`],
  impact: (operation, before, after) =>
    operation === 'create'
      ? after?.definition.populated
        ? { work: 'scan' }
        : {}
      : {
          lock: 'ACCESS EXCLUSIVE',
          ...(before && after && before.definition.populated !== after.definition.populated ? { work: 'rewrite' as const } : {}),
        },
})
