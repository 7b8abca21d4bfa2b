import type { Probe, RowsChanged } from '../diff/steps.js'
import type { Hazard, Impact } from '../kinds/kind.js'
import type { Place } from './draft.js'

/** What schemactl proposes to do to a database, proven in a shadow: the content of a plan file. */
export interface Plan {
  readonly format: 1
  /** Title and the first digits of the digest: `add-status-3fa9c21b`. */
  readonly id: string
  readonly title: string
  /** `schemactl 0.1.0`. */
  readonly tool: string
  /** SHA-256 over the content without estimates, in hex. */
  readonly digest: string
  /** The plan before this one; null for the first. */
  readonly parent: string | null
  readonly target: { readonly major: number; readonly role: string; readonly searchPath: readonly string[] }
  readonly scope: { readonly schemas: readonly string[] | '*'; readonly manage: readonly string[]; readonly ignore: readonly string[] }
  /** Classes of loss that were allowed when it was made. */
  readonly allow: readonly string[]
  /** Renames that were asked for, as `plan --rename` takes them: what is planned again renames them again. */
  readonly renames?: readonly string[]
  /** Why it cannot be reverted in full; null when down comes back. */
  readonly irreversible: string | null
  readonly rehearsal: Rehearsal
  /** One transaction each, or what cannot run in one. */
  readonly segments: readonly Segment[]
}

export interface Rehearsal {
  readonly shadow: string
  /** Synthetic rows that went through it, by table. */
  readonly rows: { readonly [table: string]: number }
  /** What the shadow could not show. */
  readonly caveats: readonly string[]
}

export interface Segment {
  readonly transactional: boolean
  /** The same of the way back. */
  readonly downTransactional: boolean
  readonly steps: readonly PlanStep[]
  /** Fingerprint of every object of the footprint before and after; null: does not exist. Keys are `keyOf(id)`. */
  readonly before: Footprint
  readonly after: Footprint
  /** Fingerprints after the way back, where they differ from `before`: the same objects, made anew and spelled anew. */
  readonly restored: Footprint
}

export interface Footprint {
  readonly [key: string]: string | null
}

export interface PlanStep {
  readonly title: string
  /** `schema/documentos.sql:12` of the statement that asks for it; null for a drop. */
  readonly source: string | null
  readonly objects: readonly string[]
  /** Statements, in order. */
  readonly up: readonly string[]
  /** What undoes it, in order; steps are undone last to first. */
  readonly down: readonly string[]
  readonly impact: Impact
  readonly hazards: readonly PlanHazard[]
  /** What it drops and whose rows it keeps, and under which name in the archive's schema. */
  readonly archives?: readonly { readonly of: string; readonly place: string }[]
  /** Written by people, not found by comparing. */
  readonly byHand?: true
  /** Where the people who wrote it want it. */
  readonly place?: Place
  /** Why they gave no way back. */
  readonly irreversible?: string
  /** `up`, one statement, is run with this number as its `$1`, and committed by itself, until it changes no row. */
  readonly batch?: number
  /** The same of `down`. */
  readonly downBatch?: number
  /** What undoing it loses. */
  readonly downHazards: readonly PlanHazard[]
  readonly rows?: RowsChanged
  /** Rows that must not be there when it runs. */
  readonly preflight?: readonly Probe[]
  /** Rows and bytes of the table in the live database when the plan was made; not part of the digest. */
  readonly estimate?: { readonly rows: number; readonly bytes: number }
}

export interface PlanHazard {
  readonly hazard: Hazard
  readonly object: string
}
