import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { type SourceLocation, UserError } from '../errors.js'
import { nearest } from './nearest.js'

export interface Entry {
  readonly key: string
  readonly value: Node | null
  readonly location: SourceLocation
}

/** Reads YAML so that whatever is wrong is said with its file and line. */
export interface YamlReader {
  readonly root: Node | null
  /** The entries of a mapping; refuses keys that are not known. */
  entries(node: Node | null, what: string, known?: readonly string[]): Entry[]
  text(entry: Entry): string
  flag(entry: Entry): boolean
  /** A whole number, 0 or more. */
  count(entry: Entry): number
  /** One text or a list of texts. */
  texts(entry: Entry): string[]
  oneOf<T extends string>(entry: Entry, text: string, allowed: readonly T[]): T
}

/** `code` is that of the errors. */
export function readYaml(file: string, content: string, code = 'invalid-config'): YamlReader {
  const lines = new LineCounter()
  const document = parseDocument(content, { lineCounter: lines, prettyErrors: false, uniqueKeys: true })
  const locate = (offset: number): SourceLocation => {
    const { line, col } = lines.linePos(offset)
    return { file, line, column: col }
  }
  const refuse = (message: string, location: SourceLocation, next: string): never => {
    throw new UserError(code, `${message}.`, { location, next: `${next}.` })
  }
  const [error] = document.errors
  if (error !== undefined) refuse(`This is not YAML: ${error.message.replace(/[:.]$/, '')}`, locate(error.pos[0]), 'Correct the syntax')
  const scalar = (node: Node | null): unknown => (isScalar(node) ? node.value : undefined)
  const text = (key: string, node: Node | null, location: SourceLocation): string => {
    const value = scalar(node)
    return typeof value === 'string' || typeof value === 'number'
      ? String(value)
      : refuse(`${key} must be a text`, location, `Write ${key}: a text`)
  }
  return {
    root: document.contents,
    entries(node, what, known) {
      if (node === null || (isScalar(node) && node.value === null)) return []
      if (!isMap<Node, Node | null>(node))
        return refuse(`${what} must be a mapping`, locate(node.range?.[0] ?? 0), 'Write it as "key: value" lines')
      return node.items.map((pair) => {
        const key = String(scalar(pair.key))
        const location = locate(pair.key.range?.[0] ?? 0)
        if (known !== undefined && !known.includes(key)) refuse(`"${key}" is not known in ${what}`, location, suggestion(key, known))
        return { key, value: pair.value, location }
      })
    },
    text: ({ key, value, location }) => text(key, value, location),
    flag({ key, value, location }) {
      const flag = scalar(value)
      return typeof flag === 'boolean' ? flag : refuse(`${key} must be true or false`, location, `Write ${key}: true or ${key}: false`)
    },
    count({ key, value, location }) {
      const number = scalar(value)
      return typeof number === 'number' && Number.isInteger(number) && number >= 0
        ? number
        : refuse(`${key} must be a whole number`, location, `Write ${key}: 1, or as many as there must be`)
    },
    texts({ key, value, location }) {
      if (isSeq<Node>(value)) return value.items.map((item) => text(key, item, locate(item.range?.[0] ?? 0)))
      return [text(key, value, location)]
    },
    oneOf(entry, value, allowed) {
      const found = allowed.find((candidate) => candidate === value)
      return found ?? refuse(`${entry.key} cannot be "${value}"`, entry.location, suggestion(value, allowed))
    },
  }
}

function suggestion(word: string, known: readonly string[]): string {
  const near = nearest(word, known)
  return near === undefined ? `Use one of ${known.join(', ')}` : `Write ${near}`
}
