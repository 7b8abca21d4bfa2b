import type { ObjectId } from './id.js'

/** NAMEDATALEN - 1: PostgreSQL cuts longer names off. */
const LONGEST = 63

/** The name with the suffix, as short as PostgreSQL asks: what is cut off is the end of the name, never of the suffix. */
export function suffixed(name: string, suffix: string): string {
  const characters = [...name]
  while (Buffer.byteLength(characters.join('') + suffix) > LONGEST) characters.pop()
  return characters.join('') + suffix
}

/** The id of what stands beside an object under a name of its own while it is replaced. */
export function beside({ kind, path }: ObjectId, suffix: string): ObjectId {
  return { kind, path: [...path.slice(0, -1), suffixed(path.at(-1) ?? '', suffix)] }
}
