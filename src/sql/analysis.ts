import type { RawStmt } from 'libpg-query'
import { skipBlank, trimEnd } from './blank.js'
import type { Directive } from './directives.js'
import { assignDirectives, mayHoldDirectives } from './directives.js'
import { body, listNames, type NamedDatabase, type PartFact, type Stated, type Subject, tagged } from './facts.js'
import { type LabelFact, labelsOf } from './labels.js'
import { blankMetaCommands } from './meta-commands.js'
import type { Token } from './outcome.js'
import { parse, parseAtOnce, scan } from './parse.js'
import { type Encoded, encode, type Place } from './positions.js'
import { databaseIn, rewritten } from './rewrite.js'
import { type Range, split } from './split.js'
import { partsOf, statesOf } from './states.js'
import { subjectOf } from './subject.js'
import { judge } from './verdict.js'

/** A statement, located in the text that was analysed; what crosses from the worker, so no trees. */
export interface Analysed {
  readonly text: string
  readonly line: number
  readonly column: number
  readonly node: string
  readonly subject: Subject | null
  readonly states: readonly Stated[]
  readonly parts: readonly (Place & { readonly name: string })[]
  readonly directives: readonly Directive[]
  readonly database?: NamedDatabase
  readonly labels?: LabelFact
}

export interface Problem extends Place {
  readonly severity: 'error' | 'warning'
  readonly message: string
  readonly hint: string | null
}

export interface Analysis {
  readonly statements: readonly Analysed[]
  /** How many statements there were, with those that are ignored or refused. */
  readonly count: number
  readonly problems: readonly Problem[]
}

/** How the caller follows the work, so that it can tell which statement hangs and leave that one out the next time. */
export interface Progress {
  /** Ordinals of statements that are known to hang. */
  readonly hanging: readonly number[]
  start(ordinal: number): void
}

/** Takes a file of SQL apart: at once where that is possible, else statement by statement, so that every mistake is found. */
export async function analyse(sql: string, progress: Progress): Promise<Analysis> {
  const { text: blanked, problems } = await blankMetaCommands(sql)
  const text = encode(blanked)
  const outcome = progress.hanging.length > 0 ? null : await parseAtOnce(blanked)
  const found =
    outcome && 'statements' in outcome
      ? { located: outcome.statements.flatMap((raw) => locate(text, raw, 0, text.bytes.length)), problems: [] }
      : await oneByOne(text, progress)
  const directives = await directivesOf(blanked, text, found.located)
  const judged = await Promise.all(found.located.map((statement, index) => finish(text, statement, directives[index] ?? [])))
  return {
    statements: judged.flatMap(({ statement }) => statement ?? []),
    count: found.located.length,
    problems: [...problems, ...found.problems, ...judged.flatMap(({ problem }) => problem ?? [])].sort(byPlace),
  }
}

/** Bytes [start, end) of the text, and the tree of what stands there; `base` is where the tree's own positions count from. */
interface LocatedStatement {
  readonly start: number
  readonly end: number
  readonly raw: RawStmt
  readonly base: number
  readonly parts: readonly PartFact[]
}

function locate(text: Encoded, raw: RawStmt, base: number, limit: number): LocatedStatement[] {
  if (!raw.stmt) return []
  const from = base + (raw.stmt_location ?? 0)
  const end = raw.stmt_len ? from + raw.stmt_len : limit
  const parts = partsOf(tagged(raw.stmt)).map((part) => ({ ...part, location: base + part.location }))
  return [{ start: skipBlank(text.bytes, from, end), end: trimEnd(text.bytes, end), raw, base, parts }]
}

async function oneByOne(text: Encoded, progress: Progress): Promise<{ located: LocatedStatement[]; problems: Problem[] }> {
  const { ranges, problems } = await findRanges(text)
  const located: LocatedStatement[] = []
  for (const [ordinal, range] of ranges.entries()) {
    if (progress.hanging.includes(ordinal)) {
      problems.push(error(text.place(range.start), TOO_LONG, SIMPLIFY))
      continue
    }
    progress.start(ordinal)
    const outcome = await parse(text.slice(range.start, range.end))
    if ('statements' in outcome) located.push(...outcome.statements.flatMap((raw) => locate(text, raw, range.start, range.end)))
    else problems.push(error(text.place(text.advance(range.start, outcome.position)), outcome.message, outcome.deep ? SIMPLIFY : null))
  }
  return { located, problems }
}

// A lexical error (a quote that is never closed) ends the scan of the whole text: what comes before it is still read.
async function findRanges(text: Encoded): Promise<{ ranges: Range[]; problems: Problem[] }> {
  const lineStart = (offset: number) => offset === 0 || text.bytes[offset - 1] === NEWLINE
  const outcome = await scan(text.slice(0))
  if ('tokens' in outcome) return { ranges: split(outcome.tokens, lineStart), problems: [] }
  const offset = text.advance(0, outcome.position)
  const before = await scan(text.slice(0, offset))
  const whole = 'tokens' in before ? split(before.tokens, lineStart) : []
  const last = whole.at(-1)
  const cut = last && !text.slice(last.end, offset).trimStart().startsWith(';') ? whole.slice(0, -1) : whole
  return {
    ranges: cut,
    problems: [error(text.place(offset), outcome.message.split('\n')[0] ?? '', 'from here on the file could not be read')],
  }
}

async function directivesOf(sql: string, text: Encoded, located: readonly LocatedStatement[]): Promise<Directive[][]> {
  if (!mayHoldDirectives(sql)) return []
  const outcome = await scan(sql)
  if (!('tokens' in outcome)) return []
  const { tokens } = outcome
  return assignDirectives(
    text,
    tokens,
    located.map((statement) => ({ ...statement, parts: [...statement.parts, ...labelsIn(statement, tokens)] })),
  )
}

/** The labels of an enum: the tree has no places for them, but they are its only string constants. */
function labelsIn({ raw: { stmt }, start, end }: LocatedStatement, tokens: readonly Token[]): PartFact[] {
  const labels = listNames(body(stmt, 'CreateEnumStmt')?.vals)
  const constants = labels.length === 0 ? [] : tokens.filter((token) => token.kind === 'SCONST' && token.start >= start && token.end <= end)
  return constants.flatMap(({ start: location }, i) => ({ name: labels[i] ?? '', location, column: true }))
}

async function finish(
  text: Encoded,
  located: LocatedStatement,
  directives: readonly Directive[],
): Promise<{ statement?: Analysed; problem?: Problem }> {
  const {
    raw: { stmt },
    start,
    end,
  } = located
  if (!stmt) return {}
  const statement = tagged(stmt)
  const verdict = judge(statement)
  const place = text.place(start)
  const severity = verdict.fate === 'refuse' ? 'error' : 'warning'
  const problem =
    verdict.message === undefined ? {} : { problem: { ...place, severity, message: verdict.message, hint: verdict.hint ?? null } as const }
  if (verdict.fate !== 'keep') return problem
  const source = await rewritten(statement, text.slice(start, end))
  const database = await databaseIn(statement, source)
  const labels = labelsOf(statement)
  return {
    ...problem,
    statement: {
      text: source,
      ...place,
      node: statement[0],
      subject: subjectOf(statement),
      states: statesOf(statement),
      parts: located.parts.map(({ name, location }) => ({ name, ...text.place(location) })),
      directives,
      ...(database === null ? {} : { database }),
      ...(labels === null ? {} : { labels }),
    },
  }
}

function error(place: Place, message: string, hint: string | null): Problem {
  return { ...place, severity: 'error', message, hint }
}

function byPlace(left: Place, right: Place): number {
  return left.line - right.line || left.column - right.column
}

const NEWLINE = 0x0a
const TOO_LONG = 'the statement takes too long to be parsed'
const SIMPLIFY = 'split the expression or query into smaller parts (functions, views)'
