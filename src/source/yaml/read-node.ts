import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type Scalar, type YAMLMap } from 'yaml'
import { nearest } from '../../config/nearest.js'
import type { Problem } from '../../sql/analysis.js'
import type { At } from './place.js'
import type { Entry, Flag, Shape, Text, Value } from './shape.js'

/** A YAML document being read: where its nodes lie, and where problems are told. */
export interface Reader {
  /** What each alias stands for. */
  readonly aliased: ReadonlyMap<Node, Node>
  readonly text: string
  /** The place of a character of the file. */
  readonly locate: (offset: number) => At
  readonly problems: Problem[]
  /** Nodes that may still be visited: aliases of aliases can stand for billions. */
  readonly budget: { left: number }
}

/** Checks a node against a shape; undefined where it does not fit, which has then been told. */
export function readNode<S extends Shape>(reader: Reader, node: unknown, shape: S, parent: At): Value<S> | undefined {
  // Sound: read() returns what Value says of the shape it got, case by case; the compiler cannot follow that through the recursion.
  return read(reader, node, shape, parent) as Value<S> | undefined
}

type Read = Text | Flag | { list: Read[]; at: At } | { entries: Entry<Read>[]; at: At } | { keys: { [key: string]: Read }; at: At }

function read(reader: Reader, given: unknown, shape: Shape, parent: At): Read | undefined {
  if (--reader.budget.left === 0) tell(reader, parent, 'the file is too large', 'are there aliases of aliases? write them out')
  if (reader.budget.left <= 0) return undefined
  const node = isAlias(given) ? reader.aliased.get(given) : given
  const at = placeOf(reader, isAlias(given) ? given : node, parent)
  const chosen = shape.is === 'either' ? choose(shape.of, node) : shape
  if (!chosen) return mismatch(reader, at, shape)
  switch (chosen.is) {
    case 'text':
      return readText(reader, node, chosen, at)
    case 'flag':
      return isScalar(node) && typeof node.value === 'boolean' ? { flag: node.value, at } : mismatch(reader, at, shape)
    case 'list':
      if (isEmpty(node)) return { list: [], at }
      if (!isSeq(node)) return mismatch(reader, at, shape)
      return { list: node.items.flatMap((item) => read(reader, item, chosen.of, at) ?? []), at }
    case 'map':
      if (isEmpty(node)) return { entries: [], at }
      return isMap(node)
        ? { entries: pairs(reader, node, at).flatMap((pair) => entry(reader, pair, chosen.of)), at }
        : mismatch(reader, at, shape)
    case 'record':
      return isMap(node) || isEmpty(node) ? readRecord(reader, isMap(node) ? node : undefined, chosen, at) : mismatch(reader, at, shape)
    case 'either':
      return read(reader, node, chosen, at)
    default:
      return chosen satisfies never
  }
}

function choose(shapes: readonly Shape[], node: unknown): Shape | undefined {
  const flags = shapes.find((shape) => shape.is === 'flag')
  if (isScalar(node) && typeof node.value === 'boolean' && flags) return flags
  if (isEmpty(node)) return shapes.find((shape) => shape.is === 'record' || shape.is === 'map')
  if (isScalar(node)) return shapes.find((shape) => shape.is === 'text') ?? flags
  if (isSeq(node)) return shapes.find((shape) => shape.is === 'list')
  return shapes.find((shape) => shape.is === 'record' || shape.is === 'map')
}

function readText(reader: Reader, node: unknown, shape: Extract<Shape, { is: 'text' }>, at: At): Text | undefined {
  if (!isScalar(node) || isEmpty(node)) return mismatch(reader, at, shape)
  // `source` keeps 1.10 and 0x1F as they are written.
  const value = typeof node.value === 'string' ? node.value : (node.source ?? String(node.value))
  if (value.includes('\0')) return told(reader, at, 'holds a NUL character, which PostgreSQL cannot store', null)
  if (!shape.values) return { text: value, at }
  const word = value.toLowerCase()
  if (shape.values.includes(word)) return { text: word, at }
  const meant = nearest(word, shape.values)
  return told(reader, at, `${quote(value)} is not one of ${shape.values.join(', ')}`, meant ? `did you mean ${quote(meant)}?` : null)
}

function readRecord(reader: Reader, node: YAMLMap | undefined, shape: Extract<Shape, { is: 'record' }>, at: At): Read | undefined {
  const keys: { [key: string]: Read } = {}
  const present = node ? pairs(reader, node, at) : []
  for (const { key, at: place, value } of present) {
    const known = Object.hasOwn(shape.keys, key) ? shape.keys[key] : undefined
    if (!known) {
      const meant = nearest(key, Object.keys(shape.keys))
      tell(
        reader,
        place,
        `${shape.what} has no key ${quote(key)}`,
        meant ? `did you mean ${quote(meant)}?` : `known keys: ${Object.keys(shape.keys).join(', ')}`,
      )
      continue
    }
    if (isEmpty(value) && known.is !== 'list' && known.is !== 'map' && known.is !== 'record') continue
    const result = read(reader, value, known, place)
    if (result) keys[key] = result
  }
  const missing = shape.required?.filter((key) => !present.some((pair) => pair.key === key && !isEmpty(pair.value))) ?? []
  if (missing.length === 0) return { keys, at }
  return told(reader, at, `${shape.what} needs ${missing.map(quote).join(' and ')}`, null)
}

function entry(reader: Reader, { key, at, value }: PlacedPair, shape: Shape): Entry<Read>[] {
  if (key === '') {
    tell(reader, at, 'a name is empty', null)
    return []
  }
  const result = read(reader, value, shape, at)
  return result ? [{ name: key, at, value: result }] : []
}

interface PlacedPair {
  readonly key: string
  readonly at: At
  readonly value: unknown
}

function pairs(reader: Reader, node: YAMLMap, parent: At): PlacedPair[] {
  return node.items.flatMap(({ key, value }: Pair) => {
    const at = placeOf(reader, key, parent)
    if (isScalar(key) && !isEmpty(key))
      return { key: typeof key.value === 'string' ? key.value : (key.source ?? String(key.value)), at, value }
    tell(reader, at, 'a key must be a plain name', null)
    return []
  })
}

function isEmpty(node: unknown): boolean {
  return node === null || node === undefined || (isScalar(node) && node.value === null)
}

function placeOf(reader: Reader, node: unknown, parent: At): At {
  const range = isScalar(node) || isSeq(node) || isMap(node) || isAlias(node) ? (node as Node).range : undefined
  if (!range) return parent
  return isScalar(node) ? scalarPlace(reader, node, range[0]) : reader.locate(range[0])
}

// Block scalars begin on the line below their header; a folded one only keeps its lines where it is literal.
function scalarPlace(reader: Reader, node: Scalar, start: number): At {
  if (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE')
    return { ...reader.locate(start), column: reader.locate(start).column + 1 }
  if (node.type !== 'BLOCK_LITERAL' && node.type !== 'BLOCK_FOLDED') return reader.locate(start)
  const header = reader.locate(start)
  const below = reader.text.indexOf('\n', start) + 1
  const indent = /^[ ]*/.exec(reader.text.slice(below).replace(/^(?:[ ]*\r?\n)+/, ''))?.[0].length ?? 0
  return { line: header.line + 1, column: indent + 1, indent: node.type === 'BLOCK_LITERAL' ? indent : null }
}

function mismatch(reader: Reader, at: At, shape: Shape): undefined {
  return told(reader, at, `expected ${describe(shape)}`, `write ${describe(shape)}: ${shape.what}`)
}

function describe(shape: Shape): string {
  switch (shape.is) {
    case 'text':
      return shape.values ? `one of ${shape.values.join(', ')}` : 'text'
    case 'flag':
      return 'true or false'
    case 'list':
      return 'a list'
    case 'map':
    case 'record':
      return 'a mapping'
    case 'either':
      return [...new Set(shape.of.map(describe))].join(' or ')
    default:
      return shape satisfies never
  }
}

function told(reader: Reader, at: At, message: string, hint: string | null): undefined {
  tell(reader, at, message, hint)
  return undefined
}

function tell({ problems }: Reader, { line, column }: At, message: string, hint: string | null): void {
  problems.push({ line, column, severity: 'error', message, hint })
}

function quote(word: string): string {
  return `'${word}'`
}
