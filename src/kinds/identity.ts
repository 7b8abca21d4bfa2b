import type { CatalogObject } from '../catalog/catalog.js'
import { quoteIdentifier, quoteName } from '../sql/quote.js'
import { alter, name, table } from './column-names.js'
import type { Sql } from './kind.js'
import { goOn } from './position.js'
import { settle } from './sequence-bounds.js'

/** A column's GENERATED … AS IDENTITY. */
export type Identity = {
  /** `logged` or `unlogged`, where it is not as its table is. */
  readonly persistence: string | null
  /** Of the sequence behind it, which is in the table's schema. */
  readonly sequence: string
  /** Of that sequence, where it is not the column's: LIKE … INCLUDING IDENTITY makes a bigint of every one. Plans made before it was read know others. */
  readonly type?: string
  readonly always: boolean
  readonly start: string
  readonly increment: string
  readonly min: string
  readonly max: string
  readonly cache: string
  readonly cycle: boolean
}

/** What it takes of a column. */
type Numbered = { readonly type: string; readonly notNull: boolean; readonly identity: Identity | null }

const TYPE_MAX: Readonly<Record<string, string>> = { smallint: '32767', integer: '2147483647', bigint: '9223372036854775807' }

/** Options are written only where they differ from those of a new identity column. */
export function identityClause(object: CatalogObject<Numbered>, identity: Identity): string {
  const [, table = '', column = ''] = object.id.path
  const named = identity.sequence === `${table}_${column}_seq` ? [] : [`sequence name ${sequenceOf(object, identity)}`]
  const options = [
    ...named,
    ...(identity.persistence === null ? [] : [identity.persistence]),
    ...sequenceOptions(identity, object.definition.type),
  ]
  return `generated ${identity.always ? 'always' : 'by default'} as identity${options.length > 0 ? ` (${options.join(' ')})` : ''}`
}

export function sequenceOf(object: CatalogObject<Numbered>, identity: Identity): string {
  return quoteName(object.id.path[0] ?? '', identity.sequence)
}

function sequenceOptions(identity: Identity, type: string): string[] {
  return [
    identity.start === '1' ? '' : `start with ${identity.start}`,
    identity.increment === '1' ? '' : `increment by ${identity.increment}`,
    identity.min === '1' ? '' : `minvalue ${identity.min}`,
    identity.max === TYPE_MAX[type] ? '' : `maxvalue ${identity.max}`,
    identity.cache === '1' ? '' : `cache ${identity.cache}`,
    identity.cycle ? 'cycle' : '',
  ].filter((option) => option !== '')
}

export function alterIdentity(after: CatalogObject<Numbered>, before: CatalogObject<Numbered>): Sql {
  const a = after.definition.identity
  const b = before.definition.identity
  // Bounds must fit the type that the sequence has at that moment: see retypedIdentity.
  if (a !== null && b !== null && wider(before.definition.type, after.definition.type)) return []
  if (a !== null && b !== null && before.definition.type !== after.definition.type)
    return setIdentity(after, boundedAs(a, after, before), b)
  if (a === null) return `${alter(after)} drop identity`
  if (b === null) return isNumbered(before) ? [...addIdentity(after, a, before), ...retypedSequence(after)] : []
  return [...setIdentity(after, a, b), ...retypedSequence(after, before)]
}

/** Identity asks for NOT NULL first (an error otherwise on 14 to 18). */
function addIdentity(after: CatalogObject<Numbered>, identity: Identity, before: CatalogObject<Numbered>): readonly string[] {
  return [
    ...(before.definition.notNull ? [] : [`${alter(after)} set not null`]),
    `${alter(after)} add ${identityClause(after, identity)}`,
    goOn(sequenceOf(after, identity), table(after), name(after), identity),
  ]
}

/** Only a column of such a type can have an identity: one that was a text is retyped before it gets it. */
function isNumbered({ definition: { type } }: CatalogObject<Numbered>): boolean {
  return TYPE_MAX[type] !== undefined
}

/** ALTER TYPE takes the sequence along, and with it a bound that is the old type's own; every other bound stays. */
export function retypedIdentity(after: CatalogObject<Numbered>, before: CatalogObject<Numbered>): readonly string[] {
  const [a, b] = [after.definition.identity, before.definition.identity]
  if (a !== null && b === null && !isNumbered(before)) return addIdentity(after, a, before)
  if (a === null || b === null || !wider(before.definition.type, after.definition.type)) return []
  return setIdentity(after, a, boundedAs(b, before, after))
}

/** No clause of an identity has a type: it is given to the sequence, along with the bounds that would follow the type. */
export function retypedSequence(after: CatalogObject<Numbered>, before?: CatalogObject<Numbered>): readonly string[] {
  const [a, b] = [after.definition.identity, before?.definition.identity]
  if (!a || (a.type === undefined && b?.type === undefined)) return []
  return [`alter sequence ${sequenceOf(after, a)} as ${a.type ?? after.definition.type} minvalue ${a.min} maxvalue ${a.max}`]
}

function wider(from: string, to: string): boolean {
  return BigInt(TYPE_MAX[from] ?? 0) < BigInt(TYPE_MAX[to] ?? 0)
}

/** The identity of a column of `from`'s type, with bounds that are that type's own moved to those of `to`'s. */
function boundedAs(identity: Identity, from: CatalogObject<Numbered>, to: CatalogObject<Numbered>): Identity {
  const [max = '', next = ''] = [TYPE_MAX[from.definition.type], TYPE_MAX[to.definition.type]]
  const lowest = (highest: string) => String(-BigInt(highest || 0) - 1n)
  return { ...identity, max: identity.max === max ? next : identity.max, min: identity.min === lowest(max) ? lowest(next) : identity.min }
}

function setIdentity(after: CatalogObject<Numbered>, a: Identity, b: Identity): readonly string[] {
  const sets = [
    a.always === b.always ? '' : `set generated ${a.always ? 'always' : 'by default'}`,
    a.start === b.start ? '' : `set start with ${a.start}`,
    a.increment === b.increment ? '' : `set increment by ${a.increment}`,
    a.min === b.min ? '' : `set minvalue ${a.min}`,
    a.max === b.max ? '' : `set maxvalue ${a.max}`,
    a.cache === b.cache ? '' : `set cache ${a.cache}`,
    a.cycle === b.cycle ? '' : a.cycle ? 'set cycle' : 'set no cycle',
  ].filter((set) => set !== '')
  return [
    ...(a.sequence === b.sequence ? [] : [`alter sequence ${sequenceOf(after, b)} rename to ${quoteIdentifier(a.sequence)}`]),
    ...(a.persistence === b.persistence
      ? []
      : [`alter sequence ${sequenceOf(after, a)} set ${a.persistence ?? (b.persistence === 'logged' ? 'unlogged' : 'logged')}`]),
    ...settle(sequenceOf(after, a), `${alter(after)} set`, a, b),
    ...(sets.length === 0 ? [] : [`${alter(after)} ${sets.join(' ')}`]),
  ]
}
