import type { CatalogObject } from '../catalog/catalog.js'
import { quoteIdentifier, quoteLiteral } from '../sql/quote.js'
import { kind } from './kind.js'

type Role = {
  readonly superuser: boolean
  readonly inherit: boolean
  readonly createRole: boolean
  readonly createDatabase: boolean
  readonly login: boolean
  readonly replication: boolean
  readonly bypassRowSecurity: boolean
  /** -1: no limit. */
  readonly connectionLimit: number
  readonly validUntil: string | null
  /** `name=value` in order of name, for all databases; those of one database are that database's. */
  readonly settings: readonly string[]
}

/** A role without its password: pg_authid is never read. */
export const role = kind<Role>({
  name: 'role',
  schemaless: true,
  managedAs: 'roles',
  query: `
    select 'pg_catalog.pg_authid'::pg_catalog.regclass::oid as classid, r.oid, 0 as subid,
           array[r.rolname::text] as path,
           r.rolsuper as superuser,
           r.rolinherit as inherit,
           r.rolcreaterole as "createRole",
           r.rolcreatedb as "createDatabase",
           r.rolcanlogin as login,
           r.rolreplication as replication,
           r.rolbypassrls as "bypassRowSecurity",
           r.rolconnlimit as "connectionLimit",
           nullif(r.rolvaliduntil, 'infinity')::text as "validUntil",
           array(select c from pg_catalog.pg_db_role_setting s, pg_catalog.unnest(s.setconfig) c where s.setrole = r.oid and s.setdatabase = 0 order by c collate "C") as settings
    from pg_catalog.pg_roles r
    -- Below: the bootstrap superuser and the predefined roles.
    where r.oid >= 16384`,
  target,
  create: (object) => {
    const d = object.definition
    const words = [
      flag('superuser', d.superuser, false),
      flag('inherit', d.inherit, true),
      flag('createrole', d.createRole, false),
      flag('createdb', d.createDatabase, false),
      flag('login', d.login, false),
      flag('replication', d.replication, false),
      flag('bypassrls', d.bypassRowSecurity, false),
      d.connectionLimit === -1 ? '' : ` connection limit ${d.connectionLimit}`,
      d.validUntil === null ? '' : ` valid until ${quoteLiteral(d.validUntil)}`,
    ]
    return [`create ${target(object.id)}${words.join('')}`, ...alterSettings(object, [])]
  },
  alter: {
    superuser: (after) => alter(after, flag('superuser', after.definition.superuser)),
    inherit: (after) => alter(after, flag('inherit', after.definition.inherit)),
    createRole: (after) => alter(after, flag('createrole', after.definition.createRole)),
    createDatabase: (after) => alter(after, flag('createdb', after.definition.createDatabase)),
    login: (after) => alter(after, flag('login', after.definition.login)),
    replication: (after) => alter(after, flag('replication', after.definition.replication)),
    bypassRowSecurity: (after) => alter(after, flag('bypassrls', after.definition.bypassRowSecurity)),
    connectionLimit: (after) => alter(after, ` connection limit ${after.definition.connectionLimit}`),
    // No statement sets NULL again; `infinity` means the same, and is read as such.
    validUntil: (after) => alter(after, ` valid until ${quoteLiteral(after.definition.validUntil ?? 'infinity')}`),
    settings: (after, before) => alterSettings(after, before.definition.settings),
  },
  impact: () => ({}),
})

function target(id: CatalogObject['id']): string {
  return `role ${quoteIdentifier(id.path[0] ?? '')}`
}

function alter(object: CatalogObject<Role>, words: string): string {
  return `alter ${target(object.id)}${words}`
}

function flag(word: string, on: boolean, unstated?: boolean): string {
  return on === unstated ? '' : ` ${on ? '' : 'no'}${word}`
}

function alterSettings(object: CatalogObject<Role>, before: readonly string[]): string[] {
  const nameOf = (setting: string) => setting.slice(0, setting.indexOf('='))
  const { settings } = object.definition
  return [
    ...before
      .map(nameOf)
      .filter((name) => !settings.some((s) => nameOf(s) === name))
      .map((name) => alter(object, ` reset ${settingName(name)}`)),
    ...settings
      .filter((s) => !before.includes(s))
      .map((s) => alter(object, ` set ${settingName(nameOf(s))} to ${settingValue(nameOf(s), s.slice(s.indexOf('=') + 1))}`)),
  ]
}

/** Extensions name their settings with a dot. */
function settingName(name: string): string {
  return name.split('.').map(quoteIdentifier).join('.')
}

/** Settings that are lists of names: PostgreSQL's GUC_LIST_QUOTE, as pg_dump knows them (14 to 18). Their items are stated one by one. */
const LISTS: ReadonlySet<string> = new Set([
  'local_preload_libraries',
  'search_path',
  'session_preload_libraries',
  'shared_preload_libraries',
  'temp_tablespaces',
  'unix_socket_directories',
])

function settingValue(name: string, value: string): string {
  return LISTS.has(name) ? listItems(value).map(quoteLiteral).join(', ') || quoteLiteral('') : quoteLiteral(value)
}

/** `"$user", public` → its names, unquoted. */
function listItems(value: string): string[] {
  return [...value.matchAll(/"((?:[^"]|"")*)"|([^,\s"]+)/g)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '')
}
