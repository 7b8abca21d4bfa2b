import type { Catalog } from '../catalog/catalog.js'
import { type Step, stepsBetween } from '../diff/steps.js'
import type { Session } from '../postgres/session.js'
import type { Ascending } from './climb.js'
import { Plainly, rebuildable, refusedOnline, refusesValues, Unfilled, unfilled } from './lessons.js'
import { onlySpelling, ROUNDS, readReplica, withObjectsOf } from './reached.js'
import type { Leg, Rehearsing } from './rehearsing.js'
import { undone } from './renames.js'
import { restrict } from './replica.js'
import { runSegment } from './run-steps.js'
import { isTransactional } from './segments.js'
import { StepError } from './step-error.js'
import { refuseDifference, runDown } from './written-leg.js'

/** Comes down from leg to leg, the last one first, until one cannot be taken back. */
export async function descend(
  session: Session,
  legs: readonly Ascending[],
  input: Descending,
): Promise<{ legs: Leg[]; irreversible: string | null; rowsRefused: boolean; along: boolean }> {
  const result: Leg[] = []
  let irreversible: string | null = null
  let rowsRefused = false
  let along = false
  let now = legs.at(-1)?.after
  for (const leg of [...legs].reverse()) {
    const gone = goneEarly(leg.after, now ?? leg.after, legs)
    const left = { ...leg, after: without(leg.after, gone), before: without(leg.before, gone) }
    const back: Descent =
      irreversible === null
        ? await comeBack(session, left, now ?? left.after, legs, input)
        : { down: [], restored: leg.after, irreversible }
    irreversible = back.irreversible
    rowsRefused ||= back.rowsRefused ?? false
    along ||= back.along ?? false
    now = back.restored
    const { renames: _renames, ...plain } = leg
    result.unshift({ ...plain, down: back.down, restored: back.restored })
  }
  return { legs: joined(result), irreversible, rowsRefused, along }
}

/** Left-over steps go into the transaction before them, when both are transactions; the way back the other way round. */
function joined(legs: readonly Leg[]): Leg[] {
  const result: Leg[] = []
  for (const leg of legs) {
    const last = result.at(-1)
    if (
      last?.transactional &&
      leg.transactional &&
      !last.written &&
      !leg.written &&
      !last.up.some((step) => step.transactional === 'commit-after')
    )
      result[result.length - 1] = {
        ...last,
        up: [...last.up, ...leg.up],
        down: [...leg.down, ...last.down],
        after: leg.after,
        seen: new Map([...(last.seen ?? []), ...(leg.seen ?? [])]),
      }
    else result.push(leg)
  }
  return result
}

/** What an earlier segment made and a later one took along on its way back (the index of a partition, attached since): it need not come again. */
function goneEarly(wanted: Catalog, now: Catalog, legs: readonly Ascending[]): ReadonlySet<string> {
  return new Set([...wanted.objects.keys()].filter((key) => !now.objects.has(key) && legs[0]?.before.objects.has(key) === false))
}

function without(catalog: Catalog, keys: ReadonlySet<string>): Catalog {
  return keys.size === 0 ? catalog : restrict(catalog, (key) => !keys.has(key))
}

/** What one transaction did is undone in one; it must do: what asks for a COMMIT in between is built anew instead. */
function wayBack(
  leg: Ascending,
  rebuild: ReadonlySet<string>,
  { online, around, apart }: Pick<Descending, 'online' | 'around' | 'apart'>,
): Step[] {
  const kept = new Map(leg.up.flatMap(({ archives = [] }) => archives.map(({ object, place }) => [object, place])))
  const archive = (key: string) => kept.get(key) ?? null
  const options = { hasRows: () => true, mirror: leg.up, archive, around, apart, ...(leg.transactional ? {} : { online }) }
  const steps = stepsBetween(leg.after, leg.before, { rebuild, ...options })
  const late = steps.flatMap((step, i) => (step.transactional === 'commit-after' && i < steps.length - 1 ? step.objects.slice(0, 1) : []))
  return late.length === 0 ? steps : stepsBetween(leg.after, leg.before, { rebuild: new Set([...rebuild, ...late]), ...options })
}

/** How to come down. */
interface Descending extends Pick<Rehearsing, 'compared' | 'online'> {
  /** States whose names are taken, of which the replica holds a part. */
  readonly around: readonly Catalog[]
  /** Is nothing made along with others? */
  readonly apart: boolean
}

interface Descent {
  readonly down: readonly Step[]
  readonly restored: Catalog
  /** The reason why it does not arrive; null when it does. */
  readonly irreversible: string | null
  /** It is the rows that do not fit: without them it may arrive. */
  readonly rowsRefused?: boolean
  /** Others were to be made along: apart, it may arrive. */
  readonly along?: boolean
}

/** `now` is how the replica is before it, in the spelling of what was made anew on the way back so far. */
async function comeBack(session: Session, leg: Ascending, now: Catalog, legs: readonly Ascending[], input: Descending): Promise<Descent> {
  if (!leg.written) return comeDown(session, leg, legs, input)
  const irreversible = await runDown(session, leg.written)
  if (irreversible !== null) return { down: [], restored: now, irreversible }
  const restored = await readReplica(session, now, input.compared)
  refuseDifference(without(leg.before, goneEarly(leg.before, restored, legs)), leg.after, now, restored)
  return { down: [], restored, irreversible }
}

/** Comes down, compares, and runs what is left over, until nothing is but other spellings of the same. */
async function comeDown(
  session: Session,
  leg: Ascending,
  legs: readonly Ascending[],
  { compared, online, around, apart }: Descending,
): Promise<Descent> {
  const rebuild = new Set<string>()
  const down: Step[] = []
  let goal = leg.before
  let reached = leg.after
  let along = false
  let steps = leg.renames ? undone(leg.up) : wayBack(leg, rebuild, { online, around, apart })
  for (let round = 1; steps.length > 0; round++) {
    const before = reached
    along ||= steps.some(({ spread }) => spread)
    try {
      await runSegment(session, steps, isTransactional(steps))
    } catch (error) {
      if (!(error instanceof StepError)) throw error
      const plainly = refusedOnline(steps, error)
      if (plainly !== null) throw new Plainly(plainly)
      const left = legs.some(({ written }) => written) ? unfilled(steps, error, legs.at(-1)?.after ?? before) : null
      if (left !== null) throw new Unfilled(left)
      const more = rebuildable(steps, error, before, goal).filter((key) => !rebuild.has(key))
      if (more.length === 0 || round > 1)
        return {
          down,
          restored: reached,
          irreversible: `${error.title}: ${error.cause.message}`,
          rowsRefused: refusesValues(error.cause),
          along,
        }
      for (const key of more) rebuild.add(key)
      round = 0
      steps = wayBack(leg, rebuild, { online, around, apart })
      continue
    }
    reached = await readReplica(session, before, compared)
    goal = without(goal, goneEarly(leg.after, reached, legs))
    if (round > 1) {
      const spelled = onlySpelling(before, goal, before, reached)
      if (spelled.length > 0) goal = withObjectsOf(goal, reached, spelled)
      steps = spelled.length > 0 ? stepsBetween(before, goal) : steps
    }
    down.push(...steps)
    steps = stepsBetween(reached, goal)
    if (round === ROUNDS && steps.length > 0)
      return { down, restored: reached, irreversible: `down does not come back: ${steps[0]?.title}`, along }
  }
  return { down, restored: reached, irreversible: null }
}
