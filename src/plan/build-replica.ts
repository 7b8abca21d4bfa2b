import type { Catalog, CatalogObject } from '../catalog/catalog.js'
import { describe } from '../catalog/id.js'
import { compare } from '../diff/compare.js'
import { isOfRoles } from '../diff/scope.js'
import { type Step, stepsBetween } from '../diff/steps.js'
import { isDenied, UserError } from '../errors.js'
import { kindOf } from '../kinds/registry.js'
import { introspect } from '../postgres/introspect.js'
import { missingRole } from '../postgres/load-error.js'
import type { Shadow } from '../postgres/shadow.js'
import { quoteIdentifier, quoteSearchPath } from '../sql/quote.js'
import { brought, mentioned } from './mentions.js'
import type { Rehearsing } from './rehearsing.js'
import { closure, overlay, restrict } from './replica.js'
import { runSegment } from './run-steps.js'
import { isTransactional, segmentsOf } from './segments.js'
import { StepError } from './step-error.js'

export async function buildReplica(
  { base, live, target, searchPath }: Pick<Rehearsing, 'base' | 'live' | 'target' | 'searchPath'>,
  shadow: Shadow,
  texts: readonly string[] = [],
): Promise<Catalog> {
  // With what rows may ask to be made anew.
  const changes = [...compare(live, target, new Set(), { hasRows: () => true }).changes.values()]
  const touched = changes.flatMap(({ key, before, after }) => [key, ...concernedWith(after ?? before)])
  const needed = touched.flatMap((key) => [...(target.needs.get(key)?.keys() ?? [])])
  const used = texts.length > 0 ? await brought(live, shadow.session) : []
  const whole = closure(live, [...touched, ...mentioned(live, texts)], [...needed, ...used])
  // What stands on a role is none of its own: it goes on as before.
  const ofRoles = (key: string) => {
    const object = live.objects.get(key) ?? target.objects.get(key)
    return object !== undefined && isOfRoles(object, (one) => live.objects.get(one) ?? target.objects.get(one))
  }
  const part = texts.length === 0 && touched.every(ofRoles) ? restrict(whole, ofRoles) : whole
  return buildPart({ base, live, part, searchPath }, shadow)
}

/** The whole by whose users a change of this is felt. */
function concernedWith(object: CatalogObject | undefined): string[] {
  return object?.parent !== undefined && kindOf(object.id.kind).concernsUsers ? [object.parent] : []
}

/** Builds this part of the live database in an empty shadow. Throws UserError where that cannot be. */
export async function buildPart(
  { base, live, part, searchPath }: Pick<Rehearsing, 'base' | 'live' | 'searchPath'> & { readonly part: Catalog },
  shadow: Shadow,
): Promise<Catalog> {
  const wanted = overlay(
    base,
    part,
    [...base.objects.keys()].filter((key) => !live.objects.has(key)),
  )
  await shadow.session.execute(
    `set search_path = ${quoteSearchPath(searchPath)}; set check_function_bodies = off; set client_min_messages = error`,
  )
  let start = base
  for (let round = 1; round <= 2; round++) {
    // The second round undoes what default privileges and the like did to what the first one built.
    const build = stepsBetween(start, withRoles(round === 1 ? wanted : spelledAs(wanted, start), start, shadow))
    if (build.length === 0) break
    for (const segment of segmentsOf(build)) await rebuild(shadow, segment)
    start = await introspect(shadow.session)
  }
  // A role's settings for the live database are none for the shadow's on the same server.
  const missing = [...part.objects.values()].find(
    (object) => !start.objects.has(object.key) && (shadow.embedded || !isOfRoles(object, (key) => part.objects.get(key))),
  )
  if (missing !== undefined) throw gap(`cannot rebuild ${describe(missing.id)} of the live database`)
  return start
}

/**
 * `wanted` with the roles that are there. On a server they are everybody's: what others do to them meanwhile is not ours to undo, and
 * nothing is done to them by us. In the embedded PostgreSQL they are made, but for the one that we work as, a superuser there.
 */
function withRoles(wanted: Catalog, start: Catalog, { embedded }: Shadow): Catalog {
  const find = (key: string) => start.objects.get(key) ?? wanted.objects.get(key)
  const kept = [...start.objects].filter(
    ([key, object]) => isOfRoles(object, find) && (!embedded || !wanted.objects.has(key) || isSelf(object, start)),
  )
  const others = [...wanted.objects].filter(([key, object]) => embedded || start.objects.has(key) || !isOfRoles(object, find))
  return restrict({ ...wanted, objects: new Map([...others, ...kept]) }, () => true)
}

function isSelf({ id, parent }: CatalogObject, { role }: Catalog): boolean {
  return parent === undefined && id.path[0] === role
}

async function rebuild(
  { session, embedded }: Pick<Shadow, 'session' | 'embedded'>,
  segment: readonly Step[],
  tries = MOST_ROLES,
): Promise<void> {
  try {
    await runSegment(session, segment, isTransactional(segment))
  } catch (error) {
    if (!(error instanceof StepError)) throw error
    // The bootstrap superuser of a server is no role of ours, and has another name here.
    const role = embedded && tries > 0 && isTransactional(segment) ? missingRole(error.cause) : null
    if (role !== null) {
      await session.execute(`create role ${quoteIdentifier(role)}`)
      return rebuild({ session, embedded }, segment, tries - 1)
    }
    throw gap(
      `cannot rebuild the live database in the shadow: ${error.message}${error.cause.detail ? ` (${error.cause.detail})` : ''}`,
      error,
    )
  }
}

/** The replica could not be built since our role may not do so on the server of the shadow. */
export function lacksRights(error: unknown): boolean {
  return (
    error instanceof UserError && error.code === 'rehearsal-impossible' && error.cause instanceof StepError && isDenied(error.cause.cause)
  )
}

/** Stand-ins for roles that a rebuilding may ask for, one after another. */
const MOST_ROLES = 5

function gap(what: string, cause?: StepError): UserError {
  const next = isDenied(cause?.cause)
    ? 'Here our role lacks this right: plan as a role that has it, or with --shadow embedded, where all roles have all.'
    : 'Try another shadow (--shadow server, or --shadow URL of a server with the same extensions).'
  return new UserError('rehearsal-impossible', `The rehearsal ${what}${cause ? `\n${cause.statement}` : ''}`, {
    next,
    cause,
  })
}

/** `wanted` as `reached` spells it, wherever the same object exists. */
function spelledAs(wanted: Catalog, reached: Catalog): Catalog {
  return { ...wanted, objects: new Map([...wanted.objects].map(([key, object]) => [key, reached.objects.get(key) ?? object])) }
}
