import type { CatalogObject } from '../catalog/catalog.js'
import { idOf } from '../catalog/id.js'
import { quoteIdentifier } from '../sql/quote.js'
import { targetOf } from './comment.js'
import { type Context, kind } from './kind.js'

type ExtensionDependency = { readonly [none: string]: never }

/** DEPENDS ON EXTENSION: the object goes with the extension, without being a member of it. Path: the extension first. */
export const extensionDependency = kind<ExtensionDependency>({
  name: 'extension dependency',
  global: true,
  query: `
    select array[e.extname]::text[] as path,
           d.classid as parentclassid, d.objid as parentoid, d.objsubid as parentsubid,
           pg_catalog.json_build_array(pg_catalog.json_build_array(d.refclassid::int8, d.refobjid::int8, 0)) as needs
    from pg_catalog.pg_depend d
    join pg_catalog.pg_extension e on e.oid = d.refobjid
    where d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and d.deptype = 'x'`,
  target: (id) => id.path.join(' '),
  create: (object, _parts, context) => depends(object, 'depends', context),
  drop: (object, context) => depends(object, 'no depends', context),
  alter: {},
  impact: (_operation, before, after) => (isRoutine(before ?? after) ? {} : { lock: 'ACCESS EXCLUSIVE' }),
})

function depends(object: CatalogObject, verb: string, context: Context): string {
  return `alter ${targetOf(object, context)} ${verb} on extension ${quoteIdentifier(object.id.path[0] ?? '')}`
}

function isRoutine(object: CatalogObject | undefined): boolean {
  return /^(function|procedure)$/.test(idOf(object?.parent ?? '[""]').kind)
}
