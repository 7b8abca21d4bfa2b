import { chainOf, isInForce } from '../apply/chain.js'
import { checkFootprint, footprintFrom } from '../apply/footprint.js'
import { openJournal } from '../apply/journal.js'
import { idOf } from '../catalog/id.js'
import { UserError } from '../errors.js'
import { spoken } from '../kinds/spoken.js'
import { print } from '../plan/make.js'
import type { Plan, Rehearsal } from '../plan/plan.js'
import { beforeWritten } from '../plan/preflight.js'
import { replicaFor, shadowFor } from '../plan/replay.js'
import { type Rerun, rerun, type WrittenSegment } from '../plan/rerun.js'
import { runnables } from '../plan/run-steps.js'
import { afterPending } from '../plan/stage.js'
import { introspect } from '../postgres/introspect.js'
import type { Session } from '../postgres/session.js'
import type { Shadow } from '../postgres/shadow.js'
import { refuseHalf } from './base.js'
import { ancestry } from './choose-plans.js'
import { planFromDraft } from './draft-stage.js'
import { findPlan } from './find-plan.js'
import { readChain } from './links.js'
import { DRAFT } from './plan-folder.js'
import { CLEAR, type Preflight, preflight } from './preflight.js'
import { openShadow } from './shadow.js'
import type { Workspace } from './workspace.js'

export interface Verified {
  readonly plan: string
  readonly irreversible: string | null
  readonly rehearsal: Rehearsal
  /** What is in its way in the database as it is now; of a plan that is next. */
  readonly ahead: Preflight
}

/** Rehearses a plan, or a draft, against the database as it is now. Throws UserError that names the first difference. */
export async function verifyPlan(workspace: Workspace, live: Session, word: string, say: (text: string) => void): Promise<Verified> {
  if (DRAFT.test(word)) {
    const { plan } = await planFromDraft(workspace, live, word, say)
    if (plan === null) throw new Error(`${word} came to no plan`)
    return { plan: word, irreversible: plan.irreversible, rehearsal: plan.rehearsal, ahead: await preflight(live, plan.segments, null) }
  }
  const { plan, before } = await pendingPlan(workspace, live, word)
  const now = await introspect(live)
  const shadow = () => shadowFor([...before, plan], now, () => openShadow(workspace.shadow, workspace.target, now, say))
  const start = await afterPending({ pending: before, shadow }, now)
  checkFootprint(start, footprintFrom(plan, 0), plan, 'on the database as it is')
  const back = plan.irreversible === null
  const byHand = plan.segments.some(({ steps }) => steps.some((step) => step.byHand))
  const build = (replica: Shadow) => replicaFor(start, [plan], replica)
  const probes = beforeWritten(plan.segments.flatMap(({ steps }) => steps)).flatMap(({ preflight = [] }) => preflight)
  const proof = await rerun({ shadow, build, segments: plan.segments.map(written), back, byHand, probes })
  for (const [i, leg] of proof.legs.entries()) refuseDifference(plan, i, leg, back)
  return {
    plan: plan.id,
    irreversible: plan.irreversible,
    rehearsal: { shadow: proof.shadow, rows: proof.rows, caveats: proof.caveats },
    ahead: before.length === 0 ? await preflight(live, plan.segments, null) : CLEAR,
  }
}

/** With the pending plans that it follows. */
async function pendingPlan(
  workspace: Workspace,
  live: Session,
  word: string,
): Promise<{ readonly plan: Plan; readonly before: readonly Plan[] }> {
  const journal = await openJournal(live, 'read')
  const entries = await journal.entries()
  const { files, chain } = await readChain(workspace, entries)
  refuseHalf(chain)
  const plan = await findPlan(word, files, journal, entries)
  const known = entries.find(({ id }) => id === plan.id)
  if (known && isInForce(known))
    throw new UserError('in-force', `${plan.id} is ${known.status} here already: there is nothing to rehearse.`, {
      next: 'schemactl drift tells whether the database still is what it left.',
    })
  const links = files.some(({ id }) => id === plan.id) ? files : [...files, { file: word, plan, id: plan.id, parent: plan.parent }]
  return { plan, before: ancestry(plan.id, chainOf(links, entries).pending).slice(0, -1) }
}

/** Without what changes declared rows: a replica has none of them. */
function written(segment: Plan['segments'][number]): WrittenSegment {
  const { transactional, downTransactional } = segment
  const told = { ...segment, steps: segment.steps.filter(({ rows }) => rows === undefined) }
  return { transactional, downTransactional, up: runnables(told, 'up'), down: runnables(told, 'down') }
}

/** What the plan says of each object, and what the rehearsal came to; an object that only needs to be there may be spelled otherwise. */
function refuseDifference(plan: Plan, i: number, { before, after, restored }: Rerun['legs'][number], back: boolean): void {
  const segment = plan.segments[i]
  for (const [key, wanted] of Object.entries(segment?.after ?? {})) {
    const stays = wanted === segment?.before[key] && print(after, key) === print(before, key)
    if (!stays && print(after, key) !== wanted) throw differs(plan, i, key, 'after it')
    const found = print(restored, key)
    if (back && ![segment?.before[key], segment?.restored[key], print(before, key)].includes(found))
      throw differs(plan, i, key, 'after its way back')
  }
}

function differs(plan: Plan, i: number, key: string, when: string): UserError {
  return new UserError('not-proven', `Plan ${plan.id}, segment ${i + 1}, ${when}: ${spoken(idOf(key))} is not what the plan says.`, {
    next: `schemactl rebase ${plan.id} makes it anew from how the database is now.`,
  })
}
