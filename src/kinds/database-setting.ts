import type { CatalogObject } from '../catalog/catalog.js'
import { quoteIdentifier } from '../sql/quote.js'
import { here } from './here.js'
import { type Context, kind } from './kind.js'
import { openOptions } from './secrets.js'
import { settingWords } from './settings.js'

type DatabaseSetting = {
  /** As it is kept: `"$user", public`. */
  readonly value: string
}

/**
 * What everybody finds set who connects to this database: ALTER DATABASE … SET, each name by itself, so that those which the files do not state
 * stay as operators set them. Path: the name of the setting.
 */
export const databaseSetting = kind<DatabaseSetting>({
  name: 'database setting',
  schemaless: true,
  query: `
    select null::oid as classid, null::oid as oid, 0 as subid,
           array[pg_catalog.split_part(o, '=', 1)] as path,
           'pg_catalog.pg_database'::pg_catalog.regclass::oid as parentclassid, d.oid as parentoid, 0 as parentsubid,
           pg_catalog.substr(o, pg_catalog.strpos(o, '=') + 1) as value
    from pg_catalog.pg_database d
    join pg_catalog.pg_db_role_setting s on s.setdatabase = d.oid and s.setrole = 0,
    pg_catalog.unnest(${openOptions('s.setconfig')}) o
    where d.datname = pg_catalog.current_database()`,
  target: ({ path: [name = ''] }) => `setting ${quoteIdentifier(name)} of the database`,
  create: (object, _parts, context) => change([textOf(object)], [], context),
  drop: (object, context) => change([], [textOf(object)], context),
  alter: { value: (after, before, context) => change([textOf(after)], [textOf(before)], context) },
  impact: () => ({}),
})

function textOf({ id, definition }: CatalogObject<DatabaseSetting>): string {
  return `${id.path[0]}=${definition.value}`
}

function change(after: readonly string[], before: readonly string[], context: Context): readonly string[] {
  const words = settingWords(after, before)
  return here((database) => words.map((word) => `alter database ${database}${word}`), context)
}
