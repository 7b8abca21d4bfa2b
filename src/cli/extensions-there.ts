import type { CatalogObject } from '../catalog/catalog.js'
import { idOf } from '../catalog/id.js'
import type { PlanStep, Segment } from '../plan/plan.js'
import type { Planned } from '../plan/stage.js'
import type { Session } from '../postgres/session.js'

/** An extension that a plan needs, and its server does not have, or not so. */
export interface ExtensionGap {
  readonly extension: string
  /** `schema/a.sql:1` of what creates it; null where it is there, and only used. */
  readonly source: string | null
  /** Versions that the server has; none: it lacks the extension. */
  readonly available: readonly string[]
  /** What the files state, or what the plan was proven with; null: any. */
  readonly version: string | null
  /** The server has one that is older than that of the proof, which may lack something. Otherwise it refuses the plan. */
  readonly older: boolean
}

/**
 * The proof ran where the extensions were: in the embedded PostgreSQL, say. `planned` knows which versions; a plan that is applied only
 * which extensions. `pg_available_extension_versions` tells what `CREATE EXTENSION` would find, to every role.
 */
export async function extensionGaps(
  session: Session,
  segments: readonly Pick<Segment, 'steps' | 'before' | 'after'>[],
  planned: Pick<Planned, 'files' | 'state' | 'now'> | null,
): Promise<ExtensionGap[]> {
  const steps = segments.flatMap((segment) => segment.steps)
  const created = new Set(segments.flatMap(createdIn))
  const used = planned === null ? [] : usedBy(steps, planned)
  const keys = [...new Set([...created, ...used])].sort()
  if (keys.length === 0) return []
  const there = await availableVersions(session, keys.map(nameOf))
  return keys.flatMap((key) => {
    const source = steps.find(({ objects, source: place }) => place !== null && objects.includes(key))?.source ?? null
    return gapOf({ extension: nameOf(key), source, isNew: created.has(key), ...there.get(nameOf(key)), ...versionsOf(key, planned) }) ?? []
  })
}

/** What stands in the plan of each, in words, with what to do. */
export function gapTexts(gaps: readonly ExtensionGap[]): string[] {
  return gaps.map(({ extension, source, available, version, older }) => {
    const place = source === null ? '' : ` (${source})`
    if (older)
      return `  extension ${extension}${place}: ${available.join(', ')} there, ${version} where it was proven; if that lacks something, apply fails`
    return available.length === 0
      ? `  extension ${extension}${place} is not available there`
      : `  extension ${extension}${place}: version ${version} is not available there, only ${available.join(', ')}`
  })
}

interface Compared extends Pick<ExtensionGap, 'extension' | 'source'> {
  readonly isNew: boolean
  readonly available?: readonly string[]
  readonly standard?: string | null
  readonly stated: string | null
  readonly proven: string | null
  /** The version that is installed. */
  readonly now: string | null
}

function gapOf({ extension, source, isNew, available = [], standard = null, stated, proven, now }: Compared): ExtensionGap | null {
  const gap = { extension, source, version: stated, older: false }
  if ((isNew && available.length === 0) || (stated !== null && stated !== now && !available.includes(stated))) return { ...gap, available }
  const has = stated ?? (isNew ? standard : now)
  if (has === null || proven === null || !isOlder(has, proven)) return null
  return { ...gap, available: [has], version: proven, older: true }
}

function createdIn({ before, after }: Pick<Segment, 'before' | 'after'>): string[] {
  return Object.keys(after).filter((key) => idOf(key).kind === 'extension' && before[key] === null && after[key] !== null)
}

/** Extensions that are changed, or that something needs which is made or changed. */
function usedBy(steps: readonly PlanStep[], { state }: Pick<Planned, 'state'>): string[] {
  return steps
    .flatMap(({ objects }) => objects)
    .flatMap((key) => [key, ...(state.catalog.needs.get(key)?.keys() ?? [])])
    .filter((key) => idOf(key).kind === 'extension' && state.catalog.objects.has(key))
}

function versionsOf(key: string, planned: Pick<Planned, 'files' | 'state' | 'now'> | null): Pick<Compared, 'stated' | 'proven' | 'now'> {
  if (planned === null) return { stated: null, proven: null, now: null }
  const now = versionOf(planned.now.objects.get(key))
  return { stated: versionOf(planned.state.catalog.objects.get(key)), proven: versionOf(planned.files.objects.get(key)), now }
}

function versionOf(object: CatalogObject | undefined): string | null {
  const version = object?.definition.version
  return typeof version === 'string' ? version : null
}

function nameOf(key: string): string {
  return idOf(key).path[0] ?? ''
}

interface There {
  readonly available: readonly string[]
  /** What CREATE EXTENSION takes without being told. */
  readonly standard: string | null
}

async function availableVersions(session: Session, names: readonly string[]): Promise<Map<string, There>> {
  const rows = await session.query<There & { name: string }>(
    `select e.name::text as name, e.default_version as standard,
            array(select v.version from pg_catalog.pg_available_extension_versions v where v.name = e.name order by v.version)::text[] as available
     from pg_catalog.pg_available_extensions e
     where e.name = any ($1::text[])`,
    [names],
  )
  return new Map(rows.map(({ name, available, standard }) => [name, { available, standard }]))
}

/** Versions are free text; those that are numbers between dots can be told apart. */
function isOlder(one: string, other: string): boolean {
  if (![one, other].every((version) => /^\d+(\.\d+)*$/.test(version))) return false
  const [a, b] = [one, other].map((version) => version.split('.').map(Number))
  const i = (b ?? []).findIndex((part, index) => part !== (a?.[index] ?? 0))
  return i !== -1 && (a?.[i] ?? 0) < (b?.[i] ?? 0)
}
