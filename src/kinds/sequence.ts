import type { CatalogObject } from '../catalog/catalog.js'
import { quoteIdentifier, quoteName } from '../sql/quote.js'
import { kind, NOT_SYSTEM } from './kind.js'
import { settle } from './sequence-bounds.js'

type Sequence = {
  readonly type: string
  readonly persistence: string
  readonly increment: string
  readonly min: string
  readonly max: string
  readonly start: string
  readonly cache: string
  readonly cycle: boolean
}

/** Sequences of identity columns are an attribute of their column; all others are objects. */
export const sequence = kind<Sequence>({
  name: 'sequence',
  query: `
    select 'pg_catalog.pg_class'::pg_catalog.regclass::oid as classid, c.oid, 0 as subid,
           array[n.nspname, c.relname]::text[] as path,
           pg_catalog.format_type(s.seqtypid, null) as type,
           case c.relpersistence when 'u' then 'unlogged' else 'permanent' end as persistence,
           s.seqincrement::text as increment, s.seqmin::text as min, s.seqmax::text as max,
           s.seqstart::text as start, s.seqcache::text as cache, s.seqcycle as cycle
    from pg_catalog.pg_sequence s
    join pg_catalog.pg_class c on c.oid = s.seqrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relpersistence <> 't' and ${NOT_SYSTEM}
      and not exists (select from pg_catalog.pg_depend d where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid and d.deptype = 'i')`,
  target: (id) => `sequence ${quoteName(...id.path)}`,
  rename: (id, newName) => `alter sequence ${quoteName(...id.path)} rename to ${quoteIdentifier(newName)}`,
  create: (object) => {
    const d = object.definition
    const bounds = defaults(d)
    const options = [
      d.type === 'bigint' ? '' : `as ${d.type}`,
      d.start === bounds.start ? '' : `start with ${d.start}`,
      d.increment === '1' ? '' : `increment by ${d.increment}`,
      d.min === bounds.min ? '' : `minvalue ${d.min}`,
      d.max === bounds.max ? '' : `maxvalue ${d.max}`,
      d.cache === '1' ? '' : `cache ${d.cache}`,
      d.cycle ? 'cycle' : '',
    ].filter((option) => option !== '')
    return [`create ${d.persistence === 'unlogged' ? 'unlogged ' : ''}sequence ${quoteName(...object.id.path)}`, ...options].join(' ')
  },
  nameless: (object, context) => {
    const owner = context.find({ kind: 'sequence owner', path: object.id.path })
    return owner && JSON.stringify([owner.definition.column, object.definition])
  },
  movesWith: (object, context) => {
    const owner = context.find({ kind: 'sequence owner', path: object.id.path })
    return owner ? (owner.definition.column as readonly string[]).slice(0, -1) : null
  },
  alter: {
    persistence: (after) => `${alter(after)} set ${after.definition.persistence === 'unlogged' ? 'unlogged' : 'logged'}`,
    // ALTER … AS moves bounds that are the old type's own, so that all bounds are stated along with it.
    type: (after, before) => [
      ...lift(after, before),
      `${turn(after, before)} as ${after.definition.type} increment by ${after.definition.increment} minvalue ${after.definition.min} maxvalue ${after.definition.max} start with ${after.definition.start}`,
    ],
    increment: (after, before) =>
      after.definition.type !== before.definition.type
        ? []
        : turns(after, before)
          ? `${turn(after, before)} increment by ${after.definition.increment} minvalue ${after.definition.min} maxvalue ${after.definition.max} start with ${after.definition.start}`
          : `${alter(after)} increment by ${after.definition.increment}`,
    min: (after, before) =>
      after.definition.type === before.definition.type && !turns(after, before) ? [...lift(after, before), bounds(after)] : [],
    max: (after, before) =>
      after.definition.type === before.definition.type && !turns(after, before) && after.definition.min === before.definition.min
        ? [...lift(after, before), bounds(after)]
        : [],
    start: (after, before) =>
      after.definition.type === before.definition.type &&
      !turns(after, before) &&
      after.definition.min === before.definition.min &&
      after.definition.max === before.definition.max
        ? `${alter(after)} start with ${after.definition.start}`
        : [],
    cache: (after) => `${alter(after)} cache ${after.definition.cache}`,
    cycle: (after) => `${alter(after)} ${after.definition.cycle ? 'cycle' : 'no cycle'}`,
  },
  holdsData: true,
  occupies: (object) => [`relation ${quoteName(...object.id.path)}`],
  hazard: (_before, after) => (after === undefined ? 'drop-sequence' : null),
  impact: () => ({}),
})

function alter(object: CatalogObject): string {
  return `alter sequence ${quoteName(...object.id.path)}`
}

function bounds(object: CatalogObject<Sequence>): string {
  const { min, max, start } = object.definition
  return `${alter(object)} minvalue ${min} maxvalue ${max} start with ${start}`
}

/** Counting down instead of up: where it stands means nothing any more, and may lie outside the new bounds. */
function turns(after: CatalogObject<Sequence>, before: CatalogObject<Sequence>): boolean {
  return after.definition.increment.startsWith('-') !== before.definition.increment.startsWith('-')
}

function turn(after: CatalogObject<Sequence>, before: CatalogObject<Sequence>): string {
  return turns(after, before) ? `${alter(after)} restart with ${after.definition.start}` : alter(after)
}

function lift(after: CatalogObject<Sequence>, before: CatalogObject<Sequence>): string[] {
  return turns(after, before) ? [] : settle(quoteName(...after.id.path), alter(after), after.definition, before.definition)
}

const MAX: Readonly<Record<string, string>> = { smallint: '32767', integer: '2147483647', bigint: '9223372036854775807' }
const MIN: Readonly<Record<string, string>> = { smallint: '-32768', integer: '-2147483648', bigint: '-9223372036854775808' }

/** What CREATE SEQUENCE takes for what is left unsaid. */
function defaults(d: Sequence): { readonly min: string; readonly max: string; readonly start: string } {
  const descending = d.increment.startsWith('-')
  const min = descending ? (MIN[d.type] ?? '') : '1'
  const max = descending ? '-1' : (MAX[d.type] ?? '')
  return { min, max, start: descending ? d.max : d.min }
}
