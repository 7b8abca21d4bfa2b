import { quoteIdentifier } from '../sql/quote.js'
import { targetOf } from './comment.js'
import { kind } from './kind.js'

type Owner = { readonly role: string }

const OWNED: readonly (readonly [catalog: string, owner: string, where?: string])[] = [
  // That of an identity column's sequence is the table's.
  [
    'pg_class',
    'relowner',
    `relkind in ('r', 'p', 'v', 'm', 'f', 'S') and oid >= 16384 and not (relkind = 'S' and exists (
       select from pg_catalog.pg_depend i where i.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and i.objid = x.oid and i.deptype = 'i'))`,
  ],
  ['pg_namespace', 'nspowner', `nspname !~ '^pg_' and nspname <> 'information_schema'`],
  ['pg_proc', 'proowner', 'oid >= 16384'],
  ['pg_type', 'typowner', 'oid >= 16384'],
  ['pg_operator', 'oprowner', 'oid >= 16384'],
  ['pg_opclass', 'opcowner', 'oid >= 16384'],
  ['pg_opfamily', 'opfowner', 'oid >= 16384'],
  ['pg_collation', 'collowner', 'oid >= 16384'],
  ['pg_conversion', 'conowner', 'oid >= 16384'],
  ['pg_language', 'lanowner', 'oid >= 16384'],
  ['pg_ts_config', 'cfgowner', 'oid >= 16384'],
  ['pg_ts_dict', 'dictowner', 'oid >= 16384'],
  ['pg_statistic_ext', 'stxowner'],
  ['pg_foreign_data_wrapper', 'fdwowner'],
  ['pg_foreign_server', 'srvowner'],
  ['pg_event_trigger', 'evtowner'],
  ['pg_publication', 'pubowner'],
  ['pg_subscription', 'subowner'],
]

/** An owned sequence changes hands with its table; by itself it may not. */
const TABLE_OF_SEQUENCE = `
            union all
            select pg_catalog.json_build_array('owner', case t.relkind when 'f' then 'foreign table' else 'table' end, tn.nspname, t.relname)
            from pg_catalog.pg_depend d join pg_catalog.pg_class t on t.oid = d.refobjid join pg_catalog.pg_namespace tn on tn.oid = t.relnamespace
            where x.relkind = 'S' and d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = x.oid and d.refclassid = d.classid and d.deptype = 'a'`

/** Who owns an object. What is created belongs to the role that applies; a statement is needed only for another. */
export const owner = kind<Owner>({
  name: 'owner',
  global: true,
  managedAs: 'owners',
  applicant: 'role',
  query: OWNED.map(
    ([catalog, column, where]) => `
    select '{}'::text[] as path, 'pg_catalog.${catalog}'::pg_catalog.regclass::oid as parentclassid, x.oid as parentoid, 0 as parentsubid,
           pg_catalog.pg_get_userbyid(x.${column})::text as role,
           (select pg_catalog.json_agg(n.id)
            from (select pg_catalog.json_build_array('role', pg_catalog.pg_get_userbyid(x.${column})) as id${catalog === 'pg_class' ? TABLE_OF_SEQUENCE : ''}) n) as needsids
    from pg_catalog.${catalog} x${where === undefined ? '' : ` where ${where}`}`,
  ).join('\n    union all'),
  target: (id) => id.path.join(' '),
  create: (object, _parts, context) =>
    object.definition.role === context.role ? [] : `alter ${targetOf(object, context)} owner to ${quoteIdentifier(object.definition.role)}`,
  drop: () => [],
  alter: {
    role: (after, _before, context) =>
      `alter ${targetOf(after, context)} owner to ${after.definition.role === context.role ? 'current_user' : quoteIdentifier(after.definition.role)}`,
  },
  impact: () => ({ lock: 'ACCESS EXCLUSIVE' }),
})
