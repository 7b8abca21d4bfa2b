import { quoteLiteral, quoteName } from '../sql/quote.js'
import { kind, NOT_SYSTEM } from './kind.js'
import { functionName } from './qualified.js'

type Conversion = {
  readonly from: string
  readonly to: string
  readonly function: string
  readonly default: boolean
}

export const conversion = kind<Conversion>({
  name: 'conversion',
  query: `
    select 'pg_catalog.pg_conversion'::pg_catalog.regclass::oid as classid, c.oid, 0 as subid,
           array[n.nspname, c.conname]::text[] as path,
           pg_catalog.pg_encoding_to_char(c.conforencoding)::text as "from",
           pg_catalog.pg_encoding_to_char(c.contoencoding)::text as "to",
           ${functionName('c.conproc')} as function,
           c.condefault as "default"
    from pg_catalog.pg_conversion c
    join pg_catalog.pg_namespace n on n.oid = c.connamespace
    where ${NOT_SYSTEM}`,
  target: (id) => `conversion ${quoteName(...id.path)}`,
  create: (object) => {
    const d = object.definition
    return `create ${d.default ? 'default ' : ''}conversion ${quoteName(...object.id.path)} for ${quoteLiteral(d.from)} to ${quoteLiteral(d.to)} from ${d.function}`
  },
  alter: { from: 'recreate', to: 'recreate', function: 'recreate', default: 'recreate' },
})
