import { chainOf } from '../apply/chain.js'
import { lastDevelopment } from '../apply/development.js'
import { type Difference, differences, driftOf } from '../apply/drift.js'
import { type Journal, openJournal } from '../apply/journal.js'
import type { Value } from '../catalog/catalog.js'
import { idOf } from '../catalog/id.js'
import { UserError } from '../errors.js'
import { spoken } from '../kinds/spoken.js'
import type { Plan } from '../plan/plan.js'
import type { RowDifference } from '../plan/row-steps.js'
import { introspect } from '../postgres/introspect.js'
import type { Session } from '../postgres/session.js'
import { halfText } from './base.js'
import { formerlyManaged } from './formerly.js'
import { planOf } from './plan-stage.js'
import { count } from './quantity.js'
import { rowsDrift, rowsDriftText } from './rows-drift.js'
import type { Workspace } from './workspace.js'

export interface Drift {
  /** What live was compared with: `plan add-tags-3fa9c21b`, or `the schema files`. */
  readonly against: string
  readonly differences: readonly Difference[]
  /** Declared rows that are not in their tables as declared. */
  readonly rows: readonly RowDifference[]
}

/** Live against the journal's snapshot; against the files where there is no journal, or where --schema names them. */
export async function driftFor(workspace: Workspace, session: Session, filesNamed: boolean, say: (text: string) => void): Promise<Drift> {
  const journal = await openJournal(session, 'read')
  const development = workspace.inProject && (await lastDevelopment(journal)) !== null
  const last = filesNamed || development ? null : await journal.lastSnapshot()
  if (last === null) return fromFiles(workspace, session, journal, filesNamed, say)
  const { current, half } = chainOf([], await journal.entries())
  if (half !== null) say(`${halfText(half).message} ${halfText(half).next}`)
  const plan = await journal.plan(current?.id ?? last.plan)
  if (last.catalog === null)
    throw new UserError('not-recorded', `${last.plan} was run by psql: how the database was afterwards is not recorded.`, {
      next: `schemactl stamp ${plan.id} records it as it is now; or compare with the files: schemactl drift --schema PATH.`,
    })
  return {
    against: current === null ? `the way back of plan ${last.plan}` : `plan ${plan.id}`,
    differences: driftOf(last.catalog, await introspect(session), await scopeOf(workspace, plan, journal)),
    rows: await rowsDrift(workspace, session, journal, 'plans', say),
  }
}

async function scopeOf({ schemas, manage, ignore }: Workspace, { scope }: Plan, journal: Journal): Promise<Parameters<typeof driftOf>[2]> {
  const managed = schemas ?? scope.schemas
  return {
    schemas: managed === '*' ? '*' : new Set(managed),
    // A plan holds what was given to it, which was checked then.
    manage: new Set(manage.length > 0 ? manage : (scope.manage as Workspace['manage'])),
    ignore: [...scope.ignore, ...ignore],
    formerly: await formerlyManaged(journal),
  }
}

async function fromFiles(
  workspace: Workspace,
  session: Session,
  journal: Journal,
  filesNamed: boolean,
  say: (text: string) => void,
): Promise<Drift> {
  if (!workspace.inProject && !filesNamed)
    throw new UserError('nothing-agreed', 'This database has no journal of schemactl, and no schema files are named.', {
      next: 'Name the files with --schema, or record the database as it is with schemactl stamp head.',
    })
  const { plan, planned } = await planOf({ ...workspace, allow: ['all'] }, session, { title: null, strictChain: false, say })
  if (plan === null || planned === null) return { against: FILES, differences: [], rows: [] }
  const found = differences(planned.state, planned.live)
  // What the plan leaves alone differs in spelling only.
  const touched = new Set(plan.segments.flatMap((segment) => Object.keys(segment.before)))
  return {
    against: FILES,
    differences: found.filter(({ key }) => touched.has(key)),
    rows: await rowsDrift(workspace, session, journal, 'files', say),
  }
}

const FILES = 'the schema files'

export function driftText({ against, differences: found, rows }: Drift): string {
  if (found.length === 0 && rows.length === 0)
    return `No drift: the database is ${against === FILES ? `what ${FILES} say` : `as ${against} left it`}.`
  const keys = [...new Set(found.map(({ key }) => key))]
  const texts = keys.map((key) =>
    objectText(
      key,
      found.filter((difference) => difference.key === key),
    ),
  )
  const objects =
    keys.length === 0
      ? []
      : [
          `Drift: ${count(keys.length, 'object')} ${keys.length === 1 ? 'is' : 'are'} not as ${against === FILES ? `in ${FILES}` : `${against} left ${keys.length === 1 ? 'it' : 'them'}`}.`,
          ...texts,
        ]
  return [...objects, ...(rows.length === 0 ? [] : ['Drift in declared rows:', rowsDriftText(rows)])].join('\n')
}

function objectText(key: string, found: readonly Difference[]): string {
  const name = spoken(idOf(key))
  const [first] = found
  if (first?.attribute === null) return first.live === undefined ? `${name}: agreed, but gone` : `${name}: there, but never agreed`
  return [
    name,
    ...found.map(({ attribute, agreed, live }) => `  ${attribute}: agreed ${valueText(agreed)}, found ${valueText(live)}`),
  ].join('\n')
}

function valueText(value: Value | undefined): string {
  if (value === undefined || value === null) return 'nothing'
  if (typeof value !== 'string') return JSON.stringify(value)
  return value.includes('\n') ? `\n    ${value.trim().replaceAll('\n', '\n    ')}\n   ` : value
}
