import type { CatalogObject } from '../catalog/catalog.js'
import { quoteIdentifier, quoteName } from '../sql/quote.js'
import { alterInherits, attachedTo, INHERITS, inheritsClause, type Parent } from './inherits.js'
import { kind, NOT_SYSTEM } from './kind.js'
import { alterForeignOptions, foreignOptions } from './options.js'
import { openOptions } from './secrets.js'

type ForeignTable = {
  readonly server: string
  /** Inheritance parents, in order; a partition's parent is the partition object's business. */
  readonly inherits: readonly Parent[]
  readonly isPartition: boolean
  readonly options: readonly string[]
}

/** The rows are another server's: it is dropped and created as need be. Its columns and checks are of the kinds of tables. */
export const foreignTable = kind<ForeignTable>({
  name: 'foreign table',
  query: `
    select 'pg_catalog.pg_class'::pg_catalog.regclass::oid as classid, c.oid, 0 as subid,
           array[n.nspname, c.relname]::text[] as path,
           s.srvname::text as server,
           ${INHERITS},
           c.relispartition as "isPartition",
           ${openOptions('f.ftoptions')} as options
    from pg_catalog.pg_foreign_table f
    join pg_catalog.pg_class c on c.oid = f.ftrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_foreign_server s on s.oid = f.ftserver
    where ${NOT_SYSTEM}`,
  target,
  create: (object, parts) => {
    const { server, inherits, options } = object.definition
    return [
      `create ${target(object.id)} (${parts.length === 0 ? '' : `\n  ${parts.join(',\n  ')}\n`})`,
      inheritsClause(inherits),
      ` server ${quoteIdentifier(server)}`,
      foreignOptions(options),
    ].join('')
  },
  alter: {
    server: 'recreate',
    isPartition: () => [],
    inherits: (after, before, context) => alterInherits(`alter ${target(after.id)}`, after, before, context),
    options: (after, before) => alterForeignOptions(`alter ${target(after.id)}`, after.definition.options, before.definition.options),
  },
  attachedTo,
  occupies: (object) => [`relation ${quoteName(...object.id.path)}`, `type ${quoteName(...object.id.path)}`],
  impact: (operation) => (operation === 'create' ? {} : { lock: 'ACCESS EXCLUSIVE' }),
})

function target(id: CatalogObject['id']): string {
  return `foreign table ${quoteName(...id.path)}`
}
