import type { CatalogObject } from '../catalog/catalog.js'
import { quoteIdentifier } from '../sql/quote.js'
import { kind } from './kind.js'

type Membership = {
  readonly admin: boolean
  /** Null before 16, where the member's own INHERIT decides and SET ROLE is always allowed. */
  readonly inherit: boolean | null
  readonly set: boolean | null
}

/**
 * A role granted to a role. Path: role, member, and from 16 on the grantor unless it is the bootstrap superuser, whose name differs from
 * server to server: there a member can hold the same role from several. Before 16 the grantor is only remembered, and has no effect.
 */
export const membership = kind<Membership>({
  name: 'membership',
  schemaless: true,
  managedAs: 'roles',
  query: (major) => `
    select ${major >= 16 ? `'pg_catalog.pg_auth_members'::pg_catalog.regclass::oid as classid, m.oid` : 'null::oid as classid, null::oid as oid'}, 0 as subid,
           array[r.rolname, u.rolname]::text[]${major >= 16 ? ` || case when m.grantor = 10 then '{}'::text[] else array[pg_catalog.pg_get_userbyid(m.grantor)::text] end` : ''} as path,
           m.admin_option as admin,
           ${major >= 16 ? 'm.inherit_option' : 'null::boolean'} as inherit,
           ${major >= 16 ? 'm.set_option' : 'null::boolean'} as set,
           (select pg_catalog.json_agg(pg_catalog.json_build_array(a.classid::oid::int8, a.oid::int8, 0))
            from (values ('pg_catalog.pg_authid'::pg_catalog.regclass, m.roleid), ('pg_catalog.pg_authid', m.member)${
              // A grantor other than the bootstrap superuser holds the role with ADMIN OPTION, and cannot lose it before.
              major >= 16
                ? `, ('pg_catalog.pg_authid', m.grantor)
                  union all
                  select 'pg_catalog.pg_auth_members', g.oid
                  from pg_catalog.pg_auth_members g where g.roleid = m.roleid and g.member = m.grantor and g.admin_option`
                : ''
            }) a(classid, oid)) as needs
    from pg_catalog.pg_auth_members m
    join pg_catalog.pg_roles r on r.oid = m.roleid
    join pg_catalog.pg_roles u on u.oid = m.member
    where m.member >= 16384`,
  target: (id) => `membership of ${quoteIdentifier(id.path[1] ?? '')} in ${quoteIdentifier(id.path[0] ?? '')}`,
  create: grant,
  drop: (object) => `revoke ${role(object)} from ${member(object)}${grantor(object)}`,
  alter: {
    // From 16 on GRANT states all three anew, which also takes them away.
    admin: (after) =>
      after.definition.admin || after.definition.set !== null
        ? grant(after)
        : `revoke admin option for ${role(after)} from ${member(after)}`,
    inherit: (after, before) => (after.definition.admin === before.definition.admin ? grant(after) : []),
    set: (after, before) =>
      after.definition.admin === before.definition.admin && after.definition.inherit === before.definition.inherit ? grant(after) : [],
  },
  impact: () => ({}),
})

function grant(object: CatalogObject<Membership>): string {
  const { admin, inherit, set } = object.definition
  const options = set === null ? (admin ? ' with admin option' : '') : ` with admin ${admin}, inherit ${inherit}, set ${set}`
  return `grant ${role(object)} to ${member(object)}${options}${grantor(object)}`
}

function role(object: CatalogObject): string {
  return quoteIdentifier(object.id.path[0] ?? '')
}

function member(object: CatalogObject): string {
  return quoteIdentifier(object.id.path[1] ?? '')
}

function grantor(object: CatalogObject): string {
  const [, , name] = object.id.path
  return name === undefined ? '' : ` granted by ${quoteIdentifier(name)}`
}
