import type { CatalogObject } from '../catalog/catalog.js'
import { quoteIdentifier, quoteName } from '../sql/quote.js'
import { kind, NOT_SYSTEM } from './kind.js'

type TextSearchConfiguration = {
  readonly parser: string
  /** Token type → dictionaries in the order in which they are asked. */
  readonly mappings: { readonly [token: string]: readonly string[] }
}

export const textSearchConfiguration = kind<TextSearchConfiguration>({
  name: 'text search configuration',
  query: `
    select 'pg_catalog.pg_ts_config'::pg_catalog.regclass::oid as classid, c.oid, 0 as subid,
           array[n.nspname, c.cfgname]::text[] as path,
           pg_catalog.format('%I.%I', pn.nspname, p.prsname) as parser,
           coalesce((
             select pg_catalog.json_object_agg(t.alias, (
                      select pg_catalog.json_agg(pg_catalog.format('%I.%I', dn.nspname, d.dictname) order by m.mapseqno)
                      from pg_catalog.pg_ts_config_map m
                      join pg_catalog.pg_ts_dict d on d.oid = m.mapdict
                      join pg_catalog.pg_namespace dn on dn.oid = d.dictnamespace
                      where m.mapcfg = c.oid and m.maptokentype = t.tokid) order by t.tokid)
             from pg_catalog.ts_token_type(c.cfgparser) t
             where exists (select from pg_catalog.pg_ts_config_map m where m.mapcfg = c.oid and m.maptokentype = t.tokid)), '{}') as mappings
    from pg_catalog.pg_ts_config c
    join pg_catalog.pg_namespace n on n.oid = c.cfgnamespace
    join pg_catalog.pg_ts_parser p on p.oid = c.cfgparser
    join pg_catalog.pg_namespace pn on pn.oid = p.prsnamespace
    where ${NOT_SYSTEM}`,
  target: (id) => `text search configuration ${quoteName(...id.path)}`,
  create: (object) => [
    `create text search configuration ${quoteName(...object.id.path)} (parser = ${object.definition.parser})`,
    ...groups(object.definition.mappings, {}).map(
      ([tokens, dictionaries]) => `${alter(object)} add mapping for ${tokens} with ${dictionaries}`,
    ),
  ],
  alter: { parser: 'recreate', mappings: (after, before) => remap(after, before) },
})

function alter(object: CatalogObject): string {
  return `alter text search configuration ${quoteName(...object.id.path)}`
}

type Mappings = TextSearchConfiguration['mappings']

function remap(after: CatalogObject<TextSearchConfiguration>, before: CatalogObject<TextSearchConfiguration>): string[] {
  const [to, from] = [after.definition.mappings, before.definition.mappings]
  const gone = Object.keys(from).filter((token) => to[token] === undefined)
  return [
    ...(gone.length === 0 ? [] : [`${alter(after)} drop mapping for ${gone.map(quoteIdentifier).join(', ')}`]),
    ...groups(to, from, (token) => from[token] !== undefined).map(
      ([tokens, dictionaries]) => `${alter(after)} alter mapping for ${tokens} with ${dictionaries}`,
    ),
    ...groups(to, from, (token) => from[token] === undefined).map(
      ([tokens, dictionaries]) => `${alter(after)} add mapping for ${tokens} with ${dictionaries}`,
    ),
  ]
}

/** Token types that come to the same dictionaries share one statement. */
function groups(to: Mappings, from: Mappings, where: (token: string) => boolean = () => true): [tokens: string, dictionaries: string][] {
  const byList = new Map<string, string[]>()
  for (const [token, dictionaries] of Object.entries(to)) {
    const list = dictionaries.join(', ')
    if (where(token) && list !== from[token]?.join(', ')) byList.set(list, [...(byList.get(list) ?? []), quoteIdentifier(token)])
  }
  return [...byList].map(([list, tokens]) => [tokens.join(', '), list])
}
