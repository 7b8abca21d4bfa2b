import type { CatalogObject } from '../catalog/catalog.js'
import { quoteIdentifier, quoteLiteral, quoteName } from '../sql/quote.js'
import { kind, NOT_SYSTEM } from './kind.js'

type Collation = {
  /** `libc`, `icu`, since 17 also `builtin`; null: the `default` of the database. */
  readonly provider: string | null
  /** LC_COLLATE of libc; the one locale of all others. */
  readonly locale: string | null
  /** LC_CTYPE of libc. */
  readonly ctype: string | null
  readonly deterministic: boolean
  /** Since 16, of ICU. */
  readonly rules: string | null
}

/** Swapped like a type where columns use it. Its version is left out: it tells of the libraries of one machine, and REFRESH VERSION is maintenance. */
export const collation = kind<Collation>({
  name: 'collation',
  query: (major) => `
    select 'pg_catalog.pg_collation'::pg_catalog.regclass::oid as classid, c.oid, 0 as subid,
           array[n.nspname, c.collname]::text[] as path,
           case c.collprovider when 'c' then 'libc' when 'i' then 'icu' when 'b' then 'builtin' end as provider,
           ${major >= 17 ? 'coalesce(c.colllocale, c.collcollate)' : major >= 15 ? 'coalesce(c.colliculocale, c.collcollate)' : 'c.collcollate::text'} as locale,
           case when c.collprovider = 'c' then c.collctype::text end as ctype,
           c.collisdeterministic as deterministic,
           ${major >= 16 ? 'c.collicurules' : 'null::text'} as rules
    from pg_catalog.pg_collation c
    join pg_catalog.pg_namespace n on n.oid = c.collnamespace
    where ${NOT_SYSTEM}`,
  target: (id) => `collation ${quoteName(...id.path)}`,
  create: (object) => `create collation ${quoteName(...object.id.path)} (${options(object).join(', ')})`,
  alter: { provider: 'recreate', locale: 'recreate', ctype: 'recreate', deterministic: 'recreate', rules: 'recreate' },
  swappable: true,
  rename: (id, newName) => `alter collation ${quoteName(...id.path)} rename to ${quoteIdentifier(newName)}`,
  occupies: (object) => [`collation ${quoteName(...object.id.path)}`],
})

function options(object: CatalogObject<Collation>): string[] {
  const { provider, locale, ctype, deterministic, rules } = object.definition
  return [
    ...(provider === null ? [] : [`provider = ${provider}`]),
    ...(ctype === null || ctype === locale
      ? [`locale = ${quoteLiteral(locale ?? '')}`]
      : [`lc_collate = ${quoteLiteral(locale ?? '')}`, `lc_ctype = ${quoteLiteral(ctype)}`]),
    ...(deterministic ? [] : ['deterministic = false']),
    ...(rules === null ? [] : [`rules = ${quoteLiteral(rules)}`]),
  ]
}
