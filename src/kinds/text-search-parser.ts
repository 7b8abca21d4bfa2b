import { quoteName } from '../sql/quote.js'
import { kind, NOT_SYSTEM } from './kind.js'
import { functionName } from './qualified.js'

type TextSearchParser = {
  readonly start: string
  readonly gettoken: string
  readonly end: string
  readonly lextypes: string
  readonly headline: string | null
}

export const textSearchParser = kind<TextSearchParser>({
  name: 'text search parser',
  query: `
    select 'pg_catalog.pg_ts_parser'::pg_catalog.regclass::oid as classid, p.oid, 0 as subid,
           array[n.nspname, p.prsname]::text[] as path,
           ${functionName('p.prsstart')} as start,
           ${functionName('p.prstoken')} as gettoken,
           ${functionName('p.prsend')} as "end",
           ${functionName('p.prslextype')} as lextypes,
           ${functionName('p.prsheadline')} as headline
    from pg_catalog.pg_ts_parser p
    join pg_catalog.pg_namespace n on n.oid = p.prsnamespace
    where ${NOT_SYSTEM}`,
  target: (id) => `text search parser ${quoteName(...id.path)}`,
  create: (object) => {
    const d = object.definition
    const options = [
      `start = ${d.start}`,
      `gettoken = ${d.gettoken}`,
      `end = ${d.end}`,
      ...(d.headline === null ? [] : [`headline = ${d.headline}`]),
      `lextypes = ${d.lextypes}`,
    ]
    return `create text search parser ${quoteName(...object.id.path)} (${options.join(', ')})`
  },
  alter: { start: 'recreate', gettoken: 'recreate', end: 'recreate', lextypes: 'recreate', headline: 'recreate' },
})
