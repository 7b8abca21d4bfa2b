import type { CatalogObject } from '../catalog/catalog.js'
import { quoteIdentifier } from '../sql/quote.js'
import { kind } from './kind.js'

/** All tables of a schema in a publication (15 and later). Path: publication, schema. */
export const publicationSchema = kind<Record<string, never>>({
  name: 'publication schema',
  schemaless: true,
  query: (major) =>
    major < 15
      ? `select null::oid as classid, null::oid as oid, 0 as subid, null::text[] as path where false`
      : `
    select 'pg_catalog.pg_publication_namespace'::pg_catalog.regclass::oid as classid, r.oid, 0 as subid,
           array[p.pubname, n.nspname]::text[] as path,
           'pg_catalog.pg_publication'::pg_catalog.regclass::oid as parentclassid, p.oid as parentoid, 0 as parentsubid
    from pg_catalog.pg_publication_namespace r
    join pg_catalog.pg_publication p on p.oid = r.pnpubid
    join pg_catalog.pg_namespace n on n.oid = r.pnnspid`,
  target: (id) => `tables in schema ${quoteIdentifier(id.path[1] ?? '')} in publication ${quoteIdentifier(id.path[0] ?? '')}`,
  create: (object) => `${alter(object)} add tables in schema ${quoteIdentifier(object.id.path[1] ?? '')}`,
  drop: (object) => `${alter(object)} drop tables in schema ${quoteIdentifier(object.id.path[1] ?? '')}`,
  alter: {},
  impact: () => ({}),
})

function alter(object: CatalogObject): string {
  return `alter publication ${quoteIdentifier(object.id.path[0] ?? '')}`
}
