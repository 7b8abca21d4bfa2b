import { quoteIdentifier, quoteName } from '../sql/quote.js'
import { kind, NOT_SYSTEM } from './kind.js'
import { alterOptions, optionColumns, optionsOf, storageWord } from './options.js'

type ViewColumn = {
  readonly statistics: number | null
  readonly storage: string | null
  readonly compression: string | null
  readonly options: readonly string[]
  /** What its storage is where nobody set one: SET STORAGE DEFAULT is of 16. Null from there on. */
  readonly typeStorage: string | null
}

/** A column of a view or materialized view: made by the query, with comments, grants and settings of its own. */
export const viewColumn = kind<ViewColumn>({
  name: 'view column',
  query: (major) => `
    select 'pg_catalog.pg_class'::pg_catalog.regclass::oid as classid, c.oid, a.attnum as subid,
           array[n.nspname, c.relname, a.attname]::text[] as path,
           'pg_catalog.pg_class'::pg_catalog.regclass::oid as parentclassid, c.oid as parentoid, 0 as parentsubid,
           a.attnum as position,
           nullif(a.attstattarget, -1) as statistics,
           case when c.relkind = 'm' and a.attstorage <> t.typstorage then ${storageWord('a.attstorage')} end as storage,
           ${major >= 16 ? 'null' : storageWord('t.typstorage')} as "typeStorage",
           case when c.relkind = 'm' then case a.attcompression when 'p' then 'pglz' when 'l' then 'lz4' end end as compression,
           ${optionColumns('a.attoptions')}
    from pg_catalog.pg_attribute a
    join pg_catalog.pg_class c on c.oid = a.attrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_type t on t.oid = a.atttypid
    where a.attnum > 0 and not a.attisdropped and c.relkind in ('v', 'm') and c.relpersistence <> 't' and ${NOT_SYSTEM}`,
  target: (id) => `column ${quoteName(...id.path)}`,
  create: () => [],
  inline: () => null,
  finish: (object) => {
    const { storage, statistics, compression } = object.definition
    return [
      ...(storage === null ? [] : [`${alter(object.id.path)} set storage ${storage}`]),
      ...(compression === null ? [] : [`${alter(object.id.path)} set compression ${compression}`]),
      ...(statistics === null ? [] : [`${alter(object.id.path)} set statistics ${statistics}`]),
      ...alterOptions(alter(object.id.path), optionsOf(object), []),
    ]
  },
  drop: () => [],
  alter: {
    storage: (after) => `${alter(after.id.path)} set storage ${after.definition.storage ?? after.definition.typeStorage ?? 'default'}`,
    typeStorage: () => [],
    compression: (after) => `${alter(after.id.path)} set compression ${after.definition.compression ?? 'default'}`,
    statistics: (after) => `${alter(after.id.path)} set statistics ${after.definition.statistics ?? -1}`,
    options: (after, before) => alterOptions(alter(after.id.path), optionsOf(after), optionsOf(before)),
  },
  impact: () => ({}),
})

function alter(path: readonly string[]): string {
  return `alter materialized view ${quoteName(...path.slice(0, 2))} alter column ${quoteIdentifier(path[2] ?? '')}`
}
