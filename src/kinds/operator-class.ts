import type { CatalogObject } from '../catalog/catalog.js'
import type { ObjectId } from '../catalog/id.js'
import { quoteIdentifier, quoteName } from '../sql/quote.js'
import { kind, NOT_SYSTEM } from './kind.js'
import { functionSignature, operatorName, typeName } from './qualified.js'

type OperatorClass = {
  readonly type: string
  readonly default: boolean
  readonly family: string
  readonly storage: string | null
  /** Lines of CREATE: `operator 1 public.<`, `function 1 (integer, integer) public.compare(integer, integer)`. */
  readonly members: readonly string[]
}

/** Path: schema, name, access method. Nothing of it can be altered: ALTER OPERATOR FAMILY changes what is loose in its family. */
export const operatorClass = kind<OperatorClass>({
  name: 'operator class',
  query: `
    select 'pg_catalog.pg_opclass'::pg_catalog.regclass::oid as classid, c.oid, 0 as subid,
           array[n.nspname, c.opcname, m.amname]::text[] as path,
           pg_catalog.format_type(c.opcintype, null) as type,
           c.opcdefault as "default",
           pg_catalog.format('%I.%I', fn.nspname, f.opfname) as family,
           ${typeName('c.opckeytype')} as storage,
           array(
             select x.line from (
               select 1 as sort, o.amopstrategy as number,
                      pg_catalog.format('operator %s %s (%s, %s)', o.amopstrategy, ${operatorName('o.amopopr')}, pg_catalog.format_type(o.amoplefttype, null), pg_catalog.format_type(o.amoprighttype, null))
                      || case when o.amoppurpose = 'o' then ' for order by ' || (
                           select pg_catalog.format('%I.%I', sn.nspname, s.opfname) from pg_catalog.pg_opfamily s
                           join pg_catalog.pg_namespace sn on sn.oid = s.opfnamespace where s.oid = o.amopsortfamily) else '' end as line
               from pg_catalog.pg_amop o
               join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_amop'::pg_catalog.regclass and d.objid = o.oid
                 and d.refclassid = 'pg_catalog.pg_opclass'::pg_catalog.regclass and d.refobjid = c.oid and d.deptype = 'i'
               union all
               select 2, p.amprocnum,
                      pg_catalog.format('function %s (%s, %s) %s', p.amprocnum, pg_catalog.format_type(p.amproclefttype, null), pg_catalog.format_type(p.amprocrighttype, null), ${functionSignature('p.amproc')})
               from pg_catalog.pg_amproc p
               join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_amproc'::pg_catalog.regclass and d.objid = p.oid
                 and d.refclassid = 'pg_catalog.pg_opclass'::pg_catalog.regclass and d.refobjid = c.oid and d.deptype = 'i'
             ) x order by x.sort, x.number, x.line) as members,
           -- An index is built with the family's optional functions, where there are any: they must be there first. Not cross-type
           -- members of btree and hash, which only plans use.
           (select pg_catalog.json_agg(pg_catalog.json_build_array(l.classid::int8, l.oid::int8, 0)) from (
              select 'pg_catalog.pg_amop'::pg_catalog.regclass::oid as classid, o.oid, o.amoplefttype as l, o.amoprighttype as r
              from pg_catalog.pg_amop o where o.amopfamily = c.opcfamily
              union all
              select 'pg_catalog.pg_amproc'::pg_catalog.regclass::oid, p.oid, p.amproclefttype, p.amprocrighttype
              from pg_catalog.pg_amproc p where p.amprocfamily = c.opcfamily
            ) l
            where l.l = c.opcintype and (l.r = l.l or m.amname not in ('btree', 'hash'))
              and not exists (select from pg_catalog.pg_depend d where d.classid = l.classid and d.objid = l.oid and d.refclassid = 'pg_catalog.pg_opclass'::pg_catalog.regclass)) as needs
    from pg_catalog.pg_opclass c
    join pg_catalog.pg_namespace n on n.oid = c.opcnamespace
    join pg_catalog.pg_am m on m.oid = c.opcmethod
    join pg_catalog.pg_opfamily f on f.oid = c.opcfamily
    join pg_catalog.pg_namespace fn on fn.oid = f.opfnamespace
    where ${NOT_SYSTEM}`,
  target: (id) => target(id),
  create: (object) => `create ${header(object)} as\n  ${items(object.definition).join(',\n  ')}`,
  alter: { type: 'recreate', default: 'recreate', family: 'recreate', storage: 'recreate', members: 'recreate' },
})

function target(id: ObjectId): string {
  return `operator class ${quoteName(...id.path.slice(0, 2))} using ${quoteIdentifier(id.path[2] ?? '')}`
}

function header(object: CatalogObject<OperatorClass>): string {
  const d = object.definition
  return `operator class ${quoteName(...object.id.path.slice(0, 2))}${d.default ? ' default' : ''} for type ${d.type} using ${quoteIdentifier(object.id.path[2] ?? '')} family ${d.family}`
}

/** The list must not be empty; STORAGE of the type itself says nothing. */
function items(d: OperatorClass): string[] {
  const list = [...d.members, ...(d.storage === null ? [] : [`storage ${d.storage}`])]
  return list.length === 0 ? [`storage ${d.type}`] : list
}
