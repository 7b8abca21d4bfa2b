import { groupBy } from '../catalog/group.js'
import type { Step } from '../diff/steps.js'

/**
 * Lays the steps of the way back beside those of the way up that they undo, so that undoing the steps last to first runs the way back
 * in its own order. Where the two ways are not mirror images (a label added, and removed by making the type anew), what has no partner
 * goes with its neighbour.
 */
export function pair(up: readonly Step[], down: readonly Step[]): Step[][] {
  const result: Step[][] = up.map(() => [])
  if (up.length === 0) return result
  // best[j][i]: the weight of the best partners for the last j steps down among the first i steps up.
  const width = up.length + 1
  const best = new Int32Array((down.length + 1) * width)
  const weigh = weights(up, up.length + down.length)
  for (let j = 1; j <= down.length; j++) {
    const row = weigh(down[down.length - j])
    for (let i = 1; i < width; i++) {
      const matched = (best[(j - 1) * width + i] ?? 0) + (row[i - 1] ?? 0)
      best[j * width + i] = Math.max(matched, best[j * width + i - 1] ?? 0, best[(j - 1) * width + i] ?? 0)
    }
  }
  const place = new Array<number>(down.length).fill(-1)
  for (let j = down.length, i = up.length; j > 0 && i > 0; ) {
    const score = best[j * width + i] ?? 0
    const own = weigh(down[down.length - j])[i - 1] ?? 0
    if (own > 0 && score === (best[(j - 1) * width + i] ?? 0) + own) {
      place[down.length - j] = i - 1
      j--
    } else if (score === (best[(j - 1) * width + i] ?? 0)) j--
    else i--
  }
  let at = up.length - 1
  down.forEach((step, j) => {
    const chosen = place[j] ?? -1
    if (chosen >= 0) at = Math.min(at, chosen)
    result[at]?.push(step)
  })
  return result
}

/** How well a step down fits each of the steps up; the array is the same one, written anew. What a step is about says more than what goes with it. */
function weights(up: readonly Step[], most: number): (step: Step | undefined) => Int32Array {
  const numbered = up.map(({ objects }, i) => ({ objects, i }))
  const about = groupBy(numbered, ({ objects }) => objects[0] ?? '')
  const of = groupBy(
    numbered.flatMap(({ objects, i }) => objects.map((key) => ({ key, i }))),
    ({ key }) => key,
  )
  const row = new Int32Array(up.length)
  return (step) => {
    row.fill(0)
    for (const key of step?.objects ?? []) for (const { i } of of.get(key) ?? []) row[i] = 1
    for (const { i } of about.get(step?.objects[0] ?? '') ?? []) row[i] = most
    return row
  }
}
