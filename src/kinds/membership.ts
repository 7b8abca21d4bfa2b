import type { CatalogObject } from '../catalog/catalog.js'
import { quoteIdentifier } from '../sql/quote.js'
import { type Context, kind } from './kind.js'

type Membership = {
  readonly admin: boolean
  /** Before 16 as the member's own INHERIT, which decides there; SET ROLE was always allowed. */
  readonly inherit: boolean
  readonly set: boolean
  /** Sorted; '' is the bootstrap superuser, whose name differs from server to server. Before 16 it is only remembered: none. */
  readonly grantors: readonly string[] | null
}

/**
 * A role granted to a role, which is its parent: a role is created with what it is a member of. Path: member, role. From 16 on a member
 * can hold the same role from several grantors; what counts is what they give together.
 */
export const membership = kind<Membership>({
  name: 'membership',
  schemaless: true,
  managedAs: 'roles',
  query: (major) => `
    select null::oid as classid, null::oid as oid, 0 as subid,
           array[u.rolname, r.rolname]::text[] as path,
           'pg_catalog.pg_authid'::pg_catalog.regclass::oid as parentclassid, u.oid as parentoid, 0 as parentsubid,
           pg_catalog.bool_or(m.admin_option) as admin,
           ${major >= 16 ? 'pg_catalog.bool_or(m.inherit_option)' : 'u.rolinherit'} as inherit,
           ${major >= 16 ? 'pg_catalog.bool_or(m.set_option)' : 'true'} as set,
           ${major >= 16 ? `array(select distinct case g when 10 then '' else pg_catalog.pg_get_userbyid(g)::text end as name from pg_catalog.unnest(pg_catalog.array_agg(m.grantor)) g order by name)` : `'{}'::text[]`} as grantors,
           ${
             // A grantor other than the bootstrap superuser holds the role with ADMIN OPTION, and cannot lose it before.
             major >= 16
               ? `(select pg_catalog.json_agg(n.id) from (
               select pg_catalog.json_build_array('role', r.rolname) as id
               union all
               select case k when 'role' then pg_catalog.json_build_array(k, pg_catalog.pg_get_userbyid(g)) else pg_catalog.json_build_array(k, pg_catalog.pg_get_userbyid(g), r.rolname) end
               from pg_catalog.unnest(pg_catalog.array_agg(m.grantor)) g, pg_catalog.unnest(array['role', 'membership']) k where g <> 10) n)`
               : `pg_catalog.json_build_array(pg_catalog.json_build_array('role', r.rolname))`
           } as needsids
    from pg_catalog.pg_auth_members m
    join pg_catalog.pg_roles r on r.oid = m.roleid
    join pg_catalog.pg_roles u on u.oid = m.member
    where m.member >= 16384
    group by r.rolname, u.oid, u.rolname, u.rolinherit`,
  target: (id) => `membership of ${quoteIdentifier(id.path[0] ?? '')} in ${quoteIdentifier(id.path[1] ?? '')}`,
  create: (object, _parts, context) => eachGrantor(object, (by) => `grant ${pair(object, 'to')}${optionsOf(object, context)}${by}`),
  drop: (object) => eachGrantor(object, (by) => `revoke ${pair(object, 'from')}${by}`),
  alter: {
    grantors: 'recreate',
    admin: (after) =>
      eachGrantor(after, (by) =>
        after.definition.admin
          ? `grant ${pair(after, 'to')} with admin option${by}`
          : `revoke admin option for ${pair(after, 'from')}${by}`,
      ),
    inherit: (after, _before, context) => alterOption(after, context, `inherit ${after.definition.inherit}`),
    set: (after, _before, context) => alterOption(after, context, `set ${after.definition.set}`),
  },
  whenStated: ['grantors'],
  impact: () => ({}),
})

function alterOption(object: CatalogObject<Membership>, { major }: Context, option: string): string[] {
  return major < 16 ? [] : eachGrantor(object, (by) => `grant ${pair(object, 'to')} with ${option}${by}`)
}

/** Only what differs from what GRANT gives by itself: so the statement is one of every version where it can be. */
function optionsOf({ id, definition }: CatalogObject<Membership>, context: Context): string {
  const { admin, inherit, set } = definition
  const own = context.find({ kind: 'role', path: [id.path[0] ?? ''] })?.definition.inherit ?? true
  const others = context.major < 16 ? [] : [...(inherit === own ? [] : [`inherit ${inherit}`]), ...(set ? [] : ['set false'])]
  if (others.length > 0) return ` with ${[`admin ${admin}`, ...others].join(', ')}`
  return admin ? ' with admin option' : ''
}

/** Without GRANTED BY, it is the role that applies who grants; a superuser does so as the bootstrap superuser. */
function eachGrantor({ definition: { grantors } }: CatalogObject<Membership>, statement: (by: string) => string): string[] {
  const named = grantors === null || grantors.length === 0 ? [''] : grantors
  return named.map((name) => statement(name === '' ? '' : ` granted by ${quoteIdentifier(name)}`))
}

function pair({ id: { path } }: CatalogObject, word: 'to' | 'from'): string {
  return `${quoteIdentifier(path[1] ?? '')} ${word} ${quoteIdentifier(path[0] ?? '')}`
}
