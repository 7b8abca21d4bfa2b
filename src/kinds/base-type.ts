import type { CatalogObject } from '../catalog/catalog.js'
import { quoteLiteral, quoteName } from '../sql/quote.js'
import { type Alter, kind, NOT_SYSTEM } from './kind.js'
import { functionName, typeName } from './qualified.js'

type BaseType = {
  readonly input: string
  readonly output: string
  readonly receive: string | null
  readonly send: string | null
  readonly typmodIn: string | null
  readonly typmodOut: string | null
  readonly analyze: string | null
  readonly subscript: string | null
  /** In bytes; -1 variable, -2 a C string. */
  readonly length: number
  readonly byValue: boolean
  readonly alignment: string
  readonly storage: string
  readonly category: string
  readonly preferred: boolean
  readonly default: string | null
  readonly element: string | null
  readonly delimiter: string
  readonly collatable: boolean
}

/**
 * A type of its own with input and output functions, mostly written in C. Functions and type need each other: a shell stands in for
 * the type meanwhile, and they go as one (docs/adr/0011).
 */
export const baseType = kind<BaseType>({
  name: 'base type',
  query: `
    select 'pg_catalog.pg_type'::pg_catalog.regclass::oid as classid, t.oid, 0 as subid,
           array[n.nspname, t.typname]::text[] as path,
           ${functionName('t.typinput')} as input,
           ${functionName('t.typoutput')} as output,
           ${functionName('t.typreceive')} as receive,
           ${functionName('t.typsend')} as send,
           ${functionName('t.typmodin')} as "typmodIn",
           ${functionName('t.typmodout')} as "typmodOut",
           ${functionName('t.typanalyze')} as "analyze",
           ${functionName('t.typsubscript')} as subscript,
           t.typlen as length,
           t.typbyval as "byValue",
           case t.typalign when 'c' then 'char' when 's' then 'int2' when 'i' then 'int4' else 'double' end as alignment,
           case t.typstorage when 'p' then 'plain' when 'e' then 'external' when 'x' then 'extended' else 'main' end as storage,
           t.typcategory::text as category,
           t.typispreferred as preferred,
           t.typdefault as "default",
           ${typeName('t.typelem')} as element,
           t.typdelim::text as delimiter,
           t.typcollation <> 0 as collatable
    from pg_catalog.pg_type t
    join pg_catalog.pg_namespace n on n.oid = t.typnamespace
    where t.typtype = 'b' and t.oid >= 16384 and t.typisdefined and ${NOT_SYSTEM}
      and not exists (select from pg_catalog.pg_type e where e.typarray = t.oid)`,
  target: (id) => `type ${quoteName(...id.path)}`,
  create: (object) => `create type ${quoteName(...object.id.path)} (\n  ${options(object.definition).join(',\n  ')}\n)`,
  shell: (id) => `create type ${quoteName(...id.path)}`,
  drop: (object) => dropWhole(object),
  alter: {
    input: 'recreate',
    output: 'recreate',
    length: 'recreate',
    byValue: 'recreate',
    alignment: 'recreate',
    category: 'recreate',
    preferred: 'recreate',
    default: 'recreate',
    element: 'recreate',
    delimiter: 'recreate',
    collatable: 'recreate',
    // A type that is stored plain can never be toasted, and one that is toasted never be plain again.
    storage: (after, before) =>
      after.definition.storage === 'plain' || before.definition.storage === 'plain'
        ? null
        : `${alter(after)} set (storage = ${after.definition.storage})`,
    receive: set('receive', 'receive'),
    send: set('send', 'send'),
    typmodIn: set('typmodIn', 'typmod_in'),
    typmodOut: set('typmodOut', 'typmod_out'),
    analyze: set('analyze', 'analyze'),
    subscript: set('subscript', 'subscript'),
  },
  occupies: (object) => [`type ${quoteName(...object.id.path)}`],
})

/** No statement but CASCADE takes a type and its own functions. It runs only where nothing else could go along. */
function dropWhole({ id, definition }: CatalogObject<BaseType>): string {
  const type = quoteName(...id.path)
  const { input, output, receive, send, typmodIn, typmodOut, analyze, subscript } = definition
  const own = [input, output, receive, send, typmodIn, typmodOut, analyze, subscript].filter((name) => name !== null)
  return `do $drop$
declare
  types oid[] := array[${quoteLiteral(type)}::pg_catalog.regtype::oid, (select typarray from pg_catalog.pg_type where oid = ${quoteLiteral(type)}::pg_catalog.regtype)];
  functions oid[] := array(
    select p.oid from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
    where pg_catalog.format('%I.%I', n.nspname, p.proname) in (${own.map(quoteLiteral).join(', ')}));
  other text := (
    select pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) from pg_catalog.pg_depend d
    where ((d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass and d.refobjid = any (types))
        or (d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.refobjid = any (functions)))
      and not (d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass and d.objid = any (types))
      and not (d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.objid = any (functions))
    limit 1);
begin
  if other is not null then
    raise exception 'type % is still used by %', ${quoteLiteral(type)}, other using errcode = 'dependent_objects_still_exist';
  end if;
  drop type ${type} cascade;
end
$drop$`
}

function alter(object: CatalogObject): string {
  return `alter type ${quoteName(...object.id.path)}`
}

function set(attribute: 'receive' | 'send' | 'typmodIn' | 'typmodOut' | 'analyze' | 'subscript', option: string): Alter<BaseType> {
  return (after) => `${alter(after)} set (${option} = ${after.definition[attribute] ?? 'none'})`
}

function options(d: BaseType): string[] {
  const named: readonly (readonly [string, string | null])[] = [
    ['input', d.input],
    ['output', d.output],
    ['receive', d.receive],
    ['send', d.send],
    ['typmod_in', d.typmodIn],
    ['typmod_out', d.typmodOut],
    ['analyze', d.analyze],
    ['subscript', d.subscript],
    ['internallength', d.length === -1 ? 'variable' : String(d.length)],
    ['passedbyvalue', d.byValue ? '' : null],
    ['alignment', d.alignment],
    ['storage', d.storage],
    ['category', d.category === 'U' ? null : quoteLiteral(d.category)],
    ['preferred', d.preferred ? 'true' : null],
    ['default', d.default === null ? null : quoteLiteral(d.default)],
    ['element', d.element],
    ['delimiter', d.delimiter === ',' ? null : quoteLiteral(d.delimiter)],
    ['collatable', d.collatable ? 'true' : null],
  ]
  return named.flatMap(([name, value]) => (value === null ? [] : [value === '' ? name : `${name} = ${value}`]))
}
