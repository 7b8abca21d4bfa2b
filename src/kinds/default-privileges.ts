import type { CatalogObject } from '../catalog/catalog.js'
import { quoteIdentifier } from '../sql/quote.js'
import { kind, NOT_SYSTEM, OWN } from './kind.js'

/** Privilege → with grant option. */
type Privileges = { readonly [privilege: string]: boolean }

type DefaultPrivileges = {
  readonly privileges: Privileges
  /** What the grantee would get without the entry: acldefault() for a global one, nothing for one of a schema, which only adds. */
  readonly builtIn: Privileges
}

/**
 * What one grantee gets on what one role creates, where that differs from what PostgreSQL gives without being asked.
 * Path: role (empty: the one that reads and applies), schema (empty: every schema), sort of object, grantee (`public` for PUBLIC, empty
 * for the role itself). It has no parent, so that it comes last: it acts on whatever is created after it.
 */
export const defaultPrivileges = kind<DefaultPrivileges>({
  name: 'default privileges',
  schemaless: true,
  ambient: true,
  managedAs: 'privileges',
  query: `
    select case when pg_catalog.row_number() over (partition by x.oid order by x.grantee) = 1 then 'pg_catalog.pg_default_acl'::pg_catalog.regclass::oid end as classid,
           x.oid, 0 as subid,
           array[coalesce(nullif(pg_catalog.pg_get_userbyid(x.role), current_user)::text, ''), x.schema, x.sort,
                 case x.grantee when 0 then 'public' when x.role then '' else pg_catalog.pg_get_userbyid(x.grantee)::text end]::text[] as path,
           x.privileges, x."builtIn",
           (select pg_catalog.json_agg(pg_catalog.json_build_array(a.classid::oid::int8, a.oid::int8, 0))
            from (values ('pg_catalog.pg_authid'::pg_catalog.regclass, x.role), ('pg_catalog.pg_authid', x.grantee), ('pg_catalog.pg_namespace', x.namespace)) a(classid, oid)
            where a.oid <> 0) as needs
    from (
      select d.oid, d.defaclrole as role, d.defaclnamespace as namespace, coalesce(n.nspname::text, '') as schema,
             case d.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions' when 'T' then 'types' when 'n' then 'schemas' when 'L' then 'large objects' end as sort,
             p.grantee,
             coalesce(pg_catalog.jsonb_object_agg(p.privilege, p.grantable) filter (where p.grantable is not null), '{}') as privileges,
             coalesce(pg_catalog.jsonb_object_agg(p.privilege, p."builtIn") filter (where p."builtIn" is not null), '{}') as "builtIn"
      from pg_catalog.pg_default_acl d
      left join pg_catalog.pg_namespace n on n.oid = d.defaclnamespace
      cross join lateral (
        select coalesce(a.grantee, b.grantee) as grantee, coalesce(a.privilege_type, b.privilege_type) as privilege, a.is_grantable as grantable, b.is_grantable as "builtIn"
        from pg_catalog.aclexplode(d.defaclacl) a
        full join pg_catalog.aclexplode(
          case when d.defaclnamespace = 0 then pg_catalog.acldefault(case d.defaclobjtype when 'S' then 's' else d.defaclobjtype end, d.defaclrole) end) b
          on b.grantee = a.grantee and b.privilege_type = a.privilege_type
      ) p
      where d.defaclnamespace = 0 or (${NOT_SYSTEM} and n.nspname not in (${OWN}))
      group by d.oid, n.nspname, p.grantee
    ) x
    where x.privileges <> x."builtIn"`,
  target: (id) => `default privileges for role ${roleOf(id.path[0] ?? '')}`,
  create: (object) => change(object, object.definition.privileges, object.definition.builtIn),
  drop: (object) => change(object, object.definition.builtIn, object.definition.privileges),
  alter: {
    builtIn: () => [],
    privileges: (after, before) => change(after, after.definition.privileges, before.definition.privileges),
  },
  impact: () => ({}),
})

function change(object: CatalogObject<DefaultPrivileges>, to: Privileges, from: Privileges): string[] {
  const [role = '', schema = '', sort = '', grantee = ''] = object.id.path
  const alter = `alter default privileges${role === '' ? '' : ` for role ${quoteIdentifier(role)}`}${schema === '' ? '' : ` in schema ${quoteIdentifier(schema)}`}`
  const who = grantee === '' ? roleOf(role) : quoteIdentifier(grantee)
  const names = (privileges: Privileges) => Object.keys(privileges).sort()
  const statement = (verb: string, privileges: readonly string[], tail: string) =>
    privileges.length === 0 ? [] : [`${alter} ${verb} ${privileges.join(', ').toLowerCase()} on ${sort} ${tail}`]
  const revoked = names(from).filter((p) => to[p] === undefined)
  return [
    // All, by that word: another version has other ones.
    ...statement('revoke', revoked.length > 1 && names(to).length === 0 ? ['all'] : revoked, `from ${who}`),
    ...statement(
      'revoke grant option for',
      names(from).filter((p) => from[p] && to[p] === false),
      `from ${who}`,
    ),
    ...statement(
      'grant',
      names(to).filter((p) => from[p] === undefined && !to[p]),
      `to ${who}`,
    ),
    ...statement(
      'grant',
      names(to).filter((p) => to[p] && from[p] !== true),
      `to ${who} with grant option`,
    ),
  ]
}

function roleOf(role: string): string {
  return role === '' ? 'current_user' : quoteIdentifier(role)
}
