import { type CatalogObject, targetKey } from '../catalog/catalog.js'
import { idOf, type ObjectId } from '../catalog/id.js'
import { quoteIdentifier, quoteName } from '../sql/quote.js'
import { here } from './here.js'
import { type Context, kind } from './kind.js'
import { signature } from './routine.js'

/** Privilege → with grant option. */
type Privileges = { readonly [privilege: string]: boolean }

type Grant = {
  readonly privileges: Privileges
  /** What the grantee has without any GRANT or REVOKE: all for the owner, EXECUTE and USAGE for PUBLIC, after acldefault(); what an extension grants on its own. */
  readonly builtIn: Privileges
}

/** initdb makes information_schema last, and notes nothing of what it grants there; pg_dump leaves it out, too. */
function elsewhere(namespace: string): string {
  return `${namespace} is distinct from (select oid from pg_catalog.pg_namespace where nspname = 'information_schema')`
}

/**
 * Object catalogs with an ACL: owner, ACL, the letter that acldefault() takes. Objects of the system and members of extensions are among
 * them: what their makers granted stands in pg_init_privs, and whatever differs from that somebody granted or revoked here.
 */
const GRANTABLE: readonly (readonly [catalog: string, owner: string, acl: string, letter: string, where?: string])[] = [
  [
    'pg_class',
    'relowner',
    'relacl',
    `case when relkind = 'S' then 's' else 'r' end`,
    `relkind in ('r', 'p', 'v', 'm', 'f', 'S') and relpersistence <> 't' and ${elsewhere('relnamespace')}`,
  ],
  ['pg_namespace', 'nspowner', 'nspacl', `'n'`, `nspname !~ '^pg_(toast_)?temp_' and ${elsewhere('o.oid')}`],
  ['pg_proc', 'proowner', 'proacl', `'f'`, elsewhere('pronamespace')],
  ['pg_type', 'typowner', 'typacl', `'T'`, elsewhere('typnamespace')],
  ['pg_language', 'lanowner', 'lanacl', `'l'`],
  ['pg_foreign_data_wrapper', 'fdwowner', 'fdwacl', `'F'`],
  ['pg_foreign_server', 'srvowner', 'srvacl', `'S'`],
  ['pg_database', 'datdba', 'datacl', `'d'`, 'datname = pg_catalog.current_database()'],
]

const GRANTEE = `case e.grantee when 0 then 'public' when x.owner then '' else pg_catalog.pg_get_userbyid(e.grantee)::text end`

/** What was granted when it was made. Schema public is no different from any other: what initdb granted on it can be stated. */
function initially(catalog: string, oid: string, subid: string): string {
  const condition = catalog === 'pg_namespace' ? ` and o.nspname <> 'public'` : ''
  return `left join pg_catalog.pg_init_privs i on i.classoid = 'pg_catalog.${catalog}'::pg_catalog.regclass and i.objoid = ${oid} and i.objsubid = ${subid}${condition}`
}

/**
 * What one grantee may do with one object, where that differs from what PostgreSQL gives without being asked.
 * Path: the grantee first: `public` for PUBLIC (no role can be named so), '' for the owner, whoever that is. Then who granted it, where
 * that is not the owner: only the grantor can take it back, and must hold it with grant option as long.
 */
export const grant = kind<Grant>({
  name: 'grant',
  global: true,
  byUsers: true,
  managedAs: 'privileges',
  follows: ['owner'],
  permits: true,
  query: `
    select array[coalesce(a.grantee, b.grantee)]::text[] || case when a.grantor <> '' then array[a.grantor] else '{}'::text[] end as path,
           x.classid as parentclassid, x.oid as parentoid, x.subid as parentsubid,
           coalesce(a.privileges, '{}') as privileges,
           coalesce(b.privileges, '{}') as "builtIn",
           (select pg_catalog.json_agg(pg_catalog.json_build_array('role', n)) from pg_catalog.unnest(array[a.grantee, a.grantor]) n where n not in ('', 'public')) as needsids,
           case when a.grantor <> '' then
             (select pg_catalog.json_agg(distinct case when e.grantor = x.owner then array['grant', a.grantor] else array['grant', a.grantor, pg_catalog.pg_get_userbyid(e.grantor)::text] end)
              from (select x.owner as grantor union all select e.grantor from pg_catalog.aclexplode(x.acl) e where e.is_grantable and pg_catalog.pg_get_userbyid(e.grantee) = a.grantor) e)
           end as needsbeside
    from (
      ${GRANTABLE.map(
        ([catalog, owner, acl, letter, where]) => `
      select 'pg_catalog.${catalog}'::pg_catalog.regclass::oid as classid, o.oid, 0 as subid, ${owner} as owner, ${acl} as acl, coalesce(i.initprivs, pg_catalog.acldefault((${letter})::"char", ${owner})) as builtin
      from pg_catalog.${catalog} o ${initially(catalog, 'o.oid', '0')}
      where ${acl} is not null and ${acl} is distinct from i.initprivs${where === undefined ? '' : ` and ${where}`}`,
      ).join('\n      union all')}
      union all
      select 'pg_catalog.pg_class'::pg_catalog.regclass::oid, a.attrelid, a.attnum, c.relowner, a.attacl, coalesce(i.initprivs, pg_catalog.acldefault('c', c.relowner))
      from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid ${initially('pg_class', 'a.attrelid', 'a.attnum')}
      where a.attacl is not null and a.attacl is distinct from i.initprivs and c.relpersistence <> 't' and not a.attisdropped
    ) x
    cross join lateral (
      select g.grantee, g.grantor, pg_catalog.json_object_agg(g.privilege_type, g.grantable order by g.privilege_type)::jsonb as privileges
      from (select ${GRANTEE} as grantee,
                   case e.grantor when x.owner then '' else pg_catalog.pg_get_userbyid(e.grantor)::text end as grantor,
                   e.privilege_type, pg_catalog.bool_or(e.is_grantable) as grantable
            from pg_catalog.aclexplode(x.acl) e group by 1, 2, 3) g
      group by 1, 2
      union all
      select d.grantee, '', null
      from (select distinct ${GRANTEE} as grantee from pg_catalog.aclexplode(x.builtin) e) d
      where not exists (select from pg_catalog.aclexplode(x.acl) e where e.grantor = x.owner and ${GRANTEE} = d.grantee)
    ) a
    left join lateral (
      select ${GRANTEE} as grantee, pg_catalog.json_object_agg(e.privilege_type, e.is_grantable order by e.privilege_type)::jsonb as privileges
      from pg_catalog.aclexplode(x.builtin) e group by 1
    ) b on b.grantee = a.grantee and a.grantor = ''
    where coalesce(a.privileges, '{}') is distinct from coalesce(b.privileges, '{}')`,
  target: (id) => id.path.join(' '),
  create: (object, _parts, context) => change(object, context, object.definition.privileges, object.definition.builtIn),
  drop: (object, context) => change(object, context, object.definition.builtIn, object.definition.privileges),
  alter: {
    builtIn: () => [],
    privileges: (after, before, context) => change(after, context, after.definition.privileges, before.definition.privileges),
  },
  impact: () => ({}),
})

function change(object: CatalogObject<Grant>, context: Context, to: Privileges, from: Privileges): readonly string[] {
  const grantor = grantorOf(object)
  const sql =
    targetId(object).kind === 'database'
      ? here((database) => statements(object, context, to, from, `database ${database}`), context)
      : statements(object, context, to, from, targetOf(object))
  // GRANTED BY takes the current user only.
  return grantor === undefined || sql.length === 0
    ? sql
    : [`set ${context.database === undefined ? 'local ' : ''}role ${quoteIdentifier(grantor)}`, ...sql, 'reset role']
}

function statements(object: CatalogObject<Grant>, context: Context, to: Privileges, from: Privileges, target: string): string[] {
  const grantee = granteeOf(object, context)
  const on = (privileges: readonly string[]) => `${privileges.map((p) => p + columnOf(object)).join(', ')} on ${target}`
  const names = (privileges: Privileges) => Object.keys(privileges).sort()
  const revoked = names(from).filter((p) => to[p] === undefined)
  const narrowed = names(from).filter((p) => from[p] && to[p] === false)
  const granted = names(to).filter((p) => from[p] === undefined && !to[p])
  const grantable = names(to).filter((p) => to[p] && from[p] !== true)
  return [
    // All that the owner has from the start, by that word: another version has other ones.
    ...(revoked.length > 0
      ? [
          `revoke ${on(revoked.length > 1 && names(to).length === 0 && from === object.definition.builtIn ? ['all'] : revoked)} from ${grantee}`,
        ]
      : []),
    ...(narrowed.length > 0 ? [`revoke grant option for ${on(narrowed)} from ${grantee}`] : []),
    ...(granted.length > 0 ? [`grant ${on(granted)} to ${grantee}`] : []),
    ...(grantable.length > 0 ? [`grant ${on(grantable)} to ${grantee} with grant option`] : []),
  ]
}

/** Stands between the grantee and the target. */
function grantorOf(object: CatalogObject): string | undefined {
  return object.id.path.slice(1, -1 - targetId(object).path.length)[0]
}

function targetId(object: CatalogObject): ObjectId {
  const target = targetKey(object)
  if (target === undefined) throw new Error(`${object.key} belongs to nothing`)
  return idOf(target)
}

function granteeOf(object: CatalogObject, context: Context): string {
  const [grantee = ''] = object.id.path
  if (grantee === 'public') return 'public'
  if (grantee !== '') return quoteIdentifier(grantee)
  const target = targetId(object)
  const owned = ['column', 'view column', 'identity sequence'].includes(target.kind) ? wholeOf(target, context) : object.parent
  const of = owned === undefined ? target : idOf(owned)
  const role = context.find({ kind: 'owner', path: [of.kind, ...of.path] })?.definition.role
  return typeof role === 'string' && role !== context.role ? quoteIdentifier(role) : 'current_user'
}

/** The relation that it belongs to, whose owner owns it. */
function wholeOf(part: ObjectId, context: Context): string | undefined {
  const parent = context.find(part)?.parent
  return parent !== undefined && idOf(parent).kind === 'column' ? context.find(idOf(parent))?.parent : parent
}

function columnOf(object: CatalogObject): string {
  const target = targetId(object)
  return target.kind === 'column' || target.kind === 'view column' ? ` (${quoteIdentifier(target.path[2] ?? '')})` : ''
}

/** GRANT knows fewer words than DROP: views are tables to it, aggregates routines, domains types. */
function targetOf(object: CatalogObject): string {
  const { kind: name, path } = targetId(object)
  switch (name) {
    case 'schema':
      return `schema ${quoteName(...path)}`
    case 'sequence':
    case 'identity sequence':
      return `sequence ${quoteName(...path)}`
    case 'function':
    case 'procedure':
    case 'aggregate':
      return `routine ${signature(path)}`
    case 'language':
      return `language ${quoteName(...path)}`
    case 'foreign data wrapper':
      return `foreign data wrapper ${quoteName(...path)}`
    case 'server':
      return `foreign server ${quoteName(...path)}`
    case 'column':
    case 'view column':
      return `table ${quoteName(...path.slice(0, 2))}`
    case 'table':
    case 'view':
    case 'materialized view':
    case 'foreign table':
      return `table ${quoteName(...path)}`
    default:
      return `type ${quoteName(...path)}`
  }
}
