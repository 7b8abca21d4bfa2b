import type { CatalogObject } from '../catalog/catalog.js'
import { idOf, type ObjectId } from '../catalog/id.js'
import { namesOf, quoteName } from '../sql/quote.js'
import type { Context, Spread } from './kind.js'
import { partitionsOf } from './partition-bounds.js'

/*
 * An index or a key of a partitioned table, made by one statement for all its partitions. PostgreSQL takes an index that fits where a
 * partition has one, and else makes one with a name of its choice.
 */

/** How an index or a key is told from others. */
export interface Spreading {
  /** Its definition without its name and its table; null where one statement says it not wholly. */
  readonly same: (object: CatalogObject) => string | null
  /** The name that PostgreSQL chooses for it on this table; null where that cannot be told. */
  readonly chosenName: (object: CatalogObject, table: string) => string | null
  /** Other objects that stand for it. */
  readonly besides: (id: ObjectId) => readonly ObjectId[]
}

/** Null where PostgreSQL would come to something else. */
export function spreadOver(
  object: CatalogObject,
  { same, chosenName, besides }: Spreading,
  context: Context,
  stays: (id: ObjectId) => boolean,
): Spread | null {
  const along: ObjectId[] = []
  const first: ObjectId[] = []
  const text = same(object)
  const whole = tableOf(object)
  if (text === null || !stays(whole)) return null

  const descend = (model: CatalogObject): boolean =>
    partitionsOf(quoteName(...tableOf(model).path), context).every((partition) => {
      const table = context.find({ kind: 'table', path: partition.id.path })
      const fitting = table ? context.children(table.id).filter((part) => part.id.kind === object.id.kind && same(part) === text) : []
      const [part] = fitting
      const attachment = part && context.find({ kind: 'index attachment', path: relationOf(part) })
      if (!table || !part || fitting.length > 1 || attachment?.definition.parent !== quoteName(...relationOf(model))) return false
      along.push(attachment.id)
      const isLeaf = table.definition.partitionKey === null
      if (stays(part.id) || !stays(table.id) || !stays(partition.id)) {
        first.push(part.id)
        return isLeaf
      }
      if (chosenName(part, table.id.path.at(-1) ?? '') !== part.id.path.at(-1)) return false
      along.push(part.id, ...besides(part.id))
      return isLeaf || descend(part)
    })
  return descend(object) && along.length > 0 ? { along, first } : null
}

/** What ATTACH PARTITION attaches of a table's indexes: those which alone fit an index that is there. */
export function attachedAlong(
  table: ObjectId,
  spreadings: Readonly<Record<string, Spreading>>,
  { children, find }: Context,
  stays: (id: ObjectId) => boolean,
): Spread | null {
  const parts = children(table).flatMap((part) => {
    const text = spreadings[part.id.kind]?.same(part) ?? null
    return text === null ? [] : [{ path: relationOf(part), text: `${part.id.kind} ${text}` }]
  })
  const along = parts.flatMap(({ path, text }) => {
    const attachment = find({ kind: 'index attachment', path })
    const isAlone = parts.filter((other) => other.text === text).length === 1
    const model = namesOf(String(attachment?.definition.parent ?? '')) ?? []
    const stands = ['index', 'key index'].some((kind) => stays({ kind, path: model }))
    return attachment && isAlone && stands ? [attachment.id] : []
  })
  return along.length > 0 ? { along, first: [] } : null
}

function tableOf({ parent = '[""]' }: CatalogObject): ObjectId {
  return idOf(parent)
}

/** An index is a relation of its own, a key's has its name. */
function relationOf({ id: { path } }: CatalogObject): readonly string[] {
  return [path[0] ?? '', path.at(-1) ?? '']
}

/** `t_a_b_idx`, as PostgreSQL's ChooseIndexName makes it of the columns; null where it would have to cut it short. */
export function chosenIndexName(table: string, columns: readonly string[] | null, label: string): string | null {
  if (columns === null || new Set(columns).size < columns.length) return null
  const name = [table, ...columns, label].join('_')
  return Buffer.byteLength(name) > 63 ? null : name
}
