import type { CatalogObject } from '../catalog/catalog.js'
import { quoteIdentifier } from '../sql/quote.js'
import { kind } from './kind.js'
import { alterForeignOptions, foreignOptions } from './options.js'
import { holdsSecret, openOptions } from './secrets.js'

type UserMapping = {
  /** Without secrets: those are set by hand and stay as they are. */
  readonly options: readonly string[]
  /** A secret would be lost with it. No file can state this, hence it is never compared. */
  readonly holdsSecret: boolean
}

/**
 * Path: server, role (`public` for PUBLIC). pg_user_mapping is for superusers only; the view shows the options of mappings
 * that the reading role may see (its own with USAGE on the server, PUBLIC's as the server's owner), and none of others.
 */
export const userMapping = kind<UserMapping>({
  name: 'user mapping',
  schemaless: true,
  query: `
    select 'pg_catalog.pg_user_mapping'::pg_catalog.regclass::oid as classid, u.umid as oid, 0 as subid,
           array[u.srvname, u.usename]::text[] as path,
           ${openOptions('u.umoptions')} as options,
           ${holdsSecret('u.umoptions')} as "holdsSecret",
           pg_catalog.json_build_array(
             pg_catalog.json_build_array('pg_catalog.pg_authid'::pg_catalog.regclass::oid::int8, u.umuser::int8, 0)) as needs
    from pg_catalog.pg_user_mappings u`,
  target,
  create: (object) => `create ${target(object.id)}${foreignOptions(object.definition.options)}`,
  alter: {
    holdsSecret: () => [],
    options: (after, before) => alterForeignOptions(`alter ${target(after.id)}`, after.definition.options, before.definition.options),
  },
  whenStated: ['holdsSecret'],
  hazard: (before, after) => (after === undefined && before.definition.holdsSecret ? 'drop-data' : null),
  impact: () => ({}),
})

function target(id: CatalogObject['id']): string {
  return `user mapping for ${quoteIdentifier(id.path[1] ?? '')} server ${quoteIdentifier(id.path[0] ?? '')}`
}
