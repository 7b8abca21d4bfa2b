import { equal } from '../catalog/canonical.js'
import type { Catalog } from '../catalog/catalog.js'
import { idOf } from '../catalog/id.js'
import { type Step, stepsBetween } from '../diff/steps.js'
import { UserError } from '../errors.js'
import { spoken } from '../kinds/spoken.js'
import type { Session } from '../postgres/session.js'
import { buildReplica } from './build-replica.js'
import { type Climbing, climbBy } from './climb.js'
import { descend } from './descend.js'
import { type Learnt, learn, Unfilled, unfilled } from './lessons.js'
import { textsOf } from './places.js'
import { onlySpelling, ROUNDS, withObjectsOf } from './reached.js'
import type { Proof, Rehearsing } from './rehearsing.js'
import { rowDigests, valueDigests } from './row-digests.js'
import { type SeededTable, seedRows } from './rows.js'
import { rowsTried } from './rows-tried.js'
import { adviceOf, refusalOf, type StepError, StepRefused } from './step-error.js'

/**
 * Builds a replica of what the change concerns, puts rows into it, goes up, compares with the wanted state, comes down, compares
 * with the start. Fails with a UserError that names the first difference: such a plan is not written.
 */
export async function rehearse(input: Rehearsing): Promise<Proof> {
  let { target } = input
  const rows = rowsTried(input.holdingRows)
  const learnt: Learnt = { apart: false, rebuild: new Set(), plain: new Set(), whole: new Set() }
  const online: Rehearsing['online'] = (table, key) => !learnt.plain.has(key) && input.online(table, key)
  for (let round = 1; ; round++) {
    const { apart, rebuild, whole } = learnt
    const options = { hasRows: input.hasRows, online, archive: input.archive, around: [input.renamed.live, target], apart, rebuild }
    const blocks = input.written(target, whole)
    const steps = stepsBetween(input.renamed.live, target, options)
    if (steps.length + input.renamed.steps.length + blocks.length === 0)
      return { legs: [], rows: {}, caveats: [], irreversible: null, shadow: '' }
    const shadow = await input.shadow()
    let seeded: readonly SeededTable[] = []
    try {
      const start = await buildReplica({ ...input, target }, shadow, textsOf(blocks.flatMap((block) => block.steps)))
      const tables = rows.tables(start)
      // Hand-written steps may make rows fit.
      const synthetic = await seedRows(shadow.session, start, { tables, probes: blocks.length > 0 ? [] : input.probes })
      seeded = synthetic.tables
      // What hand-written steps bring back is theirs to say.
      const archived = blocks.length > 0 ? [] : steps.flatMap((step) => step.archives ?? [])
      const values = await valueDigests(shadow.session, archived)
      const digests = blocks.length > 0 ? await rowDigests(shadow.session, start) : new Map<string, string>()
      const failed = failing(input, blocks.length > 0 ? whole : null)
      const climbing = { ...input, target, failed, notArrived: notProven, watches: true as const }
      const up = await climbBy(blocks, climbing, shadow.session, start, options)
      const spelling = onlySpelling(input.renamed.live, target, up.renamed, up.reached)
      if (spelling.length > 0 && round < ROUNDS) {
        target = withObjectsOf(target, input.renamed.live, spelling)
        continue
      }
      const down = await descend(shadow.session, up.legs, { ...options, compared: input.compared })
      if (down.rowsRefused && (await rows.wayBackRefuses(tables, down.irreversible))) continue
      if (!apart && down.along && !down.rowsRefused) {
        learnt.apart = true
        continue
      }
      const { legs, irreversible } = down
      if (irreversible === null) refuseLostRows(values, await valueDigests(shadow.session, archived))
      const others = irreversible === null ? await changedRows(digests, shadow.session, start) : []
      const caveats = [...rows.caveats(irreversible), ...synthetic.caveats, ...others]
      return { legs, irreversible, rows: synthetic.inserted, caveats, shadow: shadow.description }
    } catch (error) {
      if (!learn(learnt, error, steps) && !rows.refuses(error, seeded)) throw error
    } finally {
      await shadow.close()
    }
  }
}

/** `whole`: what is filled at once already; null where no steps are written by hand. */
function failing({ mayFill, live }: Rehearsing, whole: ReadonlySet<string> | null): Climbing['failed'] {
  return (error, steps) => {
    const key = whole && mayFill ? unfilled(steps, error, live) : null
    return key === null || whole?.has(key) ? refused(error, steps) : new Unfilled(key)
  }
}

/** Of the tables that these digests are of, those whose rows are others now. */
async function changedRows(before: ReadonlyMap<string, string>, session: Session, start: Catalog): Promise<string[]> {
  if (before.size === 0) return []
  const after = await rowDigests(session, start)
  const changed = [...before].filter(([table, rows]) => after.get(table) !== rows)
  return changed.map(([table]) => `that rows of ${table} come back as they were: the synthetic one did not`)
}

function refuseLostRows(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): void {
  const lost = [...before].find(([key, digest]) => after.get(key) !== digest)
  if (lost === undefined) return
  throw new UserError(
    'not-proven',
    `The plan was not written: rehearsed, the rows of ${spoken(idOf(lost[0]))} do not come back as they were.`,
    {
      next: 'This is a gap in schemactl; please report it. --drops drop plans without the archive.',
    },
  )
}

function refused(error: StepError, steps: readonly Step[]): UserError {
  const objects = steps.find(({ title }) => title === error.title)?.objects ?? []
  return new StepRefused(objects, `The plan was not written: in the rehearsal ${refusalOf(error)}`, {
    next:
      adviceOf(error) ??
      'Change the schema files so that this step is possible, or do it by a step of your own: schemactl new, with at: start.',
    cause: error.cause,
  })
}

function notProven(step: Step | undefined, reached: Catalog, goal: Catalog): UserError {
  const key = step?.objects[0] ?? ''
  const [got, want] = [reached.objects.get(key)?.definition, goal.objects.get(key)?.definition]
  const attribute = Object.keys({ ...got, ...want }).find((name) => !equal(got?.[name], want?.[name]))
  const detail =
    attribute === undefined
      ? want
        ? 'is missing'
        : 'is still there'
      : `${attribute} is ${JSON.stringify(got?.[attribute] ?? null)}, wanted ${JSON.stringify(want?.[attribute] ?? null)}`
  return new UserError('not-proven', `The plan was not written: rehearsed, it does not arrive. ${spoken(idOf(key))}: ${detail}.`, {
    next: 'This is a gap in schemactl; please report it with the statement that asks for this object.',
  })
}
