/** The first byte that is neither white space nor comment; comments nest in PostgreSQL. */
export function skipBlank(bytes: Buffer, from: number, end: number): number {
  let offset = from
  while (offset < end) {
    const [byte, next] = [bytes[offset] ?? 0, bytes[offset + 1]]
    if (isSpace(byte) || byte === SEMICOLON) offset++
    else if (byte === DASH && next === DASH) offset = after(bytes, NEWLINE, offset, end)
    else if (byte === SLASH && next === STAR) offset = afterComment(bytes, offset, end)
    else break
  }
  return offset
}

function afterComment(bytes: Buffer, from: number, end: number): number {
  let depth = 0
  for (let offset = from; offset < end; offset++) {
    const [byte, next] = [bytes[offset], bytes[offset + 1]]
    if (byte === SLASH && next === STAR) {
      depth++
      offset++
    } else if (byte === STAR && next === SLASH) {
      depth--
      offset++
      if (depth === 0) return offset + 1
    }
  }
  return end
}

function after(bytes: Buffer, byte: number, from: number, end: number): number {
  const found = bytes.indexOf(byte, from)
  return found < 0 ? end : found + 1
}

/** Without the white space and semicolons before `end`. */
export function trimEnd(bytes: Buffer, end: number): number {
  let offset = end
  while (offset > 0 && (isSpace(bytes[offset - 1] ?? 0) || bytes[offset - 1] === SEMICOLON)) offset--
  return offset
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)
}

const [NEWLINE, SEMICOLON, DASH, SLASH, STAR] = [0x0a, 0x3b, 0x2d, 0x2f, 0x2a]
