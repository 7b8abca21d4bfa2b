import type { CatalogObject } from '../catalog/catalog.js'
import { quoteIdentifier, quoteLiteral } from '../sql/quote.js'
import { kind } from './kind.js'
import { openOptions } from './secrets.js'
import { settingWords } from './settings.js'

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
  /** `name=value` in order of name, without secrets, for all databases; those for this one are an object of their own. */
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
           ${openOptions('(select s.setconfig from pg_catalog.pg_db_role_setting s where s.setrole = r.oid and s.setdatabase = 0)')} as settings
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
  return settingWords(object.definition.settings, before).map((words) => alter(object, words))
}
