import type { CatalogObject } from '../catalog/catalog.js'
import type { ObjectId } from '../catalog/id.js'
import { quoteIdentifier } from '../sql/quote.js'
import { kind, NOT_SYSTEM } from './kind.js'
import { functionName, operatorName } from './qualified.js'

type Operator = {
  readonly function: string
  readonly commutator: string | null
  readonly negator: string | null
  readonly restrict: string | null
  readonly join: string | null
  readonly hashes: boolean
  readonly merges: boolean
}

/** Shells (no function) are a kind of their own. */
export const operator = kind<Operator>({
  name: 'operator',
  query: `
    select 'pg_catalog.pg_operator'::pg_catalog.regclass::oid as classid, o.oid, 0 as subid,
           ${operatorPath('o')} as path,
           ${functionName('o.oprcode')} as function,
           ${operatorName('o.oprcom')} as commutator,
           ${operatorName('o.oprnegate')} as negator,
           ${functionName('o.oprrest')} as restrict,
           ${functionName('o.oprjoin')} as "join",
           o.oprcanhash as hashes,
           o.oprcanmerge as merges
    from pg_catalog.pg_operator o
    join pg_catalog.pg_namespace n on n.oid = o.oprnamespace
    where o.oprcode <> 0 and ${NOT_SYSTEM}`,
  target: (id) => `operator ${operatorSignature(id)}`,
  create: (object) => `create operator ${name(object.id)} (\n  ${options(object).join(',\n  ')}\n)`,
  // Operators name each other: all of them wait.
  halfway: (before) => before?.definition ?? null,
  alter: {
    function: 'recreate',
    // ALTER OPERATOR can set these four since 17, and only where they are not yet set; no release can take them away.
    commutator: 'recreate',
    negator: 'recreate',
    hashes: 'recreate',
    merges: 'recreate',
    restrict: (after) => `alter operator ${operatorSignature(after.id)} set (restrict = ${after.definition.restrict ?? 'none'})`,
    join: (after) => `alter operator ${operatorSignature(after.id)} set (join = ${after.definition.join ?? 'none'})`,
  },
  occupies: (object) => [`operator ${operatorSignature(object.id)}`],
})

/** SQL: schema (as `n`), name, left and right type; `none` for the left of a prefix operator. */
export function operatorPath(alias: string): string {
  return `array[n.nspname::text, ${alias}.oprname::text,
                 case when ${alias}.oprleft = 0 then 'none' else pg_catalog.format_type(${alias}.oprleft, null) end, pg_catalog.format_type(${alias}.oprright, null)]`
}

function name(id: ObjectId): string {
  return `${quoteIdentifier(id.path[0] ?? '')}.${id.path[1] ?? ''}`
}

export function operatorSignature(id: ObjectId): string {
  return `${name(id)} (${id.path[2] ?? ''}, ${id.path[3] ?? ''})`
}

function options(object: CatalogObject<Operator>): string[] {
  const [, , left = 'none', right = ''] = object.id.path
  const d = object.definition
  return [
    `function = ${d.function}`,
    ...(left === 'none' ? [] : [`leftarg = ${left}`]),
    `rightarg = ${right}`,
    ...(d.commutator === null ? [] : [`commutator = operator(${d.commutator})`]),
    ...(d.negator === null ? [] : [`negator = operator(${d.negator})`]),
    ...(d.restrict === null ? [] : [`restrict = ${d.restrict}`]),
    ...(d.join === null ? [] : [`join = ${d.join}`]),
    ...(d.hashes ? ['hashes'] : []),
    ...(d.merges ? ['merges'] : []),
  ]
}
