import { digest } from '../catalog/canonical.js'
import { idOf } from '../catalog/id.js'

export { ARCHIVE } from '../kinds/kind.js'

const LONGEST = 63

/** The name under which rows of an object are kept: readable, and another one in every plan of a chain. Never read to know what it is of. */
export function placeOf(key: string, parent: string | null): string {
  const mark = `_${digest([parent, key]).slice(0, 8)}`
  const name = [...idOf(key).path.slice(1).join('_')]
  while (Buffer.byteLength(name.join('') + mark) > LONGEST) name.pop()
  return name.join('') + mark
}
