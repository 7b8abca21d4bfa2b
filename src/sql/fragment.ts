import type { Refusal, Token } from './outcome.js'
import { scan } from './parse.js'
import { encode } from './positions.js'
import { isComment } from './split.js'

/** SQL for a slot of a statement; `list`: commas are welcome. */
export interface Fragment {
  readonly sql: string
  readonly list: boolean
}

/**
 * Null where a fragment cannot leave its slot: its quotes, comments and brackets are closed, it holds no semicolon, and no comma outside
 * brackets unless it is a list. What it says within the slot is for the parser to judge.
 */
export async function checkFragment({ sql, list }: Fragment): Promise<Refusal | null> {
  const outcome = await scan(sql)
  if ('message' in outcome) return { ...outcome, message: outcome.message.split('\n')[0] ?? '' }
  const text = encode(sql)
  const at = (token: Token, message: string): Refusal => ({ message, position: [...text.slice(0, token.start)].length })
  const words = outcome.tokens.filter((token) => !isComment(token))
  const open: Token[] = []
  for (const token of words) {
    if (token.kind in CLOSED_BY) open.push(token)
    else if (CLOSERS.has(token.kind) && CLOSED_BY[open.pop()?.kind ?? ''] !== token.kind)
      return at(token, 'a bracket is closed that was not opened')
    else if (token.kind === SEMICOLON) return at(token, 'one SQL fragment is expected here, not statements')
    else if (token.kind === COMMA && !list && open.length === 0) return at(token, 'one item is expected here, not a list')
  }
  const [unclosed] = open
  if (unclosed) return at(unclosed, 'a bracket is not closed')
  return words.length > 0 ? null : { message: 'SQL is expected here', position: 0 }
}

const CLOSED_BY: { readonly [kind: string]: string } = { ASCII_40: 'ASCII_41', ASCII_91: 'ASCII_93' }
const CLOSERS: ReadonlySet<string> = new Set(Object.values(CLOSED_BY))
const SEMICOLON = 'ASCII_59'
const COMMA = 'ASCII_44'
