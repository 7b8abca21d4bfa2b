import { UserError } from '../errors.js'
import { type Bystander, bystandersOf } from '../plan/bystanders.js'
import type { Plan, Segment } from '../plan/plan.js'
import { beforeWritten, type Finding, findRefusals } from '../plan/preflight.js'
import type { Planned } from '../plan/stage.js'
import type { Session } from '../postgres/session.js'
import { allLockedBy } from './estimates.js'
import { type ExtensionGap, extensionGaps, gapTexts } from './extensions-there.js'
import { type Room, roomFor } from './free-space.js'
import { grouped, size } from './quantity.js'

/** What stands in the way of a plan, found without a lock on anything. */
export interface Preflight {
  readonly findings: readonly Finding[]
  readonly extensions: readonly ExtensionGap[]
  readonly bystanders: readonly Bystander[]
  readonly room: Room | null
}

export const CLEAR: Preflight = { findings: [], extensions: [], bystanders: [], room: null }

export async function preflight(session: Session, segments: readonly Segment[], planned: Planned | null): Promise<Preflight> {
  const steps = segments.flatMap((segment) => segment.steps)
  const locked = new Map(steps.flatMap(allLockedBy).map(({ path }) => [path.join('.'), path]))
  return {
    findings: await findRefusals(session, beforeWritten(steps)),
    extensions: await extensionGaps(session, segments, planned),
    bystanders: await bystandersOf(
      session,
      [...locked.values()].filter((path) => path.length === 2),
    ),
    room: await roomFor(session, steps),
  }
}

export function preflightText({ findings, extensions, bystanders, room }: Preflight): string[] {
  const held = bystanders.map(({ who, holds }) => `  ${who} holds ${holds.join(', ')}`)
  const older = extensions.filter((gap) => gap.older)
  const lacking = extensions.filter((gap) => !gap.older)
  return [
    ...(lacking.length === 0 ? [] : [`Warning: apply would fail on this server:\n${gapTexts(lacking).join('\n')}\n${INSTALL}`]),
    ...(older.length === 0 ? [] : [`Warning: this server has older extensions:\n${gapTexts(older).join('\n')}\n${UPDATE}`]),
    ...(findings.length === 0
      ? []
      : [`Warning: as the rows are now, this would be refused:\n${findings.map(findingText).join('\n')}\n${MEND}`]),
    ...(room === null || room.needs < room.free
      ? []
      : [`Warning: it writes about ${size(room.needs)} anew before it commits, and the server's disk has ${size(room.free)} left.`]),
    ...(held.length === 0 ? [] : [`Warning: these may keep it waiting:\n${held.join('\n')}`]),
  ]
}

const MEND = 'Mend these rows; or delete this plan, and plan anew with a step that mends them (schemactl new).'
const INSTALL = 'Install on the server the package that brings them, before the plan is applied.'
const UPDATE = 'Update them there, or prove the plan on that server: --shadow server.'

function findingText({ step: title, what, rows, sample }: Finding): string {
  // The title of a step that does several things is longer than what it is refused for.
  const step = title.length > LONG ? (title.split(': ')[0] ?? title) : title
  if (rows === null) return `  ${step}: could not tell in time whether rows ${what}`
  const number = rows > 10_000 ? 'more than 10,000 rows' : rows === 1 ? '1 row' : `${grouped(rows)} rows`
  return `  ${step}: ${number} ${what}: ${sample.join('; ')}${rows > sample.length ? '; …' : ''}`
}

const LONG = 100

/** Throws where rows are in the way, or an extension is not there; tells what could not be told. Segments that are done already are not asked about. */
export async function refuseAhead(session: Session, plan: Plan, done: number, say: (text: string) => void): Promise<void> {
  const { findings, extensions, bystanders, room } = await preflight(session, plan.segments.slice(done), null)
  if (extensions.length > 0)
    throw new UserError(
      'extension-not-available',
      `Plan ${plan.id} would be refused by this server:\n${gapTexts(extensions).join('\n')}\nNothing was done.`,
      { next: 'Install on the server the package that brings it, and apply again.' },
    )
  const refused = findings.filter(({ rows }) => rows !== null)
  for (const text of preflightText({ findings: refused.length > 0 ? [] : findings, extensions, bystanders, room })) say(text)
  if (refused.length === 0) return
  throw new UserError(
    'rows-in-the-way',
    `Plan ${plan.id} would be refused, as the rows are now:\n${refused.map(findingText).join('\n')}\nNothing was done.`,
    {
      next: 'Mend these rows, and apply again; or delete this plan, and plan anew with a step that mends them (schemactl new). apply --no-preflight tries it all the same.',
    },
  )
}
