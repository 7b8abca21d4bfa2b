import type { CatalogObject, Value } from '../../catalog/catalog.js'
import { commentOf, cover } from './attributes.js'
import { withoutParentheses } from './constraints.js'
import { type Children, compact, type Mapping, oneOrMany, reader } from './mapping.js'
import { inside, items, nameIn, namesIn, scan, type Token } from './scan.js'

interface Parts {
  readonly unique: boolean
  /** What follows ON table. */
  readonly rest: string
  /** The mapping of the rest; null where it has no words for it. */
  readonly keys: { readonly [key: string]: Value | undefined } | null
}

/** An index as what follows ON table, where that says all, otherwise as a mapping. */
export function index(object: CatalogObject, children: Children): Mapping | null {
  const { text, flag, of } = reader(object)
  if (!flag('valid') || Object.keys(of('statistics') ?? {}).length > 0) return null
  const parts = read(text('text') ?? '')
  if (parts === null) return null
  const comment = commentOf(object, children)
  const tablespace = text('tablespace')
  const plain = !parts.unique && tablespace === null
  if (plain && comment.value === undefined) return cover(object, parts.rest)
  if (parts.keys === null) return plain ? cover(object, parts.rest) : null
  return cover(object, compact({ unique: parts.unique, ...parts.keys, tablespace, comment: comment.value }), comment.covers)
}

/** `CREATE UNIQUE INDEX i ON s.t USING btree (a) INCLUDE (b) NULLS NOT DISTINCT WITH (fillfactor='70') WHERE (c)`. */
function read(text: string): Parts | null {
  const tokens = scan(text) ?? []
  const on = tokens.findIndex((token) => token.text === 'ON')
  const using = tokens.findIndex((token) => token.text === 'USING')
  // ON ONLY: the index of a partitioned table, whose parts are attached by name.
  if (on < 0 || using < on || tokens[on + 1]?.text === 'ONLY') return null
  const [, method, columns, ...tail] = tokens.slice(using)
  const rest = text.slice(tokens[using]?.start)
  return { unique: tokens[1]?.text === 'UNIQUE', rest, keys: method && columns?.group ? keysOf(method, columns, tail, text) : null }
}

function keysOf(method: Token, columns: Token, tail: readonly Token[], text: string): Parts['keys'] {
  const elements = (items(inside(columns)) ?? []).map(element)
  if (elements.length === 0 || elements.some((one) => one === null)) return null
  const clause = (word: string) => {
    const at = tail.findIndex((token) => token.text === word)
    return at < 0 ? undefined : { at, group: tail[at + 1] }
  }
  const [include, storage, where] = [clause('INCLUDE'), clause('WITH'), clause('WHERE')]
  const included = include?.group?.group ? namesIn(inside(include.group)) : undefined
  const withParameters = storage?.group?.group ? settings(inside(storage.group)) : undefined
  if (included === null || withParameters === null) return null
  const condition = where === undefined ? undefined : text.slice(tail[where.at]?.end).trim()
  return {
    method: nameIn(method.text) === 'btree' ? undefined : (nameIn(method.text) ?? method.text),
    columns: elements.filter((one) => one !== null).length === 1 && typeof elements[0] === 'string' ? elements[0] : (elements as Value[]),
    include: included && oneOrMany(included),
    nullsNotDistinct: tail.some((token) => token.text === 'DISTINCT'),
    with: withParameters,
    where: condition === undefined ? undefined : withoutParentheses(condition),
  }
}

/** `lower(a) COLLATE "C" text_pattern_ops DESC NULLS LAST`; null where the mapping has no words for it (parameters of a class). */
function element(text: string): Value | null {
  const tokens = scan(text) ?? []
  const modifiers = tokens.findIndex((token, i) => i > 0 && ['COLLATE', 'DESC', 'NULLS'].includes(token.text))
  const plain = nameIn(tokens[0]?.text ?? '')
  // A function call or an expression in parentheses, and then perhaps a class, which only the AST could tell apart.
  if (plain !== null && tokens.length === 1) return plain
  const head = tokens.slice(0, modifiers < 0 ? tokens.length : modifiers)
  if (modifiers >= 0 && tokens[modifiers]?.text === 'COLLATE') return null
  const order = tokens.some((token) => token.text === 'DESC') ? 'desc' : undefined
  const nulls = tokens.at(-2)?.text === 'NULLS' ? (tokens.at(-1)?.text ?? '').toLowerCase() : undefined
  if (plain !== null && head.length === 1) return compact({ column: plain, order, nulls })
  const [first, second] = head
  if (first?.group && second === undefined) return compact({ expression: inside(first), order, nulls })
  if (plain !== null && second?.group && head.length === 2) return compact({ expression: `${first?.text}${second.text}`, order, nulls })
  const opclass = text.slice(first?.end, head.at(-1)?.end).trim()
  if (plain !== null && /^[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)?$/.test(opclass)) return compact({ column: plain, opclass, order, nulls })
  return null
}

/** `fillfactor='70', deduplicate_items='off'`. */
function settings(text: string): { readonly [name: string]: string } | null {
  const pairs = (items(text) ?? []).map((item) => /^([a-z_.]+)='?([^']*)'?$/.exec(item))
  return pairs.every((pair) => pair !== null) ? Object.fromEntries(pairs.map((pair) => [pair[1] ?? '', pair[2] ?? ''])) : null
}
