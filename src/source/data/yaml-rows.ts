import { isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml'
import type { Cell, DataFile, DataRow, Wrong } from './data-file.js'

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
    if (!KEYS.includes(nameOf(key))) tell(key, `${nameOf(key)} is not known here`, `it takes ${KEYS.join(', ')}`)
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
    const cells = Object.fromEntries(item.items.map((pair) => [nameOf(pair.key), cellOf(pair, tell)]))
    return [{ line: lines.linePos(item.range?.[0] ?? 0).line, cells }]
  })
}

function cellOf({ value }: Pair<Node, Node | null>, tell: Tell): Cell {
  if (value === null) return null
  if (!isScalar(value)) {
    if (isMap(value) || isSeq(value)) return value.toJSON() as Cell
    tell(value, 'an alias cannot be a value here', 'write the value')
    return null
  }
  if (value.value === null) return null
  // 1.10 and 00012345678901234567890 are what the file says, not what a double makes of them.
  return typeof value.value === 'string' ? value.value : (value.source ?? String(value.value))
}

function nameOf(key: Node): string {
  return isScalar(key) ? String(key.source ?? key.value) : ''
}
