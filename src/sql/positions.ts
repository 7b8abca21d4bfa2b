/** A place as shown to people: 1-based, `column` in characters (code points). */
export interface Place {
  readonly line: number
  readonly column: number
}

/** A text as PostgreSQL's parser sees it, which counts in UTF-8 bytes. */
export interface Encoded {
  readonly bytes: Buffer
  slice(start: number, end?: number): string
  place(offset: number): Place
  /** The byte that is `codePoints` further than byte `start`. */
  advance(start: number, codePoints: number): number
}

export function encode(text: string): Encoded {
  const bytes = Buffer.from(text, 'utf8')
  let lineStarts: number[] | undefined
  // Places are mostly asked for in order: counting goes on from the last one, or a file of one long line would be quadratic.
  let last = { offset: 0, line: -1, characters: 0 }
  return {
    bytes,
    slice: (start, end) => bytes.toString('utf8', start, end),
    place(offset) {
      lineStarts ??= findLineStarts(bytes)
      const line = lastAtOrBefore(lineStarts, offset)
      const known = last.line === line && last.offset <= offset ? last : { offset: lineStarts[line] ?? 0, characters: 0 }
      last = { offset, line, characters: known.characters + countCharacters(bytes, known.offset, offset) }
      return { line: line + 1, column: last.characters + 1 }
    },
    advance(start, codePoints) {
      let offset = start
      for (let count = 0; count < codePoints && offset < bytes.length; count++) {
        offset++
        while (isContinuation(bytes[offset])) offset++
      }
      return offset
    },
  }
}

function findLineStarts(bytes: Buffer): number[] {
  const starts = [0]
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) starts.push(at + 1)
  return starts
}

function lastAtOrBefore(starts: readonly number[], offset: number): number {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return low
}

function countCharacters(bytes: Buffer, start: number, end: number): number {
  let count = 0
  for (let offset = start; offset < end; offset++) if (!isContinuation(bytes[offset])) count++
  return count
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80
}

const NEWLINE = 0x0a
