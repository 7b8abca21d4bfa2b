import { parse16, scan16 } from './grammar-16.js'
import { parse18 } from './grammar-18.js'
import type { ParseOutcome } from './outcome.js'

/**
 * Parses SQL; nobody else knows that there are two grammars. That of 16 is the fast one, that of 18 knows what came later
 * (virtual columns, NOT ENFORCED, WITHOUT OVERLAPS, …) and bears deep nesting.
 */
export async function parse(sql: string): Promise<ParseOutcome> {
  if (isDeep(sql)) return named(await parse18(sql))
  const first = await parse16(sql)
  if ('statements' in first) return first
  const second = await parse18(sql)
  return named(second)
}

/** Parses a whole file at once where that is safe; null: go statement by statement. */
export async function parseAtOnce(sql: string): Promise<ParseOutcome | null> {
  if (isDeep(sql)) return null
  const outcome = await parse16(sql)
  return 'statements' in outcome ? outcome : null
}

export const scan = scan16

function named(outcome: ParseOutcome): ParseOutcome {
  if ('statements' in outcome) return outcome
  // PostgreSQL repeats what it stumbled on, which may be the rest of the file.
  const [message = ''] = outcome.message.split('\n')
  const deep = outcome.deep || outcome.message.startsWith('memory exhausted') || outcome.message.startsWith('stack depth')
  return deep ? { ...outcome, message: 'the statement is nested too deeply to be parsed', deep: true } : { ...outcome, message }
}

const PARENTHESES = 80
const OPERATORS = 200
const CHAIN = /[-+*/%<>=~!@#&^|:]+|\bnot\b(?!\s+(?:null|valid))|\b(?:case|union|intersect|except|join)\b/gi

// A rough upper bound from below half of what the 64 KB stack of the first grammar bears: 150 subselects, 200 CASE, 500 `||` or NOT.
function isDeep(sql: string): boolean {
  let depth = 0
  let start = 0
  for (let index = 0; index <= sql.length; index++) {
    const code = index < sql.length ? sql.charCodeAt(index) : SEMICOLON
    if (code === OPEN || code === OPEN_BRACKET) {
      if (++depth > PARENTHESES) return true
    } else if (code === CLOSE || code === CLOSE_BRACKET) {
      if (depth > 0) depth--
    } else if (code === SEMICOLON) {
      if (index - start > OPERATORS && hasLongChain(sql.slice(start, index))) return true
      depth = 0
      start = index + 1
    }
  }
  return false
}

function hasLongChain(statement: string): boolean {
  let count = 0
  CHAIN.lastIndex = 0
  while (CHAIN.test(statement)) if (++count > OPERATORS) return true
  return false
}

const [OPEN, CLOSE, OPEN_BRACKET, CLOSE_BRACKET, SEMICOLON] = [40, 41, 91, 93, 59]
