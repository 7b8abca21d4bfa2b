import type { CatalogObject } from '../catalog/catalog.js'
import { quoteIdentifier, quoteLiteral, quoteName } from '../sql/quote.js'
import { kind } from './kind.js'

type Publication = {
  readonly allTables: boolean
  /** Of insert, update, delete, truncate, in this order. */
  readonly publish: readonly string[]
  readonly viaRoot: boolean
  /** `none` or `stored` (18). */
  readonly generatedColumns: string
}

/** A publication as such; what it publishes are the kinds `publication table` and `publication schema`. */
export const publication = kind<Publication>({
  name: 'publication',
  schemaless: true,
  query: (major) => `
    select 'pg_catalog.pg_publication'::pg_catalog.regclass::oid as classid, p.oid, 0 as subid,
           array[p.pubname::text] as path,
           p.puballtables as "allTables",
           pg_catalog.array_remove(array[
             case when p.pubinsert then 'insert' end, case when p.pubupdate then 'update' end,
             case when p.pubdelete then 'delete' end, case when p.pubtruncate then 'truncate' end], null) as publish,
           p.pubviaroot as "viaRoot",
           ${major >= 18 ? `case p.pubgencols when 's' then 'stored' else 'none' end` : `'none'`} as "generatedColumns"
    from pg_catalog.pg_publication p`,
  target: (id) => `publication ${quoteName(...id.path)}`,
  create: (object) => {
    const d = object.definition
    const options = [
      d.publish.length === 4 ? '' : `publish = ${quoteLiteral(d.publish.join(', '))}`,
      d.viaRoot ? 'publish_via_partition_root = true' : '',
      d.generatedColumns === 'none' ? '' : `publish_generated_columns = ${d.generatedColumns}`,
    ].filter((option) => option !== '')
    return `create publication ${quoteName(...object.id.path)}${d.allTables ? ' for all tables' : ''}${options.length === 0 ? '' : ` with (${options.join(', ')})`}`
  },
  alter: {
    // No ALTER PUBLICATION takes FOR ALL TABLES back or adds it (14 to 18).
    allTables: 'recreate',
    publish: (after) => set(after, `publish = ${quoteLiteral(after.definition.publish.join(', '))}`),
    viaRoot: (after) => set(after, `publish_via_partition_root = ${after.definition.viaRoot}`),
    generatedColumns: (after) => set(after, `publish_generated_columns = ${after.definition.generatedColumns}`),
  },
  impact: () => ({}),
})

function set(object: CatalogObject, option: string): string {
  return `alter publication ${quoteIdentifier(object.id.path[0] ?? '')} set (${option})`
}
