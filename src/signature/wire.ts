/*
 * The encoding that SSH uses for keys and signatures (RFC 4251, section 5): 32-bit lengths before texts and numbers.
 */

/** Reads one value after another. Each fails with a RangeError where the bytes end too early. */
export interface WireReader {
  byte(): number
  uint32(): number
  string(): Buffer
  text(): string
  /** So many bytes, without a length before them. */
  raw(length: number): Buffer
  isAtEnd(): boolean
}

export function readWire(bytes: Buffer): WireReader {
  let at = 0
  const raw = (length: number): Buffer => {
    if (at + length > bytes.length) throw new RangeError('the bytes end too early')
    at += length
    return bytes.subarray(at - length, at)
  }
  const uint32 = () => raw(4).readUInt32BE()
  const string = () => raw(uint32())
  return { byte: () => raw(1).readUInt8(), uint32, string, text: () => string().toString(), raw, isAtEnd: () => at === bytes.length }
}

/** Each with its length before it. */
export function wireStrings(...values: readonly (Buffer | string)[]): Buffer {
  return Buffer.concat(
    values.flatMap((value) => {
      const bytes = Buffer.from(value)
      return [uint32Of(bytes.length), bytes]
    }),
  )
}

export function uint32Of(number: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(number)
  return bytes
}

/** A number without the zero byte that keeps it positive, and as long as it is to be; null where it is longer. */
export function unsignedOf(number: Buffer, length: number): Buffer | null {
  const first = number.findIndex((byte) => byte !== 0)
  const digits = first === -1 ? Buffer.alloc(0) : number.subarray(first)
  return digits.length > length ? null : Buffer.concat([Buffer.alloc(length - digits.length), digits])
}
