import { equal } from '../catalog/canonical.js'
import type { CatalogObject } from '../catalog/catalog.js'
import { quoteIdentifier, quoteLiteral, quoteName } from '../sql/quote.js'
import { type Alter, kind, NOT_SYSTEM } from './kind.js'
import { functionName, operatorName, typeName } from './qualified.js'
import { routineName } from './routine.js'

type Aggregate = {
  /** Types, without names and ORDER BY. */
  readonly arguments: string
  readonly returns: string
  readonly hypothetical: boolean
  readonly sfunc: string
  readonly stype: string
  readonly sspace: number
  readonly finalfunc: string | null
  readonly finalfuncExtra: boolean
  /** Null where it is what PostgreSQL takes when nothing is said. */
  readonly finalfuncModify: string | null
  readonly combinefunc: string | null
  readonly serialfunc: string | null
  readonly deserialfunc: string | null
  readonly initcond: string | null
  readonly msfunc: string | null
  readonly minvfunc: string | null
  readonly mstype: string | null
  readonly msspace: number
  readonly mfinalfunc: string | null
  readonly mfinalfuncExtra: boolean
  readonly mfinalfuncModify: string | null
  readonly minitcond: string | null
  readonly sortop: string | null
  readonly parallel: string
}

/** Its path ends with its arguments as pg_get_function_identity_arguments() writes them, ORDER BY included. */
export const aggregate = kind<Aggregate>({
  name: 'aggregate',
  query: `
    select 'pg_catalog.pg_proc'::pg_catalog.regclass::oid as classid, p.oid, 0 as subid,
           array[n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)]::text[] as path,
           pg_catalog.oidvectortypes(p.proargtypes) as arguments,
           pg_catalog.format_type(p.prorettype, null) as returns,
           g.aggkind = 'h' as hypothetical,
           ${functionName('g.aggtransfn')} as sfunc,
           ${typeName('g.aggtranstype')} as stype,
           g.aggtransspace as sspace,
           ${functionName('g.aggfinalfn')} as finalfunc,
           g.aggfinalextra as "finalfuncExtra",
           ${modification('g.aggfinalmodify')} as "finalfuncModify",
           ${functionName('g.aggcombinefn')} as combinefunc,
           ${functionName('g.aggserialfn')} as serialfunc,
           ${functionName('g.aggdeserialfn')} as deserialfunc,
           g.agginitval as initcond,
           ${functionName('g.aggmtransfn')} as msfunc,
           ${functionName('g.aggminvtransfn')} as minvfunc,
           ${typeName('g.aggmtranstype')} as mstype,
           g.aggmtransspace as msspace,
           ${functionName('g.aggmfinalfn')} as mfinalfunc,
           g.aggmfinalextra as "mfinalfuncExtra",
           ${modification('g.aggmfinalmodify')} as "mfinalfuncModify",
           g.aggminitval as minitcond,
           ${operatorName('g.aggsortop')} as sortop,
           case p.proparallel when 's' then 'safe' when 'r' then 'restricted' else 'unsafe' end as parallel
    from pg_catalog.pg_aggregate g
    join pg_catalog.pg_proc p on p.oid = g.aggfnoid
    join pg_catalog.pg_namespace n on n.oid = p.pronamespace
    where ${NOT_SYSTEM}`,
  target: (id) => `aggregate ${signature(id.path)}`,
  create: (object) => `create ${statement(object)}`,
  alter: {
    arguments: 'recreate',
    returns: 'recreate',
    hypothetical: 'recreate',
    sfunc: replace('sfunc'),
    stype: replace('stype'),
    sspace: replace('sspace'),
    finalfunc: replace('finalfunc'),
    finalfuncExtra: replace('finalfuncExtra'),
    finalfuncModify: replace('finalfuncModify'),
    combinefunc: replace('combinefunc'),
    serialfunc: replace('serialfunc'),
    deserialfunc: replace('deserialfunc'),
    initcond: replace('initcond'),
    msfunc: replace('msfunc'),
    minvfunc: replace('minvfunc'),
    mstype: replace('mstype'),
    msspace: replace('msspace'),
    mfinalfunc: replace('mfinalfunc'),
    mfinalfuncExtra: replace('mfinalfuncExtra'),
    mfinalfuncModify: replace('mfinalfuncModify'),
    minitcond: replace('minitcond'),
    sortop: replace('sortop'),
    parallel: replace('parallel'),
  },
  occupies: (object) => [routineName(object)],
})

/** What CREATE OR REPLACE can change, in the order of CREATE. */
const REPLACEABLE = [
  'sfunc',
  'stype',
  'sspace',
  'finalfunc',
  'finalfuncExtra',
  'finalfuncModify',
  'combinefunc',
  'serialfunc',
  'deserialfunc',
  'initcond',
  'msfunc',
  'minvfunc',
  'mstype',
  'msspace',
  'mfinalfunc',
  'mfinalfuncExtra',
  'mfinalfuncModify',
  'minitcond',
  'sortop',
  'parallel',
] as const

/** One statement changes all: the first attribute that differs brings it. */
function replace(attribute: (typeof REPLACEABLE)[number]): Alter<Aggregate> {
  return (after, before) => {
    const first = REPLACEABLE.find((name) => !equal(after.definition[name], before.definition[name]))
    return first === attribute ? `create or replace ${statement(after)}` : []
  }
}

/** READ_WRITE is the default of ordered-set aggregates, READ_ONLY that of all others. */
function modification(column: string): string {
  return `case when ${column} <> case when g.aggkind = 'n' then 'r'::"char" else 'w'::"char" end
                then case ${column} when 'r' then 'read_only' when 's' then 'shareable' else 'read_write' end end`
}

function signature([schema = '', name = '', parameters = '']: readonly string[]): string {
  return `${quoteName(schema, name)}(${parameters === '' ? '*' : parameters})`
}

function statement(object: CatalogObject<Aggregate>): string {
  return `aggregate ${signature(object.id.path)} (\n  ${options(object.definition).join(',\n  ')}\n)`
}

function options(d: Aggregate): string[] {
  const named: readonly (readonly [string, string | number | null])[] = [
    ['sfunc', d.sfunc],
    ['stype', d.stype],
    ['sspace', d.sspace === 0 ? null : d.sspace],
    ['finalfunc', d.finalfunc],
    ['finalfunc_extra', flag(d.finalfuncExtra)],
    ['finalfunc_modify', d.finalfuncModify],
    ['combinefunc', d.combinefunc],
    ['serialfunc', d.serialfunc],
    ['deserialfunc', d.deserialfunc],
    ['initcond', d.initcond === null ? null : quoteLiteral(d.initcond)],
    ['msfunc', d.msfunc],
    ['minvfunc', d.minvfunc],
    ['mstype', d.mstype],
    ['msspace', d.msspace === 0 ? null : d.msspace],
    ['mfinalfunc', d.mfinalfunc],
    ['mfinalfunc_extra', flag(d.mfinalfuncExtra)],
    ['mfinalfunc_modify', d.mfinalfuncModify],
    ['minitcond', d.minitcond === null ? null : quoteLiteral(d.minitcond)],
    ['sortop', d.sortop === null ? null : `operator(${d.sortop})`],
    ['parallel', d.parallel === 'unsafe' ? null : d.parallel],
    ['hypothetical', flag(d.hypothetical)],
  ]
  return named.flatMap(([name, value]) => (value === null ? [] : [value === '' ? name : `${quoteIdentifier(name)} = ${value}`]))
}

/** An option without a value. */
function flag(set: boolean): '' | null {
  return set ? '' : null
}
