import { digest } from './canonical.js'
import type { ObjectId } from './id.js'

/** NAMEDATALEN - 1: PostgreSQL cuts longer names off. */
const LONGEST = 63

/** The name with the suffix, as short as PostgreSQL asks: what is cut off is the end of the name, never of the suffix. */
export function suffixed(name: string, suffix: string): string {
  const characters = [...name]
  while (Buffer.byteLength(characters.join('') + suffix) > LONGEST) characters.pop()
  return characters.join('') + suffix
}

/** The id of what stands beside an object under a name of its own while it is replaced: of two long names that begin alike, too. */
export function beside({ kind, path }: ObjectId, suffix: string): ObjectId {
  const name = path.at(-1) ?? ''
  const whole = suffixed(name, suffix)
  const own = whole === name + suffix ? whole : suffixed(name, `_${digest(name).slice(0, 8)}${suffix}`)
  return { kind, path: [...path.slice(0, -1), own] }
}

/** The same, with a number where one of these names is taken. Same names, same id. */
export function besideOthers(id: ObjectId, suffix: string, isTaken: (candidate: ObjectId) => boolean): ObjectId {
  for (let n = 1; ; n++) {
    const candidate = beside(id, n === 1 ? suffix : `${suffix}${n}`)
    if (!isTaken(candidate)) return candidate
  }
}
