import { createHash } from 'node:crypto'
import type { Session } from './session.js'
import { localeOf } from './shadow.js'

/**
 * What a temporary database of this server would be like before files are loaded, as one text: version, encoding and locale, who we are
 * there, the roles and tablespaces of the cluster, the extensions that it offers, and the settings that CREATE follows.
 */
export async function serverIdentity(session: Session): Promise<string> {
  const { options } = await localeOf(session)
  const [row] = await session.query<{ identity: string }>(IDENTITY)
  return createHash('sha256')
    .update(`${options}\n${row?.identity ?? ''}`)
    .digest('hex')
}

const IDENTITY = `
select pg_catalog.json_build_array(
  pg_catalog.current_setting('server_version'), current_user,
  (select pg_catalog.json_agg(to_json(r) order by r.rolname) from pg_catalog.pg_roles r where r.rolname !~ '^pg_'),
  (select pg_catalog.json_agg(to_json(m) order by m.roleid, m.member) from pg_catalog.pg_auth_members m),
  (select pg_catalog.json_agg(pg_catalog.shobj_description(r.oid, 'pg_authid') order by r.oid) from pg_catalog.pg_roles r),
  (select pg_catalog.json_agg(pg_catalog.json_build_array(t.oid, t.spcname) order by t.oid) from pg_catalog.pg_tablespace t),
  (select pg_catalog.json_agg(pg_catalog.json_build_array(e.name, e.default_version) order by e.name) from pg_catalog.pg_available_extensions e),
  (select pg_catalog.json_agg(pg_catalog.json_build_array(s.name, s.setting) order by s.name) from pg_catalog.pg_settings s
   where s.name !~ '(application_name|transaction_|_timeout)' and s.category ~ '^(Client Connection Defaults|Version and Platform)')
)::text as identity`
