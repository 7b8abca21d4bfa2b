import type { CatalogObject } from '../catalog/catalog.js'
import { quoteIdentifier, quoteName } from '../sql/quote.js'
import { type Context, kind, NOT_SYSTEM } from './kind.js'
import { goOn } from './position.js'

type SequenceOwner = { readonly column: readonly string[] }

/** OWNED BY: an object of its own, since a default needs the sequence before the column can own it. */
export const sequenceOwner = kind<SequenceOwner>({
  name: 'sequence owner',
  query: `
    select null::oid as classid, null::oid as oid, 0 as subid,
           array[n.nspname, c.relname]::text[] as path,
           'pg_catalog.pg_class'::pg_catalog.regclass::oid as parentclassid, c.oid as parentoid, 0 as parentsubid,
           array[tn.nspname, t.relname, a.attname]::text[] as column,
           pg_catalog.json_build_array(
             pg_catalog.json_build_array('pg_catalog.pg_class'::pg_catalog.regclass::oid::int8, t.oid::int8, a.attnum)) as needs,
           -- PostgreSQL wants both to have the same owner.
           pg_catalog.json_build_array(
             pg_catalog.json_build_array('owner', 'sequence', n.nspname, c.relname),
             pg_catalog.json_build_array('owner', case t.relkind when 'f' then 'foreign table' else 'table' end, tn.nspname, t.relname)) as needsids
    from pg_catalog.pg_depend d
    join pg_catalog.pg_class c on c.oid = d.objid and c.relkind = 'S'
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_class t on t.oid = d.refobjid
    join pg_catalog.pg_namespace tn on tn.oid = t.relnamespace
    join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
    where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refclassid = d.classid and d.deptype = 'a' and ${NOT_SYSTEM}`,
  target: (id) => `sequence ${quoteName(...id.path)}`,
  create: (object, _parts, context) => [
    `alter sequence ${quoteName(...object.id.path)} owned by ${quoteName(...object.definition.column)}`,
    ...positioned(object, context),
  ],
  drop: (object) => `alter sequence ${quoteName(...object.id.path)} owned by none`,
  alter: { column: (after) => `alter sequence ${quoteName(...after.id.path)} owned by ${quoteName(...after.definition.column)}` },
  followsRetype: true,
  impact: () => ({}),
})

/** A sequence that is new, for a column that is not: an identity that becomes a serial, say. */
function positioned({ id, definition: { column } }: CatalogObject<SequenceOwner>, { find, former }: Context): string[] {
  const place = { kind: 'sequence', path: id.path }
  const sequence = former(place) === undefined ? find(place) : undefined
  const own = { kind: 'column', path: column }
  const numbers = /^(smallint|integer|bigint|numeric)/.test(String(find(own)?.definition.type))
  if (sequence === undefined || former(own) === undefined || !numbers) return []
  const { increment, start, min, max } = sequence.definition
  const counting = { increment: String(increment), start: String(start), min: String(min), max: String(max) }
  return [goOn(quoteName(...id.path), quoteName(...column.slice(0, -1)), quoteIdentifier(column.at(-1) ?? ''), counting)]
}
