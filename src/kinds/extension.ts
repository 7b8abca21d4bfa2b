import { quoteIdentifier, quoteLiteral, quoteName } from '../sql/quote.js'
import { kind } from './kind.js'

type Extension = {
  readonly version: string | null
  readonly schema: string
  /** Of this version of the extension, not ours to change: never stated, hence never compared. */
  readonly relocatable: boolean
  /** It brought tables or sequences, whose rows go with it. Never stated either. */
  readonly hasTables: boolean
}

export const extension = kind<Extension>({
  name: 'extension',
  schemaless: true,
  brings: true,
  query: `
    select 'pg_catalog.pg_extension'::pg_catalog.regclass::oid as classid, e.oid, 0 as subid,
           array[e.extname::text] as path,
           e.extversion as version,
           n.nspname::text as schema,
           e.extrelocatable as relocatable,
           exists (
             select from pg_catalog.pg_depend d join pg_catalog.pg_class c on c.oid = d.objid
             where d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and d.refobjid = e.oid and d.deptype = 'e'
               and d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and c.relkind in ('r', 'p', 'S')) as "hasTables"
    from pg_catalog.pg_extension e
    join pg_catalog.pg_namespace n on n.oid = e.extnamespace`,
  target: (id) => `extension ${quoteName(...id.path)}`,
  create: (object) => {
    const { schema, version } = object.definition
    // The engine hands over a version only where the files state one; another server may offer only others.
    return `create extension ${quoteName(...object.id.path)} with schema ${quoteIdentifier(schema)}${typeof version === 'string' ? ` version ${quoteLiteral(version)}` : ''}`
  },
  // What it brings moves with it, under names that others say.
  halfway: (before, after) => (before ?? after)?.definition ?? null,
  alter: {
    relocatable: () => [],
    hasTables: () => [],
    version: (after) =>
      typeof after.definition.version === 'string'
        ? `alter extension ${quoteName(...after.id.path)} update to ${quoteLiteral(after.definition.version)}`
        : [],
    schema: (after, before) =>
      before.definition.relocatable
        ? `alter extension ${quoteName(...after.id.path)} set schema ${quoteIdentifier(after.definition.schema)}`
        : null,
  },
  whenStated: ['version', 'relocatable', 'hasTables'],
  holdsData: (object) => object.definition.hasTables,
  hazard: (before, after) => (after === undefined && before.definition.hasTables ? 'drop-data' : null),
  impact: () => ({}),
})
