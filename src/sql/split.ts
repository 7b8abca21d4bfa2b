import type { Token } from './outcome.js'

/** Bytes [start, end) of one statement: from its first token that is no comment to its semicolon, which is not part of it. */
export interface Range {
  readonly start: number
  readonly end: number
  readonly tokens: readonly Token[]
}

/**
 * Cuts tokens into statements as psql does: at semicolons outside parentheses and outside BEGIN ATOMIC bodies. Where a
 * parenthesis or body is never closed, the next line that starts with CREATE, ALTER or the like ends it all the same, so that
 * one mistake does not swallow the rest of the file.
 */
export function split(tokens: readonly Token[], lineStart: (offset: number) => boolean): Range[] {
  const ranges: Range[] = []
  const words = tokens.filter((token) => !isComment(token))
  let first = 0
  let nesting = OUTSIDE
  for (const [index, token] of words.entries()) {
    const next = words[index + 1]
    nesting = step(nesting, token, next)
    if (token.kind !== SEMICOLON) continue
    const open = nesting.parentheses > 0 || nesting.bodies > 0
    if (open && !(next && STARTERS.has(next.kind) && lineStart(next.start))) continue
    add(ranges, words.slice(first, index), token.start)
    first = index + 1
    nesting = OUTSIDE
  }
  add(ranges, words.slice(first), words.at(-1)?.end ?? 0)
  return ranges
}

export function isComment(token: Token): boolean {
  return token.kind === 'SQL_COMMENT' || token.kind === 'C_COMMENT'
}

interface Nesting {
  readonly parentheses: number
  readonly bodies: number
}

const OUTSIDE: Nesting = { parentheses: 0, bodies: 0 }

// BEGIN ATOMIC … END holds semicolons, and CASE … END within it ends by the same word.
function step({ parentheses, bodies }: Nesting, token: Token, next: Token | undefined): Nesting {
  switch (token.kind) {
    case OPEN:
      return { parentheses: parentheses + 1, bodies }
    case CLOSE:
      return { parentheses: Math.max(0, parentheses - 1), bodies }
    case 'BEGIN_P':
      return { parentheses, bodies: next?.kind === 'ATOMIC' ? bodies + 1 : bodies }
    case 'CASE':
      return { parentheses, bodies: bodies > 0 ? bodies + 1 : 0 }
    case 'END_P':
      return { parentheses, bodies: Math.max(0, bodies - 1) }
    default:
      return { parentheses, bodies }
  }
}

function add(ranges: Range[], tokens: readonly Token[], end: number): void {
  const start = tokens[0]?.start
  if (start !== undefined) ranges.push({ start, end, tokens })
}

const SEMICOLON = 'ASCII_59'
const OPEN = 'ASCII_40'
const CLOSE = 'ASCII_41'
const STARTERS: ReadonlySet<string> = new Set(['CREATE', 'ALTER', 'COMMENT', 'GRANT', 'REVOKE', 'DROP', 'SET', 'DO'])
