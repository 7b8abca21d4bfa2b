import type { PartFact } from './facts.js'
import type { Token } from './outcome.js'
import type { Encoded } from './positions.js'
import { isComment } from './split.js'

/**
 * An instruction in a comment that starts with `@`: `-- @renamed from old_name` is `{name: 'renamed', argument: 'old_name'}`. It holds for
 * the statement that follows or that it stands beside; inside CREATE TABLE for the column that follows or that it stands beside.
 */
export interface Directive {
  readonly name: string
  readonly argument: string
  readonly column?: string
  readonly line: number
}

/** A statement's bytes [start, end) and its parts, at bytes of the same text. */
export interface Located {
  readonly start: number
  readonly end: number
  readonly parts: readonly PartFact[]
}

/** True where it is worth scanning for directives. */
export function mayHoldDirectives(text: string): boolean {
  return /(?:--|\/\*)\s*@[a-z]/i.test(text)
}

/** The directives of each statement, in the order of `statements`. */
export function assignDirectives(text: Encoded, tokens: readonly Token[], statements: readonly Located[]): Directive[][] {
  const assigned = statements.map((): Directive[] => [])
  let owner = 0
  for (const [index, token] of tokens.entries()) {
    while (owner < statements.length - 1 && token.start >= (statements[owner]?.end ?? 0)) owner++
    const directive = isComment(token) ? readDirective(text.slice(token.start, token.end)) : null
    if (!directive) continue
    const line = text.place(token.start).line
    const previous = wordBefore(tokens, index)
    const beside = previous !== undefined && text.place(Math.max(previous.start, previous.end - 1)).line === line
    const target = beside && previous.start < (statements[owner]?.start ?? 0) ? owner - 1 : owner
    const statement = statements[target]
    if (!statement || (!beside && token.start >= statement.end)) continue
    const column = token.start > statement.start && token.start < statement.end ? columnAt(statement.parts, token, beside) : undefined
    assigned[target]?.push({ ...directive, ...(column !== undefined && { column }), line })
  }
  return assigned
}

function readDirective(comment: string): { name: string; argument: string } | null {
  const [, name, rest] = /^(?:--|\/\*)\s*@([a-z][\w-]*)\s*(.*?)\s*(?:\*\/)?$/is.exec(comment) ?? []
  if (name === undefined || rest === undefined) return null
  return { name: name.toLowerCase(), argument: rest.replace(/^from\s+/i, '') }
}

function wordBefore(tokens: readonly Token[], index: number): Token | undefined {
  for (let before = index - 1; before >= 0; before--) {
    const token = tokens[before]
    if (token && !isComment(token)) return token
  }
  return undefined
}

function columnAt(parts: readonly PartFact[], comment: Token, beside: boolean): string | undefined {
  const columns = parts.filter((part) => part.column)
  if (beside) return columns.findLast((part) => part.location < comment.start)?.name
  return columns.find((part) => part.location > comment.start)?.name
}
