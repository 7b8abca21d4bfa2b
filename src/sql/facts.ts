import type { Node } from 'libpg-query'

/** What a statement is about. Names as written: `['t']` or `['s', 't']`; of a trigger, policy, rule or constraint `[schema?, table, name]`. */
export interface Subject {
  readonly space: 'relation' | 'routine' | 'type' | 'schema' | 'extension' | 'role' | 'trigger' | 'policy' | 'rule' | 'constraint' | 'other'
  readonly name: readonly string[]
  /** Of a routine that is made: the types of its arguments, by which it is told apart from others of its name. */
  readonly overload?: string
}

/** An attribute that is compared only because a statement states it. `on` null: the whole database. */
export interface Stated {
  readonly aspect: 'owner' | 'privileges' | 'version' | 'tablespace' | 'not-null-name' | 'default-privileges' | 'grantor'
  readonly on: Subject | null
  readonly columns?: readonly string[]
}

/** The name of a database, and where it stands in a text, in UTF-16 units. */
export interface NamedDatabase {
  readonly name: string
  readonly start: number
  readonly end: number
}

/** A column or named constraint within a statement, at a byte of the text that was parsed. */
export interface PartFact {
  readonly name: string
  readonly location: number
  readonly column: boolean
}

export interface Facts {
  readonly subject: Subject | null
  readonly states: readonly Stated[]
  readonly parts: readonly PartFact[]
}

export type NodeName = Node extends infer N ? (N extends unknown ? keyof N & string : never) : never
export type Body<K extends NodeName> = Node extends infer N ? (N extends Record<K, infer B> ? B : never) : never

/** A statement's node, taken apart: `['CreateStmt', {…}]`. */
export type Tagged = { [K in NodeName]: readonly [K, Body<K>] }[NodeName]

export function tagged(node: Node): Tagged {
  // Sound: every member of the union Node is an object of exactly one key, which Object.entries cannot express.
  return Object.entries(node)[0] as unknown as Tagged
}

export function body<K extends NodeName>(node: Node | undefined, name: K): Body<K> | undefined {
  // Sound: `name in node` chose the member of the union; the compiler does not narrow a union by a generic key.
  return node && name in node ? (node as unknown as Record<K, Body<K>>)[name] : undefined
}

/** The names that a node spells, whatever it is: a string, a list, a type, a relation, an object with arguments, a role. */
export function namesOf(node: Node | undefined): string[] {
  if (!node) return []
  const [tag, value] = tagged(node)
  switch (tag) {
    case 'String':
      return value.sval === undefined ? [] : [value.sval]
    case 'List':
      return listNames(value.items)
    case 'TypeName':
      return listNames(value.names)
    case 'ObjectWithArgs':
      return listNames(value.objname)
    case 'RangeVar':
      return value.schemaname ? [value.schemaname, value.relname ?? ''] : [value.relname ?? '']
    case 'RoleSpec':
      return value.rolename ? [value.rolename] : []
    case 'AccessPriv':
      return value.priv_name ? [value.priv_name] : []
    default:
      return []
  }
}

export function listNames(nodes: readonly Node[] | undefined): string[] {
  return (nodes ?? []).flatMap(namesOf)
}
