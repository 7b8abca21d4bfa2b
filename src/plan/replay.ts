import { equal } from '../catalog/canonical.js'
import type { Catalog } from '../catalog/catalog.js'
import { UserError } from '../errors.js'
import { introspect } from '../postgres/introspect.js'
import type { Session } from '../postgres/session.js'
import { embeddedShadow, type Shadow } from '../postgres/shadow.js'
import { quoteSearchPath } from '../sql/quote.js'
import { buildPart } from './build-replica.js'
import { brought, mentioned } from './mentions.js'
import type { Plan } from './plan.js'
import { closure, overlay, pick } from './replica.js'
import { changeRoles } from './role-plans.js'
import { runnables, runSegment } from './run-steps.js'
import { StepError } from './step-error.js'

/** The live database as it will be once these plans are applied, found by running them on a replica of what they concern. */
export async function afterPlans(live: Catalog, plans: readonly Plan[], shadow: Shadow): Promise<Catalog> {
  const start = await replicaFor(live, plans, shadow)
  await climbPlans(shadow.session, plans)
  const end = await introspect(shadow.session)
  const keys = [...new Set([...start.objects.keys(), ...end.objects.keys()])].filter(
    (key) => !equal(start.objects.get(key)?.definition, end.objects.get(key)?.definition),
  )
  const changed = new Set([...keys, ...plans.flatMap(footprintKeys).filter((key) => end.objects.has(key))])
  return overlay(
    live,
    pick(end, (key) => changed.has(key)),
    keys.filter((key) => !end.objects.has(key)),
  )
}

/** Where these plans can run: what changes roles cannot be tried on a server. `open` opens any other shadow. */
export function shadowFor(plans: readonly Plan[], { role }: Catalog, open: () => Promise<Shadow>): Promise<Shadow> {
  return changeRoles(plans) ? embeddedShadow(role) : open()
}

/** The part of the live database that these plans touch or mention, rebuilt in the shadow. */
export async function replicaFor(live: Catalog, plans: readonly Plan[], shadow: Shadow): Promise<Catalog> {
  const base = await introspect(shadow.session)
  const texts = plans.flatMap(({ segments }) => segments.flatMap(({ steps }) => steps.flatMap(({ up, down }) => [...up, ...down])))
  const part = closure(live, plans.flatMap(footprintKeys), [...mentioned(live, texts), ...(await brought(live, shadow.session))])
  return buildPart({ base, live, part, searchPath: plans.at(-1)?.target.searchPath ?? [] }, shadow)
}

/**
 * Runs the steps of plans as `apply` would, those that change declared rows only on a replica that has such rows: no object follows from
 * them. Throws UserError that names the step that PostgreSQL refuses.
 */
export async function climbPlans(session: Session, plans: readonly Plan[], withRows = false): Promise<void> {
  for (const plan of plans) {
    await session.execute(`set search_path = ${quoteSearchPath(plan.target.searchPath)}`)
    for (const segment of plan.segments)
      await runSegment(
        session,
        runnables({ ...segment, steps: segment.steps.filter(({ rows }) => withRows || rows === undefined) }, 'up'),
        segment.transactional,
      ).catch((error: unknown) => {
        throw error instanceof StepError ? doesNotRun(plan, error) : error
      })
  }
}

function doesNotRun(plan: Plan, error: StepError): UserError {
  return new UserError(
    'plan-does-not-run',
    `${plan.id} does not run on the database as it is: in the rehearsal PostgreSQL refused “${error.title}”: ${error.cause.message}\n${error.statement}`,
    { next: `schemactl rebase ${plan.id} makes it anew.`, cause: error.cause },
  )
}

function footprintKeys({ segments }: Plan): string[] {
  return segments.flatMap(({ before, after }) => [...Object.keys(before), ...Object.keys(after)])
}
