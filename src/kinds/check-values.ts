/**
 * What values a check takes, as far as it compares its column with constants. What it says otherwise is taken to hold: what this
 * leads to is rehearsed, and PostgreSQL has the last word.
 */
export interface Condition {
  readonly holds: (value: string) => boolean
  /** Values of its own, and those next to them: where any value suits, one of these does. */
  readonly near: readonly string[]
}

/** `expression` as PostgreSQL prints it, `column` as it is quoted there. */
export function conditionOf(expression: string, column: string): Condition {
  const text = unwrapped(expression)
  const either = divided(text, ' OR ')
  const parts = either.length > 1 ? either : divided(text, ' AND ')
  if (parts.length === 1) return comparison(plain(text), column)
  const conditions = parts.map((part) => conditionOf(part, column))
  return {
    holds: (value) => conditions[either.length > 1 ? 'some' : 'every'](({ holds }) => holds(value)),
    near: conditions.flatMap(({ near }) => near),
  }
}

/** The first of `own` and what the conditions suggest that suits all of them; null where none does. */
export function suiting(own: readonly string[], conditions: readonly Condition[]): string | null {
  const candidates = [...own, ...conditions.flatMap(({ near }) => near)]
  return candidates.find((value) => conditions.every(({ holds }) => holds(value))) ?? null
}

const UNKNOWN: Condition = { holds: () => true, near: [] }
const LITERAL = String.raw`'(?:[^']|'')*'|\(?-?\d+(?:\.\d+)?\)?`
const FUNCTIONS: Readonly<Record<string, (value: string) => string>> = {
  btrim: (value) => value.trim(),
  lower: (value) => value.toLowerCase(),
  upper: (value) => value.toUpperCase(),
}
const LENGTH = /^(?:char_length|character_length|length|octet_length)$/

/** `status = ANY (ARRAY['a', 'b'])`, `n > 10`, `length(code) = 3`, `btrim(name) <> ''`, `accepted`. */
function comparison(text: string, column: string): Condition {
  if (text === column) return { holds: (value) => value === 'true', near: ['true'] }
  const [, called = '', operand = '', list, operator = '', literal = ''] =
    new RegExp(String.raw`^(?:(\w+)\()?("(?:[^"]|"")+"|[\w$]+)\)? (?:= ANY \(?ARRAY\[(.*)\]\)?|(<>|[<>]=?|=) (${LITERAL}))$`, 's').exec(
      text,
    ) ?? []
  if (operand !== column) return UNKNOWN
  const brought = FUNCTIONS[called] ?? ((value: string) => value)
  if (list !== undefined) {
    const values = [...list.matchAll(new RegExp(LITERAL, 'g'))].map(([found]) => literalOf(found))
    return { holds: (value) => values.includes(brought(value)), near: values }
  }
  const limit = literalOf(literal)
  if (LENGTH.test(called)) return lengthIs(operator, Number(limit))
  if (called !== '' && FUNCTIONS[called] === undefined) return UNKNOWN
  return { holds: (value) => compares(brought(value), operator, limit), near: nextTo(limit) }
}

function lengthIs(operator: string, limit: number): Condition {
  const near = [limit, limit + 1, limit - 1].filter((length) => length >= 0 && length <= LONGEST).map((length) => '-'.repeat(length))
  return { holds: (value) => compares(String([...value].length), operator, String(limit)), near }
}

/** Characters of a text that is made up. */
const LONGEST = 1000

function nextTo(value: string): string[] {
  const number = value === '' ? Number.NaN : Number(value)
  return Number.isNaN(number) ? [value] : [value, String(number + 1), String(number - 1)]
}

function compares(value: string, operator: string, limit: string): boolean {
  const numbers = value !== '' && limit !== '' && !Number.isNaN(Number(value)) && !Number.isNaN(Number(limit))
  const order = numbers ? Number(value) - Number(limit) : value < limit ? -1 : value > limit ? 1 : 0
  if (order === 0) return ['=', '<=', '>='].includes(operator)
  return operator === '<>' || operator.startsWith(order < 0 ? '<' : '>')
}

function literalOf(literal: string): string {
  return literal.startsWith("'") ? literal.slice(1, -1).replaceAll("''", "'") : literal.replace(/^\(|\)$/g, '')
}

const TYPE = String.raw`::(?:"(?:[^"]|"")+"|[\w$]+(?: varying| precision| with(?:out)? time zone)?)(?:\.(?:"(?:[^"]|"")+"|[\w$]+))?(?:\([\d,]+\))?(?:\[\])*`
const CAST = new RegExp(`'(?:[^']|'')*'|${TYPE}`, 'g')
/** Not those of a call. */
const NEEDLESS = /(?<![\w"$])\(("(?:[^"]|"")+"|[\w$]+|-?\d+(?:\.\d+)?|'(?:[^']|'')*'|ARRAY\[[^\]]*\])\)/g

/** Without casts, and the parentheses that only they needed. */
function plain(text: string): string {
  let now = text.replace(CAST, (found) => (found.startsWith('::') ? '' : found))
  for (let before = ''; before !== now; ) {
    before = now
    now = before.replace(NEEDLESS, '$1')
  }
  return now
}

/** Without the parentheses around all of it. */
function unwrapped(text: string): string {
  if (!text.startsWith('(')) return text
  return closing(text) === text.length - 1 ? unwrapped(text.slice(1, -1)) : text
}

/** Where the parenthesis that the text starts with ends. */
function closing(text: string): number {
  return [...pieces(text)].find(({ depth, at }) => depth === 0 && at >= 0)?.at ?? -1
}

/** Split where the word stands outside of quotes and parentheses. */
function divided(text: string, word: string): string[] {
  const cuts = [...pieces(text)].filter(({ depth, at }) => depth === 0 && text.startsWith(word, at + 1)).map(({ at }) => at + 1)
  return [...cuts, text.length].map((end, i) => text.slice(i === 0 ? 0 : (cuts[i - 1] ?? 0) + word.length, end))
}

/** After each character that is not quoted: how many parentheses are open. */
function* pieces(text: string): Generator<{ readonly at: number; readonly depth: number }> {
  let depth = 0
  for (const { 0: found, index } of text.matchAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"|[^'"]/gs)) {
    if (found === '(' || found === '[') depth++
    if (found === ')' || found === ']') depth--
    yield { at: index + found.length - 1, depth }
  }
}
