import type { Problem } from './analysis.js'
import type { Token } from './outcome.js'
import { scan } from './parse.js'
import { type Encoded, encode } from './positions.js'

/**
 * Blanks out psql's meta-commands (and the rows after COPY … FROM stdin), which are no SQL, byte for byte, so that every position
 * holds. Those that say nothing of a schema are passed over; others are told.
 */
export async function blankMetaCommands(sql: string): Promise<{ text: string; problems: Problem[] }> {
  const problems: Problem[] = []
  if (!/^[ \t]*\\/m.test(sql)) return { text: sql, problems }
  const bytes = Buffer.from(sql, 'utf8')
  for (let from = 0, round = 0; round < ROUNDS && from < bytes.length; round++) {
    const rest = encode(bytes.toString('utf8', from))
    const outcome = await scan(rest.slice(0))
    const limit = 'tokens' in outcome ? rest.bytes.length : rest.advance(0, outcome.position)
    const tokens = 'tokens' in outcome ? outcome.tokens : await tokensBefore(rest, limit)
    const resume = blankIn(
      rest,
      tokens,
      limit,
      (start, end) => fill(bytes, from + start, from + end),
      (offset, problem) => {
        problems.push({ ...problem, ...encode(sql).place(from + offset) })
      },
    )
    if (resume === null) break
    from += resume
  }
  return { text: bytes.toString('utf8'), problems }
}

/** What psql is to print and how, and its variables, of which one that is used (`:name`) is no SQL; pg_dump writes `\\restrict` since 2025. */
const SILENT = /^\\(?:restrict|unrestrict|set|unset|echo|qecho|warn|timing|pset|encoding|errverbose|conninfo|[atxlHCf]|d[a-zA-Z]*[+S]*)$/

/** What would make something else of the text that follows, if it were SQL. */
const OPENS = /['"$]|--|\/\*/

// A file with more blocks of rows than this is refused for the first of them anyway.
const ROUNDS = 200

type Report = (offset: number, problem: Omit<Problem, 'line' | 'column'>) => void

/** Where to scan again, since what follows was scanned as if the blanked text were SQL; null: nowhere. */
function blankIn(
  text: Encoded,
  tokens: readonly Token[],
  limit: number,
  blank: (start: number, end: number) => void,
  report: Report,
): number | null {
  let copying = false
  for (const [index, token] of tokens.entries()) {
    if (token.kind === 'COPY' && startsStatement(tokens, index)) copying = true
    if (token.kind === SEMICOLON && copying) {
      copying = false
      if (tokens.slice(Math.max(0, index - 30), index).some((before) => before.kind === 'STDIN')) {
        const end = endOfRows(text, token.end)
        blank(endOfLine(text, token.end), end)
        return end
      }
    }
    if (token.kind !== BACKSLASH || !startsLine(text, token.start)) continue
    const end = endOfLine(text, token.start)
    const command = text.slice(token.start, end)
    reportMetaCommand(command, (problem) => report(token.start, problem))
    blank(token.start, end)
    if (OPENS.test(command)) return end
  }
  const line = startOfLine(text, limit)
  if (limit < text.bytes.length && text.slice(line, limit).trimStart().startsWith('\\')) {
    const end = endOfLine(text, limit)
    reportMetaCommand(text.slice(line, end).trim(), (problem) => report(line, problem))
    blank(line, end)
    return end
  }
  return null
}

// Lines stay lines.
function fill(bytes: Buffer, start: number, end: number): void {
  for (let offset = start; offset < end; offset++) if (bytes[offset] !== NEWLINE) bytes[offset] = SPACE
}

function reportMetaCommand(command: string, report: (problem: Omit<Problem, 'line' | 'column'>) => void): void {
  const word = /^\\\S*/.exec(command)?.[0] ?? '\\'
  if (SILENT.test(word)) return
  report({
    severity: 'error',
    message: `${word} is a command of psql, not SQL`,
    hint: 'remove the line; files and folders are read without being included by one another',
  })
}

async function tokensBefore(text: Encoded, limit: number): Promise<readonly Token[]> {
  const outcome = await scan(text.slice(0, limit))
  return 'tokens' in outcome ? outcome.tokens : []
}

function startsStatement(tokens: readonly Token[], index: number): boolean {
  const previous = tokens[index - 1]
  return previous === undefined || previous.kind === SEMICOLON || previous.kind.endsWith('COMMENT')
}

function endOfRows(text: Encoded, from: number): number {
  const end = text.bytes.indexOf('\n\\.', from)
  return end < 0 ? text.bytes.length : endOfLine(text, end + 1)
}

function startsLine(text: Encoded, offset: number): boolean {
  return text.slice(startOfLine(text, offset), offset).trim() === ''
}

function startOfLine(text: Encoded, offset: number): number {
  return offset === 0 ? 0 : text.bytes.lastIndexOf(NEWLINE, offset - 1) + 1
}

function endOfLine(text: Encoded, offset: number): number {
  const end = text.bytes.indexOf(NEWLINE, offset)
  return end < 0 ? text.bytes.length : end
}

const SPACE = 0x20
const NEWLINE = 0x0a
const SEMICOLON = 'ASCII_59'
const BACKSLASH = 'ASCII_92'
