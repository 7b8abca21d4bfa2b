import { connect } from '../../src/postgres/connect.js'
import type { Session } from '../../src/postgres/session.js'
import type { Source } from '../../src/source/read.js'
import { createDatabase, dropDatabase, query } from '../servers/index.js'
import { build, type Dump, dumpOf } from './database.js'

/** A database and the roles that were made with it, which its server has only while it stands. */
export interface World {
  readonly url: string
  readonly session: Session
  readonly dump: Dump
  /** Roles, memberships, settings and the privileges on the database, as text. */
  readonly outside: string
}

/**
 * Builds it from a fixture's text, in which `database fixture` is the database. One after another: the same roles cannot be in two
 * states. They are named for the fixture, since others run meanwhile.
 */
export async function withWorld<T>(
  server: { readonly url: string },
  { text, source, roles }: { readonly text: string; readonly source: Source; readonly roles: readonly string[] },
  work: (world: World) => Promise<T>,
): Promise<T> {
  await dropRoles(server, roles)
  const url = await createDatabase(server)
  const session = await connect({ kind: 'url', url })
  try {
    const [row] = await session.query<{ name: string }>('select current_database()::text as name')
    const named = (sql: string) => sql.replaceAll(/\bdatabase fixture\b/gi, `database "${row?.name}"`)
    await build(session, named(text), { ...source, statements: source.statements.map((one) => ({ ...one, text: named(one.text) })) })
    return await work({ url, session, dump: await dumpOf(url), outside: await outsideOf(session, roles) })
  } finally {
    await session.close()
    await dropDatabase(url)
    await dropRoles(server, roles)
  }
}

async function dropRoles({ url }: { readonly url: string }, roles: readonly string[]): Promise<void> {
  if (roles.length > 0) await query(url, `drop role if exists ${roles.join(', ')}`)
}

export async function outsideOf(session: Session, roles: readonly string[]): Promise<string> {
  const [row] = await session.query<{ state: string }>(OUTSIDE, [roles])
  return row?.state ?? ''
}

const OUTSIDE = `
select json_build_object(
  'roles', (select json_agg(to_jsonb(r) - 'oid' - 'rolconfig' || jsonb_build_object('comment', shobj_description(r.oid, 'pg_authid')) order by r.rolname)
            from pg_roles r where r.rolname = any($1::text[])),
  'members', (select json_agg(to_jsonb(m) - 'oid' || jsonb_build_object('roleid', m.roleid::regrole, 'member', m.member::regrole, 'grantor', m.grantor::regrole) order by m.roleid::regrole::text, m.member::regrole::text)
              from pg_auth_members m where array[m.roleid::regrole::text, m.member::regrole::text] && $1::text[]),
  'settings', (select json_agg(json_build_array(s.setrole::regrole, s.setdatabase = 0, array(select c from unnest(s.setconfig) c order by c)) order by s.setrole::regrole::text, s.setdatabase = 0)
               from pg_db_role_setting s where s.setrole::regrole::text = any($1::text[])),
  'databaseSettings', (select array(select c from unnest(s.setconfig) c order by c)
                       from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase where s.setrole = 0 and d.datname = current_database()),
  'database', (select json_agg(json_build_array(case a.grantee when 0 then 'public' else a.grantee::regrole::text end, a.privilege_type, a.is_grantable) order by a.grantee::regrole::text, a.privilege_type)
               from pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a where d.datname = current_database())
)::text as state`
