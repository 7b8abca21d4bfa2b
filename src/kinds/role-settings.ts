import type { CatalogObject } from '../catalog/catalog.js'
import { quoteIdentifier } from '../sql/quote.js'
import { here } from './here.js'
import { type Context, kind } from './kind.js'
import { openOptions } from './secrets.js'
import { settingWords } from './settings.js'

type RoleSettings = {
  /** `name=value` in order of name, without secrets. */
  readonly settings: readonly string[]
}

/** What a role finds set when it connects to this database: ALTER ROLE … IN DATABASE. Path: the role. */
export const roleSettings = kind<RoleSettings>({
  name: 'role settings',
  schemaless: true,
  managedAs: 'roles',
  query: `
    select * from (
      select null::oid as classid, null::oid as oid, 0 as subid,
             array[r.rolname::text] as path,
             'pg_catalog.pg_authid'::pg_catalog.regclass::oid as parentclassid, r.oid as parentoid, 0 as parentsubid,
             ${openOptions('s.setconfig')} as settings
      from pg_catalog.pg_db_role_setting s
      join pg_catalog.pg_roles r on r.oid = s.setrole
      where r.oid >= 16384 and s.setdatabase = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
    ) s
    where s.settings <> '{}'`,
  target: (id) => `role ${quoteIdentifier(id.path[0] ?? '')}`,
  create: (object, _parts, context) => change(object, [], context),
  drop: (object, context) => change({ ...object, definition: { settings: [] } }, object.definition.settings, context),
  alter: { settings: (after, before, context) => change(after, before.definition.settings, context) },
  impact: () => ({}),
})

function change({ id, definition }: CatalogObject<RoleSettings>, before: readonly string[], context: Context): readonly string[] {
  const role = quoteIdentifier(id.path[0] ?? '')
  const words = settingWords(definition.settings, before)
  return here((database) => words.map((word) => `alter role ${role} in database ${database}${word}`), context)
}
