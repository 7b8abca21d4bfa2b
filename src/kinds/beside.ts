import type { ObjectId } from '../catalog/id.js'

/** NAMEDATALEN - 1: PostgreSQL cuts longer names off. */
const LONGEST = 63

/** The id of what stands beside an object under a name of its own while it is replaced. */
export function beside({ kind, path }: ObjectId, suffix: string): ObjectId {
  const name = [...(path.at(-1) ?? '')]
  while (Buffer.byteLength(name.join('') + suffix) > LONGEST) name.pop()
  return { kind, path: [...path.slice(0, -1), name.join('') + suffix] }
}
