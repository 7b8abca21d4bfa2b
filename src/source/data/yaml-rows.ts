import { isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml'
import { meantBy } from '../../config/nearest.js'
import type { Cell, DataFile, DataRow, Json, Wrong } from './data-file.js'
import { recordOf } from './record.js'

type Said = Partial<Pick<DataFile, 'table' | 'key' | 'delete'>> & Pick<DataFile, 'rows'>
type Tell = (node: Node | null | undefined, message: string, hint: string | null) => void

const KEYS = ['table', 'key', 'delete', 'rows']

/** `key:`, `delete:`, `table:` and `rows:`; `schemas/data.json` describes it. */
export function readYamlRows(text: string, wrong: Wrong[]): Said {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true })
  const tellAt = (offset: number, message: string, hint: string | null) => {
    const { line, col } = lines.linePos(offset)
    wrong.push({ line: Math.max(1, line), column: Math.max(1, col), message, hint })
  }
  const tell: Tell = (node, message, hint) => tellAt(node?.range?.[0] ?? 0, message, hint)
  for (const { pos, message } of document.errors) tellAt(pos[0], message.split('\n')[0] ?? '', null)
  const root: Node | null = document.contents
  if (document.errors.length > 0 || root === null) return { rows: [] }
  if (!isMap<Node, Node | null>(root)) {
    tell(root, 'a data file is a mapping', 'write rows: and below it one "- column: value" a row')
    return { rows: [] }
  }
  for (const { key } of root.items)
    if (!KEYS.includes(nameOf(key))) tell(key, `${nameOf(key)} is not known here`, meantBy(nameOf(key), KEYS, 'it takes'))
  const find = (name: string) => root.items.find(({ key }) => nameOf(key) === name)?.value ?? null
  const flag = find('delete')
  if (flag !== null && !(isScalar(flag) && typeof flag.value === 'boolean')) tell(flag, 'delete is true or false', null)
  const table = find('table')
  const key = find('key')
  return {
    ...(table === null ? {} : { table: tableOf(names(table, tell)) }),
    ...(key === null ? {} : { key: names(key, tell) }),
    delete: isScalar(flag) && flag.value === true,
    rows: rowsOf(find('rows'), lines, tell),
  }
}

/** One text is `schema.table` or `table`; a list holds the names as they are. */
function tableOf(list: readonly string[]): readonly string[] {
  const [only = '', ...others] = list
  const dot = others.length > 0 ? -1 : only.indexOf('.')
  return dot === -1 ? list : [only.slice(0, dot), only.slice(dot + 1)]
}

function names(node: Node, tell: Tell): string[] {
  const nodes = isSeq<Node>(node) ? node.items : [node]
  return nodes.map((item) => {
    if (isScalar(item) && typeof item.value === 'string') return item.value
    tell(item, 'a name is a text', null)
    return ''
  })
}

function rowsOf(node: Node | null, lines: LineCounter, tell: Tell): DataRow[] {
  if (node === null || (isScalar(node) && node.value === null)) return []
  if (!isSeq<Node>(node)) {
    tell(node, 'rows is a list', 'write one "- column: value" a row')
    return []
  }
  return node.items.flatMap((item) => {
    if (!isMap<Node, Node | null>(item)) {
      tell(item, 'a row is a mapping of columns to values', 'write it as { column: value, … }')
      return []
    }
    const cells = recordOf(item.items.map((pair) => [nameOf(pair.key), cellOf(pair, tell)]))
    return [{ line: lines.linePos(item.range?.[0] ?? 0).line, cells }]
  })
}

function cellOf({ value }: Pair<Node, Node | null>, tell: Tell): Cell {
  if (value === null) return null
  if (!isScalar(value)) {
    const json = jsonOf(value, tell)
    return typeof json === 'object' ? json : String(json)
  }
  if (value.value === null) return null
  // 1.10 and 00012345678901234567890 are what the file says, not what a double makes of them.
  return typeof value.value === 'string' ? value.value : (value.source ?? String(value.value))
}

/** Of what lies within a list or a mapping. */
function jsonOf(node: Node | null, tell: Tell): Json {
  if (node === null) return null
  if (isSeq<Node | null>(node)) return node.items.map((item) => jsonOf(item, tell))
  if (isMap<Node, Node | null>(node)) return recordOf(node.items.map(({ key, value }) => [nameOf(key), jsonOf(value, tell)]))
  if (!isScalar(node)) {
    tell(node, 'an alias cannot be a value here', 'write the value')
    return null
  }
  const { value, source } = node
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
  if (typeof value === 'number' && isExact(value, source ?? '')) return value
  tell(node, `${source} is a number that would be rounded`, 'write the whole value of the column as a text')
  return null
}

/** The most digits in which programs write a double. */
const DIGITS = 17

function isExact(value: number, source: string): boolean {
  if (Number.isInteger(value)) return Number.isSafeInteger(value) || digitsOf(source) === digitsOf(String(value))
  return Number.isFinite(value) && digitsOf(source).length <= DIGITS
}

/** Those that count: `0.10e5` and `10000` have the same. */
function digitsOf(number: string): string {
  return number
    .replace(/e.*$/i, '')
    .replaceAll(/[^0-9]/g, '')
    .replace(/^0+/, '')
    .replace(/0+$/, '')
}

function nameOf(key: Node): string {
  return isScalar(key) ? String(key.source ?? key.value) : ''
}
