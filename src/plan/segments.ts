import type { Step } from '../diff/steps.js'

/** Cuts steps where a COMMIT must come: around what refuses a transaction, and after what can be used only once committed. */
export function segmentsOf(steps: readonly Step[]): Step[][] {
  const segments: Step[][] = []
  let open: Step[] = []
  const close = () => {
    if (open.length > 0) segments.push(open)
    open = []
  }
  for (const step of steps) {
    if (step.transactional === false) {
      close()
      segments.push([step])
      continue
    }
    // Labels of several enums may share a transaction; what follows them may not.
    if (step.transactional !== 'commit-after' && open.some((earlier) => earlier.transactional === 'commit-after')) close()
    open.push(step)
  }
  close()
  return segments
}

export function isTransactional(steps: readonly Step[]): boolean {
  return steps.every((step) => step.transactional !== false)
}
