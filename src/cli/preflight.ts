import { UserError } from '../errors.js'
import { type Bystander, bystandersOf } from '../plan/bystanders.js'
import type { Plan, Segment } from '../plan/plan.js'
import { beforeWritten, type Finding, findRefusals } from '../plan/preflight.js'
import type { Session } from '../postgres/session.js'
import { lockedBy } from './estimates.js'
import { type Room, roomFor } from './free-space.js'
import { grouped, size } from './quantity.js'

/** What stands in the way of a plan, found without a lock on anything. */
export interface Preflight {
  readonly findings: readonly Finding[]
  readonly bystanders: readonly Bystander[]
  readonly room: Room | null
}

export const CLEAR: Preflight = { findings: [], bystanders: [], room: null }

export async function preflight(session: Session, segments: readonly Segment[]): Promise<Preflight> {
  const steps = segments.flatMap((segment) => segment.steps)
  const locked = new Map(steps.flatMap((step) => lockedBy(step) ?? []).map(({ path }) => [path.join('.'), path]))
  return {
    findings: await findRefusals(session, beforeWritten(steps)),
    bystanders: await bystandersOf(
      session,
      [...locked.values()].filter((path) => path.length === 2),
    ),
    room: await roomFor(session, steps),
  }
}

export function preflightText({ findings, bystanders, room }: Preflight): string[] {
  const held = bystanders.map(({ who, holds }) => `  ${who} holds ${holds.join(', ')}`)
  return [
    ...(findings.length === 0 ? [] : [`Warning: as the rows are now, this would be refused:\n${findings.map(findingText).join('\n')}`]),
    ...(room === null || room.needs < room.free
      ? []
      : [`Warning: it writes about ${size(room.needs)} anew before it commits, and the server's disk has ${size(room.free)} left.`]),
    ...(held.length === 0 ? [] : [`Warning: these may keep it waiting:\n${held.join('\n')}`]),
  ]
}

function findingText({ step: title, what, rows, sample }: Finding): string {
  // The title of a step that does several things is longer than what it is refused for.
  const step = title.length > LONG ? (title.split(': ')[0] ?? title) : title
  if (rows === null) return `  ${step}: could not tell in time whether rows ${what}`
  const number = rows > 10_000 ? 'more than 10,000 rows' : rows === 1 ? '1 row' : `${grouped(rows)} rows`
  return `  ${step}: ${number} ${what}: ${sample.join('; ')}${rows > sample.length ? '; …' : ''}`
}

const LONG = 100

/** Throws where rows are in the way; tells what could not be told. Segments that are done already are not asked about. */
export async function refuseRows(session: Session, plan: Plan, done: number, say: (text: string) => void): Promise<void> {
  const { findings, bystanders, room } = await preflight(session, plan.segments.slice(done))
  const refused = findings.filter(({ rows }) => rows !== null)
  for (const text of preflightText({ findings: refused.length > 0 ? [] : findings, bystanders, room })) say(text)
  if (refused.length === 0) return
  throw new UserError(
    'rows-in-the-way',
    `Plan ${plan.id} would be refused, as the rows are now:\n${refused.map(findingText).join('\n')}\nNothing was done.`,
    {
      next: 'Mend these rows, and apply again; or plan anew with a step that mends them (schemactl new). apply --no-preflight tries it all the same.',
    },
  )
}
