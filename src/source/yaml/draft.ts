import type { Place } from '../../sql/positions.js'
import { quoteIdentifier, quoteLiteral } from '../../sql/quote.js'
import type { Directive } from '../statement.js'
import { type At, placeWithin } from './place.js'
import type { Text } from './shape.js'

/** A stretch of SQL. With `at` it came from the file; a `fragment` is SQL that a person wrote, and must stay in its slot, unless it is a whole `script`. */
export interface Piece {
  readonly text: string
  readonly at?: At
  readonly fragment?: 'one' | 'list' | 'script'
}

/** One statement to be, and where the file asks for it. `many`: a script of several. */
export interface Draft {
  readonly pieces: readonly Piece[]
  readonly at: At
  readonly directives?: readonly Directive[]
  readonly many?: true
}

export type Sql = readonly Piece[]

/** SQL from trusted text and pieces: ``sql`create view ${name} as ${query}` ``. Plain strings must be our own words, or quoted. */
export function sql(strings: TemplateStringsArray, ...values: readonly (string | Piece | Sql | undefined)[]): Sql {
  return strings.flatMap((text, index) => [{ text }, ...pieces(values[index])]).filter((piece) => piece.text !== '')
}

/** SQL that a person wrote, for a slot that takes one item (no comma outside parentheses). */
export function fragment({ text, at }: Text): Piece {
  return { text, at, fragment: 'one' }
}

/** As `fragment`, for a slot that takes a list. */
export function fragmentList({ text, at }: Text): Piece {
  return { text, at, fragment: 'list' }
}

/** Whole statements. */
export function script({ text, at }: Text): Piece {
  return { text, at, fragment: 'script' }
}

/** A name as the file spells it, letter by letter. */
export function name({ text, at }: Text): Piece {
  return { text: quoteIdentifier(text), at }
}

export function literal({ text, at }: Text): Piece {
  return { text: quoteLiteral(text), at }
}

/** A role; `public` is everybody, as it is in SQL. */
export function role({ text, at }: Text): Piece {
  return { text: text.toLowerCase() === 'public' ? 'public' : quoteIdentifier(text), at }
}

export function join(items: readonly (Piece | Sql)[], separator: string): Sql {
  return items.flatMap((item, index) => (index === 0 ? pieces(item) : [{ text: separator }, ...pieces(item)]))
}

/** The statement's text. A line comment in a fragment must not swallow what follows it. */
export function textOf(draft: Draft): string {
  return draft.pieces.map(spelling).join('')
}

/** The place in the YAML file of the character at `index` of `textOf(draft)`. */
export function placeOf(draft: Draft, index: number): Place {
  let place: Place = draft.at
  let start = 0
  for (const piece of draft.pieces) {
    if (start > index) break
    if (piece.at) place = piece.fragment ? placeWithin(piece.at, piece.text, Math.min(index - start, piece.text.length)) : piece.at
    start += spelling(piece).length
  }
  return place
}

function spelling(piece: Piece): string {
  return piece.fragment && piece.text.includes('--') ? `${piece.text}\n` : piece.text
}

function pieces(value: string | Piece | Sql | undefined): Sql {
  if (value === undefined) return []
  if (typeof value === 'string') return [{ text: value }]
  return 'text' in value ? [value] : value
}
