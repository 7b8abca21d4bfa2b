import { groupBy } from '../catalog/group.js'
import { describe, idOf, keyOf, type ObjectId } from '../catalog/id.js'
import { ARCHIVE, BLOCKING_MODES } from '../kinds/kind.js'
import type { Plan, PlanHazard, PlanStep } from '../plan/plan.js'
import { colour } from './colour.js'
import { lockedBy } from './estimates.js'
import { LOSSES } from './losses.js'
import { placeOf } from './newer-rows.js'
import { count, duration, grouped, size } from './quantity.js'

/** A plan for people: its steps one by one, and what its rehearsal showed. */
export function planText(plan: Plan): string {
  const several = plan.segments.length > 1
  const parts = plan.segments.flatMap((segment, i) => [
    ...(several ? [`  -- segment ${i + 1} of ${plan.segments.length}${segment.transactional ? '' : ', outside a transaction'}`] : []),
    ...segment.steps.map((step) => stepText(step, plan)),
  ])
  return `${parts.join('\n')}\n\n${proofText(plan)}`
}

function stepText(step: PlanStep, plan: Plan): string {
  const notes = [
    placeText(step, plan),
    ...alsoText(step, plan),
    ...rowsText(step),
    ...batchText(step),
    ...(step.archives ?? []).map(({ of, place }) => `keeps the rows of ${of} as ${ARCHIVE}.${place}, until they are purged`),
    ...lossTexts(step.hazards).map(colour.yellow),
    ...(step.down.length === 0 && plan.irreversible !== null ? [colour.yellow('cannot be taken back')] : []),
    ...lossTexts(step.downHazards.filter((loss) => !isKept(step, loss))).map((text) => `taking it back ${text}`),
    ...(step.downHazards.some((loss) => isKept(step, loss)) ? ['taking it back gives newer rows a value that nobody chose (fill)'] : []),
  ]
  return [`  ${signOf(step.title)} ${step.title}`, ...notes.filter((note) => note !== '').map((note) => `      ${note}`)].join('\n')
}

/** The values come back with the column. */
function isKept(step: PlanStep, { hazard, object }: PlanHazard): boolean {
  return hazard === 'fill' && placeOf(step, object) !== undefined
}

function rowsText({ rows }: PlanStep): string[] {
  if (rows === undefined) return []
  const more = rows.count - rows.sample.length
  return [...rows.sample, ...(more > 0 ? [`and ${count(more, 'row')} more`] : [])]
}

function batchText({ batch, downBatch }: PlanStep): string[] {
  if (batch === undefined) return []
  const back = downBatch === undefined ? '' : ', and so the way back'
  return [`${count(batch, 'row')} at a time, each time committed by itself, until none is left${back}`]
}

function signOf(title: string): string {
  if (/^(create|insert) /.test(title)) return colour.green('+')
  if (/^(delete|drop) (?!\(to recreate\))/.test(title)) return colour.red('-')
  return colour.yellow('~')
}

function placeText(step: PlanStep, plan: Plan): string {
  const locked = lockedBy(step)
  const place = step.byHand ? ['by hand'] : step.source === null ? [] : [step.source]
  if (locked === null || isNew(locked, plan)) return place.join()
  const { lock, briefly } = step.impact
  const moment = briefly === undefined ? [] : [`${briefly} for a moment`]
  return [
    ...place,
    `locks ${describe(locked)} (${lock}${lock !== undefined && BLOCKING_MODES.includes(lock) ? '' : ': others read and write'})`,
    ...workText(step),
    ...moment,
  ].join(' · ')
}

/** What else is locked against writers: what a foreign key refers to, partitions. */
function alsoText({ impact: { also = [] } }: PlanStep, plan: Plan): string[] {
  const others = also.filter(({ on }) => !isNew(on, plan))
  return [...groupBy(others, ({ lock }) => lock)].map(([lock, group]) => {
    const named = group.slice(0, ALSO).map(({ on }) => describe(on))
    const more = group.length - named.length
    return `also locks ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''} (${lock})`
  })
}

/** So many are named. */
const ALSO = 3

/** Nobody else sees a table of the same plan: neither its lock nor its rows matter. What one segment drops and another makes anew was there. */
function isNew(id: ObjectId, plan: Plan): boolean {
  const key = keyOf(id)
  return plan.segments.find(({ before }) => Object.hasOwn(before, key))?.before[key] === null
}

function workText({ impact, estimate }: PlanStep): string[] {
  if (impact.work === undefined) return []
  const [verb, where] = WORK[impact.work]
  if (estimate === undefined) return [`${verb} all rows${where}`]
  const { rows, bytes } = estimate
  // Where nobody has counted them yet, the size alone tells.
  const what = rows === 0 && bytes > 0 ? size(bytes) : `about ${count(rows, 'row')} (${size(bytes)})`
  return [`${verb} ${what}${where}, ${timeText(impact.work, estimate)}`]
}

type Work = NonNullable<PlanStep['impact']['work']>

const WORK: Readonly<Record<Work, readonly [verb: string, where: string]>> = {
  rewrite: ['rewrites', ''],
  scan: ['reads', ''],
  graph: ['puts', ' into a graph'],
}

function timeText(work: Work, { rows, bytes }: NonNullable<PlanStep['estimate']>): string {
  if (work !== 'graph') return duration(bytes / BYTES_A_SECOND[work])
  // Long vectors take longer than short ones, and all of them where the graph does not fit into maintenance_work_mem.
  const seconds = Math.max(rows / GRAPH_A_SECOND.rows, bytes / GRAPH_A_SECOND.bytes)
  return seconds < 1 ? duration(seconds) : `${duration(seconds)} or more`
}

const GRAPH_A_SECOND = { rows: 1000, bytes: 1e6 } as const

/** What a small server does, indexes included: the order of magnitude that a reviewer needs. */
const BYTES_A_SECOND = { rewrite: 30e6, scan: 200e6 } as const

/** One line a class of loss, with the first objects that it meets. */
function lossTexts(hazards: readonly PlanHazard[]): string[] {
  return [...groupBy(hazards, ({ hazard }) => hazard)].map(([hazard, all]) => {
    const more = all.length > SHOWN ? ` and ${grouped(all.length - SHOWN)} more` : ''
    return `${LOSSES[hazard]} — ${all
      .slice(0, SHOWN)
      .map(({ object }) => describe(idOf(object)))
      .join(', ')}${more} (${hazard})`
  })
}

/** Objects that one line names. */
const SHOWN = 4

export function lossText(hazard: PlanHazard): string {
  return lossTexts([hazard]).join()
}

function proofText({ rehearsal, irreversible, segments }: Plan): string {
  if (segments.length === 0) return 'It changes nothing: it records a state that was found.'
  const rows = Object.entries(rehearsal.rows)
  const total = rows.reduce((sum, [, number]) => sum + number, 0)
  return [
    `Proven on ${rehearsal.shadow}: up, ${segments.every(({ steps }) => steps.every(({ byHand }) => byHand)) ? 'its steps run' : 'it arrives at what the files say'}; ${irreversible === null ? 'down, it comes back to where it was.' : 'not down:'}`,
    ...(irreversible === null ? [] : [colour.yellow(`It cannot be taken back: ${irreversible}`)]),
    ...(rows.length === 0 ? [] : [`Rows that went with it: ${grouped(total)} in ${count(rows.length, 'table')}.`]),
    ...rehearsal.caveats.map((caveat) => `Not shown: ${caveat}`),
  ].join('\n')
}
