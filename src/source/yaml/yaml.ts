import { LineCounter, type Node, parseAllDocuments, visit, type Document as YamlDocument } from 'yaml'
import type { Problem } from '../../sql/analysis.js'
import type { Parser } from '../../sql/parser.js'
import { quoteIdentifier } from '../../sql/quote.js'
import type { SourceFile } from '../files.js'
import { type Reading, reading } from '../reading.js'
import type { Statement } from '../statement.js'
import { DOCUMENT, type Document } from './document.js'
import { type Draft, placeOf, textOf } from './draft.js'
import type { At } from './place.js'
import { placeWithin } from './place.js'
import { readNode } from './read-node.js'
import { statementsOf } from './statements.js'

/** Reads a YAML file as the SQL that it stands for. */
export async function readYaml(source: SourceFile, parser: Parser): Promise<Reading> {
  const { documents, problems } = await readDocuments(source.text)
  if (problems.length > 0) return reading(source, [], problems)
  const drafts = documents.flatMap((document, index) => statementsOf(document, searchPath(documents, index)))
  const outside = await checkFragments(drafts, parser)
  const sound = drafts.filter((draft) => !outside.some(({ piece }) => draft.pieces.includes(piece)))
  const results: { statements: readonly Statement[]; problems: readonly Problem[] }[] = []
  for (const draft of sound) results.push(await readDraft(draft, source.file, parser))
  const found = [...outside.map(({ problem }) => problem), ...results.flatMap((result) => result.problems)]
  return reading(
    source,
    results.flatMap((result) => result.statements),
    found.sort((left, right) => left.line - right.line || left.column - right.column),
  )
}

const NODES = 500_000

async function readDocuments(text: string): Promise<{ documents: readonly Document[]; problems: readonly Problem[] }> {
  const lines = new LineCounter()
  const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, strict: true, uniqueKeys: true, version: '1.2' })
  const pairs = [...text.matchAll(/[\u{10000}-\u{10ffff}]/gu)].map((match) => match.index)
  const locate = (offset: number): At => {
    const line = Math.max(1, lines.linePos(offset).line)
    const start = lines.lineStarts[line - 1] ?? 0
    return { line, column: offset - start - (countBelow(pairs, offset) - countBelow(pairs, start)) + 1, indent: null }
  }
  const problems: Problem[] = []
  const budget = { left: NODES }
  const documents = (Array.isArray(parsed) ? parsed : []).flatMap((document) => {
    for (const { pos, code, message } of [...document.errors, ...document.warnings]) {
      const { line, column } = locate(pos[0])
      problems.push({ line, column, severity: 'error', message: firstLine(message), hint: HINTS[code] ?? null })
    }
    if (document.errors.length > 0 || document.contents === null) return []
    return (
      readNode({ aliased: resolveAliases(document, visit), text, locate, problems, budget }, document.contents, DOCUMENT, locate(0)) ?? []
    )
  })
  return { documents, problems }
}

// One walk: an alias means the last node of that anchor before it. Alias.resolve() would walk the document for each.
function resolveAliases(document: YamlDocument, visit: typeof import('yaml').visit): ReadonlyMap<Node, Node> {
  const anchors = new Map<string, Node>()
  const aliased = new Map<Node, Node>()
  visit(document, {
    Alias(_, alias) {
      const node = anchors.get(alias.source)
      if (node) aliased.set(alias, node)
    },
    Value(_, node) {
      if (node.anchor) anchors.set(node.anchor, node)
    },
  })
  return aliased
}

/** How many of the sorted `offsets` are below `limit`. */
function countBelow(offsets: readonly number[], limit: number): number {
  let low = 0
  let high = offsets.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((offsets[middle] ?? 0) < limit) low = middle + 1
    else high = middle
  }
  return low
}

const HINTS: { readonly [code: string]: string } = {
  DUPLICATE_KEY: 'a name can stand once in a mapping: merge the two, or rename one',
  TAB_AS_INDENT: 'indent with spaces',
  TAG_RESOLVE_FAILED: 'remove the tag',
}

// Fragments name things without a schema and mean the document's own; a document without one must not inherit the last one's.
function searchPath(documents: readonly Document[], index: number): string | undefined {
  const schema = documents[index]?.keys.schema?.text
  if (schema !== undefined) return [...new Set([schema, 'public'])].map(quoteIdentifier).join(', ')
  return documents.slice(0, index).some((document) => document.keys.schema) ? 'public' : undefined
}

async function checkFragments(drafts: readonly Draft[], parser: Parser) {
  const pieces = drafts.flatMap((draft) => draft.pieces).filter((piece) => piece.fragment && piece.fragment !== 'script')
  const refusals = await parser.check(pieces.map((piece) => ({ sql: piece.text, list: piece.fragment === 'list' })))
  return pieces.flatMap((piece, index) => {
    const refusal = refusals[index]
    if (!refusal || !piece.at) return []
    const place = placeWithin(piece.at, piece.text, unitsOf(piece.text, refusal.position))
    return [{ piece, problem: { ...place, severity: 'error', message: refusal.message, hint: null } satisfies Problem }]
  })
}

/** Exactly one statement must come of a draft, whatever its fragments hold. */
async function readDraft(
  draft: Draft,
  file: string,
  parser: Parser,
): Promise<{ statements: readonly Statement[]; problems: readonly Problem[] }> {
  const text = textOf(draft)
  const { statements, count, problems: found } = await parser.analyse(text)
  const lineStarts = [0, ...[...text.matchAll(/\n/g)].map((match) => match.index + 1)]
  const indexOf = (line: number, column: number) => {
    const start = lineStarts[line - 1] ?? 0
    return start + unitsOf(text.slice(start), column - 1)
  }
  const place = (line: number, column: number) => placeOf(draft, indexOf(line, column))
  const within = ({ line, column }: Pick<Statement, 'line' | 'column'>) => {
    const start = indexOf(line, column)
    return (characters: number) => placeOf(draft, start + unitsOf(text.slice(start), characters))
  }
  const problems = found.map((problem) => ({ ...problem, ...place(problem.line, problem.column) }))
  if (!draft.many && problems.length === 0 && count !== 1) {
    const message = count === 0 ? 'a statement is expected here' : `one statement is expected here, not ${count}`
    return {
      statements: [],
      problems: [
        { line: draft.at.line, column: draft.at.column, severity: 'error', message, hint: 'give each statement an item of its own' },
      ],
    }
  }
  return {
    problems,
    statements: statements.map((statement) => ({
      ...statement,
      file,
      ...(draft.pieces[0]?.fragment === 'script'
        ? place(statement.line, statement.column)
        : { line: draft.at.line, column: draft.at.column }),
      parts: statement.parts.map(({ name, line, column }) => ({ name, line: place(line, column).line })),
      directives: [
        ...(draft.directives ?? []),
        ...statement.directives.map((directive) => ({ ...directive, line: place(directive.line, 1).line })),
      ],
      placeAt: within(statement),
    })),
  }
}

/** UTF-16 units of the first `codePoints` characters. */
function unitsOf(text: string, codePoints: number): number {
  return [...text.slice(0, codePoints * 2)].slice(0, codePoints).join('').length
}

function firstLine(message: string): string {
  return message.split('\n')[0] ?? message
}
