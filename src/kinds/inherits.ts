import type { CatalogObject } from '../catalog/catalog.js'
import { idOf } from '../catalog/id.js'
import { quoteName } from '../sql/quote.js'
import type { Context } from './kind.js'

/** A relation as [schema, name]. */
export type Parent = readonly [schema: string, name: string]

/** The query's column for the INHERITS parents of a relation with the alias `c`, in their order; a partition's is not one of them. */
export const INHERITS = `case when c.relispartition then '[]'::json else coalesce((
  select pg_catalog.json_agg(pg_catalog.json_build_array(pn.nspname, p.relname) order by i.inhseqno)
  from pg_catalog.pg_inherits i
  join pg_catalog.pg_class p on p.oid = i.inhparent
  join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
  where i.inhrelid = c.oid), '[]') end as inherits`

export function inheritsClause(parents: readonly Parent[]): string {
  return parents.length > 0 ? ` inherits (${parents.map((parent) => quoteName(...parent)).join(', ')})` : ''
}

type Heir = CatalogObject<{ readonly inherits: readonly Parent[] }>

/**
 * From one list of parents to another. New ones come first: a column that both the old parent and the new one have stays inherited
 * throughout. What the relation lacks of a new parent comes through a parent of the moment, since only what a parent is given
 * arrives in its heirs as inherited.
 */
export function alterInherits(alter: string, after: Heir, before: Heir, context: Context): string[] {
  const [to, from] = [after.definition.inherits, before.definition.inherits]
  const has = (list: readonly Parent[], parent: Parent) => list.some((other) => same(other, parent))
  const kept = from.filter((parent) => has(to, parent))
  const firstMoved = kept.findIndex((parent, i) => !same(parent, to[i]))
  const moved = firstMoved === -1 ? [] : kept.slice(firstMoved)
  const gained = to.filter((parent) => !has(from, parent))
  const inherit = (parent: Parent) => `${alter} inherit ${quoteName(...parent)}`
  const leave = (parent: Parent) => `${alter} no inherit ${quoteName(...parent)}`
  const lent = missing(after, gained, context)
  // Where parents change places all of them let go for a moment: what is only inherited stays so by the lender. And what is lent may read
  // columns that are there.
  const held = moved.length > 0 || lent.length > 0 ? holdable(after, lent, context) : []
  const lends = lent.length + held.length > 0
  const lender = quoteName(...context.beside(after.id, '__inherits').path)
  return [
    ...(lends
      ? [
          `create table ${lender} (${fragments(held, context).join(', ')})`,
          `${alter} inherit ${lender}`,
          ...fragments(lent, context).map((part) => `alter table ${lender} add ${part}`),
        ]
      : []),
    ...(moved.length === 0 ? gained.map(inherit) : []),
    ...from.filter((parent) => !has(to, parent)).map(leave),
    ...moved.map(leave),
    ...(moved.length === 0 ? [] : to.slice(firstMoved).map(inherit)),
    ...(lends ? [`${alter} no inherit ${lender}`, `drop table ${lender}`] : []),
  ]
}

/** Columns and checks that come of the new parents alone, in their order, where the relation has none of that name yet. */
function missing(after: Heir, gained: readonly Parent[], context: Context): readonly CatalogObject[] {
  const of = (key: string) => gained.some((parent) => same(parent, idOf(key).path))
  return inOrder(after, context)
    .filter((part) => part.definition.local === false && context.former(part.id) === undefined)
    .filter((part) => (part.echoes ?? []).some((key) => of(key) && (context.former(idOf(key)) !== undefined || isNew(key, context))))
}

/** What was and stays inherited, with all columns, since checks may read those. Empty where there is nothing to hold or lend. */
function holdable(after: Heir, lent: readonly CatalogObject[], context: Context): readonly CatalogObject[] {
  const stays = (part: CatalogObject) => part.definition.local === false && context.former(part.id)?.definition.local === false
  const parts = inOrder(after, context).filter((part) => context.former(part.id) !== undefined)
  return lent.length > 0 || parts.some(stays)
    ? parts.filter((part) => stays(part) || (part.id.kind === 'column' && part.definition.identity === null))
    : []
}

function inOrder(after: Heir, context: Context): readonly CatalogObject[] {
  return [...context.children(after.id)].sort((a, b) => (a.position ?? 0) - (b.position ?? 0) || (a.key < b.key ? -1 : 1))
}

function fragments(parts: readonly CatalogObject[], context: Context): readonly string[] {
  return parts
    .map(
      (part) =>
        context.kind(part.id.kind).inline?.({ ...part, definition: { ...part.definition, local: true, notNullInherited: null } }, []) ?? '',
    )
    .filter((part) => part !== '')
}

/** Is the relation of this part made by the same plan? What a standing parent is given once we follow it comes by itself. */
function isNew(key: string, context: Context): boolean {
  const parent = context.find(idOf(key))?.parent
  return parent !== undefined && context.former(idOf(parent)) === undefined
}

/** The relations that it follows, as paths. */
export function attachedTo({ definition }: Heir): readonly Parent[] {
  return definition.inherits
}

function same(a: readonly string[], b: readonly string[] | undefined): boolean {
  return b !== undefined && a[0] === b[0] && a[1] === b[1]
}
