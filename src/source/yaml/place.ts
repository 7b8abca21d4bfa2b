import type { Place } from '../../sql/positions.js'

/** Where a value begins in its file, and how its later lines lie there. */
export interface At extends Place {
  /** Characters before each further line of a block scalar; null where lines were folded, so that only the line is known. */
  readonly indent: number | null
}

/** The place in the file of the character at `index` of a value that begins at `at`. */
export function placeWithin(at: At, value: string, index: number): Place {
  const before = value.slice(0, index).split('\n')
  const last = [...(before.at(-1) ?? '')].length
  if (before.length === 1) return { line: at.line, column: at.column + last }
  return { line: at.line + before.length - 1, column: at.indent === null ? 1 : at.indent + last + 1 }
}
