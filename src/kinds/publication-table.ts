import type { CatalogObject } from '../catalog/catalog.js'
import { quoteIdentifier, quoteName } from '../sql/quote.js'
import { kind } from './kind.js'

type PublicationTable = {
  /** In the order of the table; null: all, also those that come later. */
  readonly columns: readonly string[] | null
  readonly where: string | null
}

/** A table in a publication. Path: publication, schema, table. Column lists and row filters came with 15. */
export const publicationTable = kind<PublicationTable>({
  name: 'publication table',
  schemaless: true,
  query: (major) => `
    select 'pg_catalog.pg_publication_rel'::pg_catalog.regclass::oid as classid, r.oid, 0 as subid,
           array[p.pubname, n.nspname, c.relname]::text[] as path,
           'pg_catalog.pg_publication'::pg_catalog.regclass::oid as parentclassid, p.oid as parentoid, 0 as parentsubid,
           ${
             major >= 15
               ? `case when r.prattrs is not null then array(
             select a.attname::text from pg_catalog.pg_attribute a where a.attrelid = r.prrelid and a.attnum = any(r.prattrs::int2[]) order by a.attnum) end`
               : 'null::text[]'
           } as columns,
           ${major >= 15 ? 'pg_catalog.pg_get_expr(r.prqual, r.prrelid)' : 'null::text'} as "where"
    from pg_catalog.pg_publication_rel r
    join pg_catalog.pg_publication p on p.oid = r.prpubid
    join pg_catalog.pg_class c on c.oid = r.prrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace`,
  target: (id) => `table ${quoteName(...id.path.slice(1))} in publication ${quoteIdentifier(id.path[0] ?? '')}`,
  create: (object) => {
    const { columns, where } = object.definition
    // ONLY: inheritance children in the publication are members of their own.
    return `${alter(object)} add table only ${table(object)}${columns === null ? '' : ` (${columns.map(quoteIdentifier).join(', ')})`}${where === null ? '' : ` where (${where})`}`
  },
  drop: (object) => `${alter(object)} drop table only ${table(object)}`,
  // SET TABLE would state every table of the publication anew: one table is taken out and put in again.
  alter: { columns: 'recreate', where: 'recreate' },
  impact: (_operation, before, after) => ({
    lock: 'SHARE UPDATE EXCLUSIVE',
    on: { kind: 'table', path: (after ?? before)?.id.path.slice(1) ?? [] },
  }),
})

function alter(object: CatalogObject): string {
  return `alter publication ${quoteIdentifier(object.id.path[0] ?? '')}`
}

function table(object: CatalogObject): string {
  return quoteName(...object.id.path.slice(1))
}
