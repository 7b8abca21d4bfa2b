import type { CatalogObject } from '../catalog/catalog.js'
import { kind } from './kind.js'
import { familyTarget } from './operator-family.js'
import { functionSignature, operatorName } from './qualified.js'

type Member = {
  /** `public.<` or `public.compare(integer, text)`. */
  readonly implementation: string
  /** `for order by pg_catalog.float_ops` of an ordering operator; empty for search. */
  readonly purpose: string
}

/** Members that belong to a class for good are part of its CREATE; all others are objects, as pg_dump has it. */
const LOOSE = (catalog: string) => `
      not exists (select from pg_catalog.pg_depend d where d.classid = 'pg_catalog.${catalog}'::pg_catalog.regclass and d.objid = x.oid
                    and d.refclassid = 'pg_catalog.pg_opclass'::pg_catalog.regclass and d.deptype = 'i')
      -- Of an extension that has its family in pg_catalog, too.
      and not exists (select from pg_catalog.pg_depend d where d.classid = 'pg_catalog.pg_opfamily'::pg_catalog.regclass and d.objid = f.oid and d.deptype = 'e')`

/**
 * An operator or support function that was added to an operator family. Path: the family's, `operator` or `function`, its number,
 * its types. Members that users add to families of pg_catalog count too.
 */
export const operatorFamilyMember = kind<Member>({
  name: 'operator family member',
  query: `
    select 'pg_catalog.pg_amop'::pg_catalog.regclass::oid as classid, x.oid, 0 as subid,
           array[n.nspname::text, f.opfname::text, m.amname::text, 'operator', x.amopstrategy::text,
                 pg_catalog.format_type(x.amoplefttype, null), pg_catalog.format_type(x.amoprighttype, null)] as path,
           'pg_catalog.pg_opfamily'::pg_catalog.regclass::oid as parentclassid, f.oid as parentoid, 0 as parentsubid,
           ${operatorName('x.amopopr')} as implementation,
           case when x.amoppurpose = 'o' then 'for order by ' || pg_catalog.format('%I.%I', sn.nspname, s.opfname) else '' end as purpose
    from pg_catalog.pg_amop x
    join pg_catalog.pg_opfamily f on f.oid = x.amopfamily
    join pg_catalog.pg_namespace n on n.oid = f.opfnamespace
    join pg_catalog.pg_am m on m.oid = f.opfmethod
    left join pg_catalog.pg_opfamily s on s.oid = x.amopsortfamily
    left join pg_catalog.pg_namespace sn on sn.oid = s.opfnamespace
    where x.oid >= 16384 and ${LOOSE('pg_amop')}
    union all
    select 'pg_catalog.pg_amproc'::pg_catalog.regclass::oid, x.oid, 0,
           array[n.nspname::text, f.opfname::text, m.amname::text, 'function', x.amprocnum::text,
                 pg_catalog.format_type(x.amproclefttype, null), pg_catalog.format_type(x.amprocrighttype, null)],
           'pg_catalog.pg_opfamily'::pg_catalog.regclass::oid, f.oid, 0,
           ${functionSignature('x.amproc')},
           ''
    from pg_catalog.pg_amproc x
    join pg_catalog.pg_opfamily f on f.oid = x.amprocfamily
    join pg_catalog.pg_namespace n on n.oid = f.opfnamespace
    join pg_catalog.pg_am m on m.oid = f.opfmethod
    where x.oid >= 16384 and ${LOOSE('pg_amproc')}`,
  target: (id) => familyTarget(id.path),
  create: (object) => `alter ${familyTarget(object.id.path)} add ${added(object)}`,
  drop: (object) => `alter ${familyTarget(object.id.path)} drop ${slot(object)}`,
  alter: { implementation: 'recreate', purpose: 'recreate' },
})

/** `operator 1 (integer, text)` */
function slot(object: CatalogObject): string {
  const [, , , sort = '', number = '', left = '', right = ''] = object.id.path
  return `${sort} ${number} (${left}, ${right})`
}

function added(object: CatalogObject<Member>): string {
  const [, , , sort = '', number = '', left = '', right = ''] = object.id.path
  const { implementation, purpose } = object.definition
  return sort === 'operator'
    ? `operator ${number} ${implementation} (${left}, ${right}) ${purpose}`.trimEnd()
    : `function ${number} (${left}, ${right}) ${implementation}`
}
