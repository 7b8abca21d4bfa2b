import type { CatalogObject, Value } from '../../catalog/catalog.js'
import { attributes, cover } from './attributes.js'
import { type Children, compact, type Mapping, reader } from './mapping.js'
import { inside, nameIn, scan } from './scan.js'

/**
 * A routine of pg_get_functiondef(), whose lines are always of one form. Null for what the mapping cannot say: a body in SQL's own
 * syntax, a C function, a setting that is a list, a body that would begin with another line break than it has.
 */
export function routine(object: CatalogObject, children: Children, alone: boolean): Mapping | null {
  const { text } = reader(object)
  const source = text('body') ?? ''
  const full = text('text') ?? ''
  const at = full.lastIndexOf('\nAS $')
  const body = bodyOf(source)
  if (at < 0 || body === null || !full.slice(at).includes(`$${source}$`)) return null
  const head = headOf(full.slice(0, at))
  if (head === null || head.language === 'c' || head.language === 'internal') return null
  const { value: own, covers } = alone ? attributes(object, children) : { value: {}, covers: [] }
  return cover(object, compact({ comment: own.comment, owner: own.owner, ...head, body, grants: own.grants }), covers)
}

/** The reader puts a body of several lines on a line of its own. */
function bodyOf(source: string): string | null {
  const rest = source.startsWith('\n') ? source.slice(1) : source
  if (source.startsWith('\n')) return rest.includes('\n') && !rest.startsWith('\n') ? rest : source
  return source.includes('\n') ? null : source
}

function headOf(text: string): { readonly [key: string]: Value | undefined } | null {
  const [first = '', ...lines] = text.split('\n')
  const list = (scan(first) ?? []).find((token) => token.group)
  if (list === undefined || list.end !== first.length) return null
  const head: { [key: string]: Value } = {}
  if (inside(list) !== '') head.arguments = inside(list)
  for (const line of lines) {
    const [, word = '', rest = ''] = /^ (RETURNS|LANGUAGE|SET)? ?(.*)$/.exec(line) ?? []
    if (word === 'RETURNS') head.returns = rest
    else if (word === 'LANGUAGE') head.language = nameIn(rest) ?? rest
    else if (word === 'SET') {
      const [name, value] = settingIn(rest)
      if (name === '') return null
      head.set = { ...((head.set ?? {}) as { readonly [name: string]: Value }), [name]: value }
    } else if (!readWords(rest, head)) return null
  }
  return head
}

/** `work_mem TO '8MB'`, `search_path TO 'a', 'b'`. */
function settingIn(text: string): readonly [name: string, value: string] {
  const [, name = '', value = ''] = /^(\w+) TO ((?:'[^'\\]*'(?:, )?)+)$/.exec(text) ?? []
  const values = value.split("', '").map((one) => one.replaceAll("'", ''))
  if (name === 'search_path') return values.every((one) => /^[a-z0-9_]*$/.test(one)) ? [name, values.join(', ')] : ['', '']
  return values.length === 1 ? [name, values.join()] : ['', '']
}

/** ` WINDOW IMMUTABLE STRICT SECURITY DEFINER LEAKPROOF PARALLEL SAFE COST 1 ROWS 10`. */
function readWords(line: string, head: { [key: string]: Value }): boolean {
  const words = line.split(' ')
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (['VOLATILE', 'STABLE', 'IMMUTABLE'].includes(word)) head.volatility = word.toLowerCase()
    else if (word === 'STRICT') head.strict = true
    else if (word === 'LEAKPROOF') head.leakproof = true
    else if (word === 'WINDOW') head.window = true
    else if (word === 'SECURITY') head.security = (words.shift() ?? '').toLowerCase()
    else if (word === 'PARALLEL') head.parallel = (words.shift() ?? '').toLowerCase()
    else if (word === 'COST') head.cost = words.shift() ?? ''
    else if (word === 'ROWS') head.rows = words.shift() ?? ''
    else if (word === 'SUPPORT') head.support = words.shift() ?? ''
    else if (word !== '') return false
  }
  return true
}
