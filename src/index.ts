import type { Outcome } from './apply/apply.js'
import type { Plan } from './plan/plan.js'

export type { Outcome } from './apply/apply.js'
export type { Difference } from './apply/drift.js'
export type { Drift } from './cli/drift-stage.js'
export { UserError } from './errors.js'
export type { Plan, PlanStep, Segment } from './plan/plan.js'

/** Where to work: what the command line has as flags. Without `url` and `env`, the database is found as the command line finds it. */
export interface Options {
  readonly url?: string
  readonly env?: string
  /** schemactl.yaml; default: the nearest one at or above `cwd`. */
  readonly config?: string
  /** Default: the working folder of the process. */
  readonly cwd?: string
  /** Told what happens, line by line; default: nobody is. */
  readonly say?: (text: string) => void
}

export interface SchemaOptions extends Options {
  readonly schema?: readonly string[]
  readonly schemas?: readonly string[] | '*'
  /** What files must state, or it goes. Default: as schemactl.yaml says, else nothing: owners and privileges count where they are stated. */
  readonly manage?: readonly ('owners' | 'privileges' | 'roles')[]
  readonly shadow?: string
  /** Default: as schemactl.yaml says, else auto. */
  readonly online?: 'auto' | 'always' | 'never'
  /** Default: as schemactl.yaml says, else archive for a protected environment and drop for others. */
  readonly drops?: 'archive' | 'drop'
}

export interface MigrateOptions extends Options {
  /** Milliseconds that a statement may wait for a lock before its transaction is rolled back and tried again; 0: for ever. Default 3000. */
  readonly lockTimeout?: number
  /** What to do where the database has plans that the project lacks: `tell` (default) in the result, or `fail` with a UserError of code `ahead`. */
  readonly ifAhead?: 'tell' | 'fail'
  /** How many signers must have approved each plan, at least; an environment's `requireSignatures` may ask for more. Default 0. */
  readonly requireSignatures?: number
}

export interface Migrated {
  /** Plans that this call ran; none where another process ran them first, or there were none. */
  readonly applied: readonly Outcome[]
  /** Plans that the database has and the project lacks: the database is ahead of the code. With `ifAhead: 'fail'`, an error instead. */
  readonly ahead: readonly string[]
}

/**
 * Applies all pending plans of the project: for an application that migrates when it starts. However many call it at once, each
 * plan runs once; where none is pending, one query tells, and no lock is taken. Fails with a UserError; the segment that failed is rolled back.
 */
export async function migrate(options: MigrateOptions = {}): Promise<Migrated> {
  const { openWorkspace } = await import('./cli/workspace.js')
  const { migrateIn } = await import('./cli/migrate-stage.js')
  await refuseUnknown('migrate()', options, { ...OPTIONS, lockTimeout: true, ifAhead: true, requireSignatures: true })
  return migrateIn(await openWorkspace(options, options.cwd), { ...options, say: options.say ?? silent })
}

export interface PlanOptions extends SchemaOptions {
  readonly title?: string
  readonly allow?: readonly string[]
  readonly renames?: readonly string[]
  /** Roles to drop, with `manage: ['roles']`: none is dropped without being named. */
  readonly dropRoles?: readonly string[]
}

/** The plan that leads from the database to the files; null where there is nothing to do. Writes nothing. */
export async function plan(options: PlanOptions = {}): Promise<Plan | null> {
  await refuseUnknown('plan()', options, { ...SCHEMA_OPTIONS, title: true, allow: true, renames: true, dropRoles: true })
  const { planOf } = await import('./cli/plan-stage.js')
  const made = await reading(options, async (workspace, live, say) =>
    planOf(workspace, live, {
      title: options.title ?? null,
      renames: options.renames ?? [],
      dropRoles: options.dropRoles ?? [],
      strictChain: false,
      say,
    }),
  )
  return made.plan
}

/** How the database differs from what was agreed: from the state after the last plan, or, where `schema` is given, from those files. */
export async function drift(options: SchemaOptions = {}): Promise<import('./cli/drift-stage.js').Drift> {
  await refuseUnknown('drift()', options, SCHEMA_OPTIONS)
  const { driftFor } = await import('./cli/drift-stage.js')
  return reading(options, (workspace, live, say) => driftFor(workspace, live, options.schema !== undefined, say))
}

type Workspace = import('./cli/workspace.js').Workspace
type Session = import('./postgres/session.js').Session

async function reading<T>(
  { schemas, manage, say = silent, cwd, ...options }: SchemaOptions & { readonly allow?: readonly string[] },
  work: (workspace: Workspace, live: Session, say: (text: string) => void) => Promise<T>,
): Promise<T> {
  const { openWorkspace } = await import('./cli/workspace.js')
  const { connect } = await import('./postgres/connect.js')
  const opened = await openWorkspace({ ...options, allow: options.allow?.join(',') }, cwd)
  const workspace = { ...opened, ...(schemas !== undefined && { schemas }), ...(manage !== undefined && { manage }) }
  const live = await connect(workspace.target, { readOnly: true })
  try {
    return await work(workspace, live, say)
  } finally {
    await live.close()
  }
}

/** The compiler sees to it that each option is here. */
type Named<T> = { readonly [option in keyof T]-?: true }

const OPTIONS: Named<Options> = { url: true, env: true, config: true, cwd: true, say: true }
const SCHEMA_OPTIONS: Named<SchemaOptions> = {
  ...OPTIONS,
  schema: true,
  schemas: true,
  manage: true,
  shadow: true,
  online: true,
  drops: true,
}

async function refuseUnknown<T extends object>(call: string, options: T, known: Named<T>): Promise<void> {
  const { refuseUnknown: refuse } = await import('./cli/known-options.js')
  refuse(call, options, Object.keys(known))
}

function silent(): void {}
