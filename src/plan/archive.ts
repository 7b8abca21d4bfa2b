import { suffixed } from '../catalog/beside.js'
import { digest } from '../catalog/canonical.js'
import { idOf } from '../catalog/id.js'

export { ARCHIVE } from '../kinds/kind.js'

/** The name under which rows of an object are kept: readable, and another one in every plan of a chain. Never read to know what it is of. */
export function placeOf(key: string, parent: string | null): string {
  return suffixed(idOf(key).path.slice(1).join('_'), `_${digest([parent, key]).slice(0, 8)}`)
}
