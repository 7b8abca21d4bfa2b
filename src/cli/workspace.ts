import { relative, resolve } from 'node:path'
import { loadProject, settingsFor } from '../config/project.js'
import type { Drops, EnvironmentConfig, OnlineMode, Project } from '../config/settings.js'
import { type ResolvedTarget, resolveShadow, resolveTarget, type Target } from '../config/target.js'
import type { Sort } from '../diff/scope.js'
import { UserError } from '../errors.js'
import { ALLOWED, allowOf, dropsOf, manageOf, onlineOf, schemasOf, shadowOf, usageError } from './usage.js'

/** The flags that say where to work and on what. */
export interface WorkspaceFlags {
  readonly url?: string | undefined
  readonly env?: string | undefined
  readonly config?: string | undefined
  readonly schema?: readonly string[] | undefined
  readonly shadow?: string | undefined
  readonly schemas?: string | undefined
  readonly manage?: string | undefined
  readonly allow?: string | undefined
  readonly online?: string | undefined
  readonly drops?: string | undefined
}

/** Flags, schemactl.yaml, .env and the environment, come to one answer each. */
export interface Workspace {
  readonly project: Project
  /** A schemactl.yaml was found: plan files are kept, and the journal is kept in tables. */
  readonly inProject: boolean
  readonly target: Target
  readonly environment: EnvironmentConfig | null
  /** `localhost:5432/app (from DATABASE_URL)`. */
  readonly label: string
  /** Files and folders, absolute; `folder` is what their names are shown relative to. */
  readonly schema: readonly string[]
  readonly folder: string
  /** `auto`, `embedded`, `server` or a URL. */
  readonly shadow: string
  readonly schemas: readonly string[] | '*' | null
  readonly manage: readonly Sort[]
  readonly allow: readonly string[]
  readonly ignore: readonly string[]
  readonly searchPath: readonly string[]
  /** SQL files and folders that `reset` runs at its end, absolute. */
  readonly seed: readonly string[]
  readonly online: OnlineMode
  readonly drops: Drops
  readonly keeping: 'tables' | 'object'
}

/** Finds the project and the database. Fails with a UserError, of code `usage` where a flag is wrong. */
export async function openWorkspace(flags: WorkspaceFlags, cwd = process.cwd()): Promise<Workspace> {
  const said = {
    schemas: schemasOf(flags.schemas),
    manage: manageOf(flags.manage),
    allow: allowOf(flags.allow),
    shadow: shadowOf(flags.shadow),
    online: onlineOf(flags.online),
    drops: dropsOf(flags.drops),
  }
  const project = await loadProject(cwd, flags.config)
  const found = resolveTarget(project, flags, process.env)
  const inProject = project.file !== undefined
  if (!inProject && found.from === 'embedded') throw noDatabase()
  const settings = settingsFor(project, found.environment)
  const protectedHere = found.environment?.protected ?? false
  const shadow = said.shadow ?? resolveShadow(project, found.environment, process.env)
  return {
    project,
    inProject,
    target: found.target,
    environment: found.environment ?? null,
    label: labelOf(found, project.folder),
    schema: flags.schema?.map((path) => resolve(cwd, named(path))) ?? project.schema,
    folder: project.folder,
    // On a protected server, a temporary database is made only where it is asked for.
    shadow: shadow === 'auto' && protectedHere ? 'embedded' : shadow,
    schemas: said.schemas ?? settings.schemas ?? null,
    manage: said.manage ?? settings.manage ?? [],
    allow: said.allow ?? known(settings.allow ?? []),
    ignore: settings.ignore ?? [],
    searchPath: settings.searchPath,
    seed: (settings.seed ?? []).map((path) => resolve(project.folder, path)),
    online: said.online ?? settings.online ?? 'auto',
    drops: said.drops ?? settings.drops,
    keeping: inProject ? 'tables' : 'object',
  }
}

function named(path: string): string {
  if (path === '') throw usageError('--schema names no file or folder', 'Name one; without --schema, those of schemactl.yaml are read.')
  return path
}

function noDatabase(): UserError {
  return new UserError('no-database', 'There is no schemactl.yaml here or above, and no database is named.', {
    next: 'schemactl init makes a project; or name a database with --url or DATABASE_URL.',
  })
}

function labelOf({ target, from, environment, label }: ResolvedTarget, folder: string): string {
  const where = target.kind === 'embedded' ? `embedded PostgreSQL in ${relative(folder, target.folder) || target.folder}` : label
  const why = { flag: 'from --url', environment: `from --env ${environment?.name}`, embedded: 'no other is configured' }
  return `${where} (${from === 'flag' || from === 'environment' || from === 'embedded' ? why[from] : `from ${from}`})`
}

function known(allow: readonly string[]): readonly string[] {
  const wrong = allow.find((word) => !ALLOWED.includes(word))
  if (wrong === undefined) return allow
  throw new UserError('bad-config', `allow: in schemactl.yaml does not know "${wrong}"`, { next: `It takes ${ALLOWED.join(', ')}.` })
}
