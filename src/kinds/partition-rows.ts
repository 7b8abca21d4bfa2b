import { suffixed } from '../catalog/beside.js'
import type { CatalogObject } from '../catalog/catalog.js'
import type { ObjectId } from '../catalog/id.js'
import { isQualified, namesOf, quoteIdentifier, quoteName } from '../sql/quote.js'
import type { Context } from './kind.js'
import { coverAll, partitionsOf, takes } from './partition-bounds.js'

/*
 * Rows that a partition holds and that others take from now on: they are set aside before those are attached, and come back by way of the
 * partitioned table. Nothing is moved where something else would hear of it (a trigger, a rule, a foreign key to the partition itself):
 * PostgreSQL then refuses the new bounds because of the rows. Nor from a foreign table, whose rows are its server's.
 */

const DEFAULT = 'DEFAULT'

export type Partition = CatalogObject<{ readonly parent: string; readonly bound: string }>

/** Does a partition that stays get other bounds, by which rows can be told apart? */
export function isRerouted(before: Partition, after: Partition, context: Context): boolean {
  const [from, to] = [before.definition, after.definition]
  const others = siblings(after, context)
  const differ = from.parent !== to.parent || from.bound !== to.bound
  const moves = differ || (to.bound === DEFAULT && others.some((other) => isNew(other, context)))
  const stands = context.find(tableOf(after)) !== undefined
  return stands && moves && isUnheard(after, context) && takes(after, others, context) !== null
}

/** What its rows go by: one that comes under another partitioned table leaves them where they were, if others there take all of them. */
function wayOf(partition: Partition, context: Context): Partition {
  const before = context.find(partition.id) && (context.former(partition.id) as Partition | undefined)
  const moves = before !== undefined && before.definition.parent !== partition.definition.parent
  return moves && coverAll(before.definition.bound, siblings(before, context)) ? before : partition
}

/** What a default partition that stays holds of rows that partitions beside it take from now on. */
export function unsettled(partition: Partition, context: Context): string | null {
  if (partition.definition.bound !== DEFAULT) return null
  const taking = context.find(tableOf(partition)) ? siblings(partition, context).filter((other) => isNew(other, context)) : []
  return taking.length > 0 && isUnheard(partition, context) ? ofAny(taking, context) : null
}

/** The partitions that take rows of one that goes with its table: those of other bounds than before, and the default one. */
function heirs(before: Partition, context: Context): readonly Partition[] {
  const goes = context.former(tableOf(before)) && !context.find(tableOf(before))
  if (!goes || !context.find(wholeOf(before)) || !isUnheard(before, context)) return []
  return siblings(before, context).filter((other) => isNew(other, context) || other.definition.bound === DEFAULT)
}

/** Does it take others than before? */
function isNew({ id, definition }: Partition, { former }: Context): boolean {
  const before = former(id)?.definition
  return before?.bound !== definition.bound || before.parent !== definition.parent
}

/** Does what goes with its table leave rows to others? `context` is of the later state. */
export function isInherited(before: Partition, context: Context): boolean {
  return ofAny(heirs(before, context), context) !== null
}

/** Do they take all rows of what goes with its table? */
export function isWhollyInherited(before: Partition, context: Context): boolean {
  return isInherited(before, context) && coverAll(before.definition.bound, siblings(before, context))
}

function ofAny(partitions: readonly Partition[], context: Context): string | null {
  const conditions = partitions
    .map((partition) => takes(partition, siblings(partition, context), context))
    .filter((condition) => condition !== null)
    .map((condition) => `(${condition}) is true`)
  return conditions.length === 0 ? null : conditions.join(' or ')
}

/** Before a partition that goes: what others take of it. */
export function keepForOthers(before: Partition, context: Context): readonly string[] {
  return setAside(before, ofAny(heirs(before, context), context) ?? 'false', context)
}

/** Before a partition is attached with other bounds: what these do not take. */
export function letGo(after: Partition, context: Context): readonly string[] {
  const strange = `(${takes(after, siblings(after, context), context)}) is not true`
  const table = quoteName(...after.id.path)
  const deletion = `delete from ${table} where ${strange}`
  // Where it is published without a key, PostgreSQL lets no row of it go, be there one or not. Of publications, a replica has none.
  const rows = lacksIdentity(after, context)
    ? [`alter table ${table} replica identity full`, deletion, `alter table ${table} replica identity default`]
    : [deletion]
  return [...setAside(after, strange, context), ...rows]
}

function lacksIdentity({ id }: Partition, { children, find, former }: Context): boolean {
  const identity = { kind: 'replica identity', path: id.path }
  const isPrimary = ({ definition }: CatalogObject) => definition.type === 'primary key'
  return !find(identity) && !former(identity) && !children({ kind: 'table', path: id.path }).some(isPrimary)
}

/** Once all are attached: each row goes where it belongs. */
export function route(partition: Partition, context: Context): readonly string[] {
  const columns = sharedColumns(partition, context)
  // One's own type may have been made anew meanwhile, under the same name: text is what both have.
  const values = columns.map(({ name, type, cast }) => (isQualified(type) ? `${name}::text::${type}` : cast ? `${name}::${type}` : name))
  const names = columns.map(({ name }) => name).join(', ')
  return [
    `insert into ${wayOf(partition, context).definition.parent} (${names}) overriding system value select ${values.join(', ')} from pg_temp.${pool(partition)}`,
    `drop table pg_temp.${pool(partition)}`,
  ]
}

function setAside(partition: Partition, condition: string, context: Context): readonly string[] {
  const table = quoteName(...partition.id.path)
  const names = sharedColumns(partition, context).map(({ name }) => name)
  return [
    `lock table ${table} in access exclusive mode`,
    // A policy that would hide rows is an error then.
    'set local row_security = off',
    `create temporary table ${pool(partition)} on commit drop as select ${names.join(', ')} from ${table} where ${condition}`,
  ]
}

/** Where rows wait: in a temporary table of the transaction. */
function pool({ id }: Partition): string {
  return quoteIdentifier(suffixed(id.path[1] ?? '', '__routed'))
}

/** What its rows have that the partitioned table has, too, in the later state. */
function sharedColumns(partition: Partition, context: Context) {
  const { children, former, find } = context
  const path = find(partition.id) ? partition.id.path : (namesOf(partition.definition.parent) ?? [])
  return children(wholeOf(wayOf(partition, context)))
    .filter(({ id, definition }) => id.kind === 'column' && definition.generated === null)
    .sort((a, b) => (a.position ?? 0) - (b.position ?? 0))
    .flatMap(({ id, definition }) => {
      const name = id.path.at(-1) ?? ''
      const before = former({ kind: id.kind, path: [...path, name] })
      return before
        ? [{ name: quoteIdentifier(name), type: String(definition.type), cast: before.definition.type !== definition.type }]
        : []
    })
}

function isUnheard(partition: Partition, context: Context): boolean {
  const [own, whole] = [context.children(tableOf(partition)), context.children(wholeOf(wayOf(partition, context)))]
  const hears = ({ id, definition }: CatalogObject) =>
    id.kind === 'rule' || (id.kind === 'trigger' && /\bINSERT\b/.test(JSON.stringify(definition)))
  const named = `REFERENCES ${quoteName(...partition.id.path)}(`
  return (
    !own.some(({ id }) => id.kind === 'rule' || id.kind === 'trigger') &&
    !whole.some(hears) &&
    !context.ofKind('constraint').some(({ definition }) => String(definition.text).includes(named))
  )
}

function siblings({ key, definition }: Partition, context: Context): readonly Partition[] {
  return partitionsOf(definition.parent, context).filter((other) => other.key !== key)
}

function tableOf({ id }: Partition): ObjectId {
  return { kind: 'table', path: id.path }
}

function wholeOf({ definition }: Partition): ObjectId {
  return { kind: 'table', path: namesOf(definition.parent) ?? [] }
}
