import { quoteIdentifier, quoteName } from '../sql/quote.js'
import { kind, NOT_SYSTEM } from './kind.js'

/** Path: schema, name, access method. CREATE OPERATOR CLASS would make one of its own name by itself; it is always made before. */
export const operatorFamily = kind<Record<string, never>>({
  name: 'operator family',
  query: `
    select 'pg_catalog.pg_opfamily'::pg_catalog.regclass::oid as classid, f.oid, 0 as subid,
           array[n.nspname, f.opfname, m.amname]::text[] as path
    from pg_catalog.pg_opfamily f
    join pg_catalog.pg_namespace n on n.oid = f.opfnamespace
    join pg_catalog.pg_am m on m.oid = f.opfmethod
    where ${NOT_SYSTEM}`,
  target: (id) => familyTarget(id.path),
  create: (object) => `create ${familyTarget(object.id.path)}`,
  alter: {},
})

/** `operator family s.f using btree` */
export function familyTarget([schema = '', name = '', method = '']: readonly string[]): string {
  return `operator family ${quoteName(schema, name)} using ${quoteIdentifier(method)}`
}
