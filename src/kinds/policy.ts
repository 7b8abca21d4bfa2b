import type { CatalogObject } from '../catalog/catalog.js'
import { quoteIdentifier, quoteName } from '../sql/quote.js'
import { kind, NOT_SYSTEM } from './kind.js'

type Policy = {
  /** `all`, `select`, `insert`, `update` or `delete`. */
  readonly command: string
  readonly permissive: boolean
  /** Sorted; `public` for PUBLIC (no role can be named so). */
  readonly roles: readonly string[]
  readonly using: string | null
  readonly check: string | null
}

export const policy = kind<Policy>({
  name: 'policy',
  query: `
    select 'pg_catalog.pg_policy'::pg_catalog.regclass::oid as classid, p.oid, 0 as subid,
           array[n.nspname, c.relname, p.polname]::text[] as path,
           'pg_catalog.pg_class'::pg_catalog.regclass::oid as parentclassid, c.oid as parentoid, 0 as parentsubid,
           case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end as command,
           p.polpermissive as permissive,
           array(select r.name from (select case o when 0 then 'public' else pg_catalog.pg_get_userbyid(o)::text end as name from pg_catalog.unnest(p.polroles) o) r
                 order by r.name collate "C") as roles,
           pg_catalog.pg_get_expr(p.polqual, p.polrelid) as using,
           pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) as check,
           (select pg_catalog.json_agg(pg_catalog.json_build_array('pg_catalog.pg_authid'::pg_catalog.regclass::oid::int8, r::int8, 0))
            from pg_catalog.unnest(p.polroles) r where r <> 0) as needs
    from pg_catalog.pg_policy p
    join pg_catalog.pg_class c on c.oid = p.polrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where ${NOT_SYSTEM}`,
  target: on,
  rename: (id, newName) => `alter ${on(id)} rename to ${quoteIdentifier(newName)}`,
  create: (object) => {
    const { command, permissive, roles, using, check } = object.definition
    return [
      `create policy ${on(object.id).slice('policy '.length)}`,
      permissive ? '' : ' as restrictive',
      command === 'all' ? '' : ` for ${command}`,
      roles.length === 1 && roles[0] === 'public' ? '' : ` to ${roleList(object)}`,
      using === null ? '' : ` using (${using})`,
      check === null ? '' : ` with check (${check})`,
    ].join('')
  },
  alter: {
    command: 'recreate',
    permissive: 'recreate',
    roles: (after) => `alter ${on(after.id)} to ${roleList(after)}`,
    // ALTER POLICY can set an expression but not take it away.
    using: (after) => (after.definition.using === null ? null : `alter ${on(after.id)} using (${after.definition.using})`),
    check: (after) => (after.definition.check === null ? null : `alter ${on(after.id)} with check (${after.definition.check})`),
  },
  impact: () => ({ lock: 'ACCESS EXCLUSIVE' }),
})

function on(id: CatalogObject['id']): string {
  return `policy ${quoteIdentifier(id.path[2] ?? '')} on ${quoteName(...id.path.slice(0, 2))}`
}

/** `public` is a keyword here, and as an identifier it needs no quotes either. */
function roleList(object: CatalogObject<Policy>): string {
  return object.definition.roles.map(quoteIdentifier).join(', ')
}
