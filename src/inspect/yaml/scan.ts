/**
 * A stretch of text that PostgreSQL itself wrote (pg_get_indexdef() and its like): a word, an identifier in quotes, a constant, a
 * sign, or all that stands between two parentheses.
 */
export interface Token {
  readonly text: string
  readonly group: boolean
  /** Where it begins, and where what follows it begins. */
  readonly start: number
  readonly end: number
}

/** Tokens outside parentheses; null where a quote or a parenthesis is never closed. */
export function scan(text: string): readonly Token[] | null {
  const tokens: Token[] = []
  for (let at = 0; at < text.length; ) {
    if (/\s/.test(text[at] ?? '')) {
      at++
      continue
    }
    const end = endOf(text, at)
    if (end === null) return null
    tokens.push({ text: text.slice(at, end), group: text[at] === '(', start: at, end })
    at = end
  }
  return tokens
}

function endOf(text: string, start: number): number | null {
  const first = text[start] ?? ''
  if (first === '(') return endOfGroup(text, start)
  if (first === "'" || first === '"') return endOfQuote(text, start, first === "'" && /e/i.test(text[start - 1] ?? ''))
  const word = /^[\p{L}_][\p{L}\p{N}_$]*/u.exec(text.slice(start, start + 200))
  return start + (word?.[0].length ?? 1)
}

function endOfGroup(text: string, start: number): number | null {
  let depth = 0
  for (let at = start; at < text.length; ) {
    const character = text[at] ?? ''
    if (character === '(') depth++
    if (character === ')') depth--
    if (depth === 0) return at + 1
    if (character === "'" || character === '"') {
      const end = endOfQuote(text, at, character === "'" && /e/i.test(text[at - 1] ?? ''))
      if (end === null) return null
      at = end
    } else at++
  }
  return null
}

function endOfQuote(text: string, start: number, escapes: boolean): number | null {
  const quote = text[start]
  for (let at = start + 1; at < text.length; at++) {
    if (escapes && text[at] === '\\') at++
    else if (text[at] === quote) {
      if (text[at + 1] !== quote) return at + 1
      at++
    }
  }
  return null
}

/** The text between its parentheses. */
export function inside(group: Token): string {
  return group.text.slice(1, -1)
}

/** The parts between commas outside parentheses. */
export function items(text: string): readonly string[] | null {
  const tokens = scan(text)
  if (tokens === null) return null
  const cuts = tokens.filter((token) => token.text === ',')
  const starts = [0, ...cuts.map((cut) => cut.end)]
  const ends = [...cuts.map((cut) => cut.start), text.length]
  return starts.map((start, i) => text.slice(start, ends[i]).trim())
}

/** The name that an identifier stands for; null where it is none. */
export function nameIn(text: string): string | null {
  if (/^"(?:[^"]|"")+"$/.test(text)) return text.slice(1, -1).replaceAll('""', '"')
  return /^[\p{Ll}\p{Lo}_][\p{Ll}\p{Lo}\p{N}_$]*$/u.test(text) ? text : null
}

/** `a, "B"` → its names; null where something else is among them. */
export function namesIn(text: string): readonly string[] | null {
  const names = (items(text) ?? ['']).map(nameIn)
  return names.every((name) => name !== null) ? names : null
}

/** `public."B"` → its names. */
export function pathIn(text: string): readonly string[] | null {
  const names = (scan(text) ?? []).filter((token) => token.text !== '.').map((token) => nameIn(token.text))
  return names.length > 0 && names.every((name) => name !== null) ? names : null
}
