import type { CatalogObject } from '../catalog/catalog.js'
import { quoteName } from '../sql/quote.js'
import { kind, NOT_SYSTEM } from './kind.js'

type TextSearchDictionary = {
  readonly template: string
  /** Options as CREATE takes them: `language = 'spanish', stopwords = 'spanish'`. */
  readonly options: string | null
}

export const textSearchDictionary = kind<TextSearchDictionary>({
  name: 'text search dictionary',
  query: `
    select 'pg_catalog.pg_ts_dict'::pg_catalog.regclass::oid as classid, d.oid, 0 as subid,
           array[n.nspname, d.dictname]::text[] as path,
           pg_catalog.format('%I.%I', tn.nspname, t.tmplname) as template,
           d.dictinitoption as options
    from pg_catalog.pg_ts_dict d
    join pg_catalog.pg_namespace n on n.oid = d.dictnamespace
    join pg_catalog.pg_ts_template t on t.oid = d.dicttemplate
    join pg_catalog.pg_namespace tn on tn.oid = t.tmplnamespace
    where ${NOT_SYSTEM}`,
  target: (id) => `text search dictionary ${quoteName(...id.path)}`,
  create: (object) => {
    const { template, options } = object.definition
    return `create text search dictionary ${quoteName(...object.id.path)} (template = ${template}${options === null ? '' : `, ${options}`})`
  },
  alter: {
    template: 'recreate',
    options: (after, before) => `alter text search dictionary ${quoteName(...after.id.path)} (${changes(after, before).join(', ')})`,
  },
})

/** An option without a value is forgotten. All wanted ones are set anew, in their order: the text of the catalog keeps it. */
function changes(after: CatalogObject<TextSearchDictionary>, before: CatalogObject<TextSearchDictionary>): string[] {
  return [...namesOf(before.definition.options), ...(after.definition.options === null ? [] : [after.definition.options])]
}

/** serialize_deflist(): `name = 'text'`, `name = E'te\\xt'` or `name = 5`, comma between; quotes inside are doubled. */
function namesOf(options: string | null): string[] {
  return [...(options ?? '').matchAll(/("(?:[^"]|"")*"|[^\s,=]+) = (?:E?'(?:[^']|'')*'|[^\s,']+)/g)].map((match) => match[1] ?? '')
}
