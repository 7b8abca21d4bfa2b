import { quoteName } from '../sql/quote.js'
import { kind, NOT_SYSTEM } from './kind.js'
import { functionName } from './qualified.js'

type TextSearchTemplate = {
  readonly init: string | null
  readonly lexize: string
}

export const textSearchTemplate = kind<TextSearchTemplate>({
  name: 'text search template',
  query: `
    select 'pg_catalog.pg_ts_template'::pg_catalog.regclass::oid as classid, t.oid, 0 as subid,
           array[n.nspname, t.tmplname]::text[] as path,
           ${functionName('t.tmplinit')} as init,
           ${functionName('t.tmpllexize')} as lexize
    from pg_catalog.pg_ts_template t
    join pg_catalog.pg_namespace n on n.oid = t.tmplnamespace
    where ${NOT_SYSTEM}`,
  target: (id) => `text search template ${quoteName(...id.path)}`,
  create: (object) => {
    const { init, lexize } = object.definition
    return `create text search template ${quoteName(...object.id.path)} (${init === null ? '' : `init = ${init}, `}lexize = ${lexize})`
  },
  alter: { init: 'recreate', lexize: 'recreate' },
})
