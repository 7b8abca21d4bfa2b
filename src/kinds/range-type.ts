import type { CatalogObject } from '../catalog/catalog.js'
import { quoteIdentifier, quoteLiteral, quoteName } from '../sql/quote.js'
import { kind, NOT_SYSTEM } from './kind.js'
import { isMoved } from './moved-type.js'
import { collationName, functionName } from './qualified.js'

type RangeType = {
  readonly subtype: string
  /** Null where it is the subtype's default btree class. */
  readonly subtypeOpclass: string | null
  /** Null where it is the subtype's own. */
  readonly collation: string | null
  readonly canonical: string | null
  readonly subtypeDiff: string | null
  /** Name without schema: it is made in the schema of the range. */
  readonly multirange: string
}

export const rangeType = kind<RangeType>({
  name: 'range type',
  query: `
    select 'pg_catalog.pg_type'::pg_catalog.regclass::oid as classid, t.oid, 0 as subid,
           array[n.nspname, t.typname]::text[] as path,
           pg_catalog.format_type(r.rngsubtype, null) as subtype,
           case when not o.opcdefault or o.opcintype <> r.rngsubtype then pg_catalog.format('%I.%I', onsp.nspname, o.opcname) end as "subtypeOpclass",
           case when r.rngcollation <> s.typcollation then ${collationName('r.rngcollation')} end as collation,
           ${functionName('r.rngcanonical')} as canonical,
           ${functionName('r.rngsubdiff')} as "subtypeDiff",
           m.typname::text as multirange
    from pg_catalog.pg_range r
    join pg_catalog.pg_type t on t.oid = r.rngtypid
    join pg_catalog.pg_namespace n on n.oid = t.typnamespace
    join pg_catalog.pg_type s on s.oid = r.rngsubtype
    join pg_catalog.pg_type m on m.oid = r.rngmultitypid
    join pg_catalog.pg_opclass o on o.oid = r.rngsubopc
    join pg_catalog.pg_namespace onsp on onsp.oid = o.opcnamespace
    where ${NOT_SYSTEM}`,
  target: (id) => `type ${quoteName(...id.path)}`,
  create: (object) => {
    const d = object.definition
    const options = [
      `subtype = ${d.subtype}`,
      ...(d.subtypeOpclass === null ? [] : [`subtype_opclass = ${d.subtypeOpclass}`]),
      ...(d.collation === null ? [] : [`collation = ${d.collation}`]),
      ...(d.canonical === null ? [] : [`canonical = ${d.canonical}`]),
      ...(d.subtypeDiff === null ? [] : [`subtype_diff = ${d.subtypeDiff}`]),
      `multirange_type_name = ${multirange(object)}`,
    ]
    // A canonical function takes and returns the range: it is made upon the shell.
    return `create type ${quoteName(...object.id.path)} as range (\n  ${options.join(',\n  ')}\n)`
  },
  alter: {
    subtype: (after, before, context) => (isMoved(before.definition.subtype, after.definition.subtype, context) ? [] : null),
    subtypeOpclass: 'recreate',
    collation: 'recreate',
    canonical: 'recreate',
    subtypeDiff: 'recreate',
    multirange: (after, before) => `alter type ${multirange(before)} rename to ${quoteIdentifier(after.definition.multirange)}`,
  },
  swappable: true,
  rename: (id, newName) => renameAway(quoteName(...id.path), newName),
  occupies: (object) => [`type ${quoteName(...object.id.path)}`, `type ${multirange(object)}`],
  hazard: (before, after) => (after === undefined || before.definition.subtype === after.definition.subtype ? null : 'narrow-type'),
})

function multirange(object: CatalogObject<RangeType>): string {
  return quoteName(object.id.path[0] ?? '', object.definition.multirange)
}

/**
 * RENAME leaves the multirange type and the constructor functions of both behind (14 to 18), where they would be in the way
 * of the new type's. They are found by their internal dependency on the type.
 */
function renameAway(type: string, newName: string): string {
  return `do $$
declare
  range regtype := ${quoteLiteral(type)};
  multirange regtype := (select rngmultitypid from pg_catalog.pg_range where rngtypid = range);
  command text;
begin
  for command in
    select format('alter function %s rename to %I', objid::regprocedure, ${quoteLiteral(newName)} || case when refobjid = range then '' else '_multi' end)
    from pg_catalog.pg_depend
    where classid = 'pg_catalog.pg_proc'::regclass and refclassid = 'pg_catalog.pg_type'::regclass and refobjid in (range, multirange) and deptype = 'i'
    union all
    select format('alter type %s rename to %I', multirange, ${quoteLiteral(`${newName}_multi`)})
    union all
    select format('alter type %s rename to %I', range, ${quoteLiteral(newName)})
  loop
    execute command;
  end loop;
end
$$`
}
