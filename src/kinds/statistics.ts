import { quoteName } from '../sql/quote.js'
import { kind, NOT_SYSTEM } from './kind.js'

type Statistics = {
  /** pg_get_statisticsobjdef(): the whole statement. */
  readonly text: string
  /** Null: default_statistics_target decides. */
  readonly target: number | null
}

export const statistics = kind<Statistics>({
  name: 'statistics',
  query: `
    select 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass::oid as classid, s.oid, 0 as subid,
           array[n.nspname, s.stxname]::text[] as path,
           'pg_catalog.pg_class'::pg_catalog.regclass::oid as parentclassid, s.stxrelid as parentoid, 0 as parentsubid,
           pg_catalog.pg_get_statisticsobjdef(s.oid) as text,
           nullif(s.stxstattarget, -1) as target
    from pg_catalog.pg_statistic_ext s
    join pg_catalog.pg_namespace n on n.oid = s.stxnamespace
    where ${NOT_SYSTEM}`,
  target: (id) => `statistics ${quoteName(...id.path)}`,
  create: (object) => object.definition.text,
  finish: (object) =>
    object.definition.target === null ? [] : `alter statistics ${quoteName(...object.id.path)} set statistics ${object.definition.target}`,
  // -1 is the word for the default up to 16 and still understood after.
  alter: {
    text: 'recreate',
    target: (after) => `alter statistics ${quoteName(...after.id.path)} set statistics ${after.definition.target ?? -1}`,
  },
  impact: () => ({ lock: 'SHARE UPDATE EXCLUSIVE' }),
})
