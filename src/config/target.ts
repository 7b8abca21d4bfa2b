import { join, resolve } from 'node:path'
import { type SourceLocation, UserError } from '../errors.js'
import { connectionSettings, type Environment } from './connection-settings.js'
import { nearest } from './nearest.js'
import type { EnvironmentConfig, Project, Template } from './settings.js'

/** A database to work on. `database` replaces the one that the URL names. */
export type Target =
  | { readonly kind: 'url'; readonly url: string; readonly database?: string }
  | { readonly kind: 'embedded'; readonly folder: string }

export interface ResolvedTarget {
  readonly target: Target
  /** What named it. */
  readonly from: 'flag' | 'environment' | 'DATABASE_URL' | '.env' | 'schemactl.yaml' | 'embedded'
  /** The environment that --env named. */
  readonly environment?: EnvironmentConfig
  /** `host:port/database`, to be said first. */
  readonly label: string
}

/** The database to work on, by --url, --env, DATABASE_URL of the environment, that of .env, schemactl.yaml; else an embedded one. */
export function resolveTarget(
  project: Project,
  flags: { readonly url?: string | undefined; readonly env?: string | undefined },
  variables: Environment,
): ResolvedTarget {
  if (flags.url !== undefined) return resolved(project, 'flag', flags.url, variables)
  if (flags.env !== undefined) {
    const environment = findEnvironment(project, flags.env)
    const url = environmentUrl(project, environment, variables)
    return { ...resolved(project, 'environment', url, variables, environment.url?.location), environment }
  }
  if (variables.DATABASE_URL) return resolved(project, 'DATABASE_URL', variables.DATABASE_URL, variables)
  if (project.dotenv.DATABASE_URL) return resolved(project, '.env', project.dotenv.DATABASE_URL, variables)
  if (project.url !== undefined)
    return resolved(project, 'schemactl.yaml', interpolate(project.url, project, variables), variables, project.url.location)
  return resolved(project, 'embedded', 'embedded', variables)
}

/** `embedded` and `embedded:FOLDER` stand for an embedded database, so that it can be chosen although a URL is configured. */
function resolved(
  project: Project,
  from: ResolvedTarget['from'],
  url: string,
  variables: Environment,
  location?: SourceLocation,
): ResolvedTarget {
  const embedded = /^embedded(?::(?<folder>.+))?$/s.exec(url)
  const target: Target =
    embedded === null
      ? { kind: 'url', url }
      : {
          kind: 'embedded',
          folder:
            embedded.groups?.folder === undefined
              ? join(project.folder, '.schemactl/database')
              : resolve(project.folder, embedded.groups.folder),
        }
  try {
    return { target, from, label: labelOf(target, variables) }
  } catch (error) {
    throw error instanceof UserError ? readFrom(error, from, location) : error
  }
}

/** What is wrong with a URL, and where it stands. */
function readFrom({ code, message, next, cause }: UserError, from: ResolvedTarget['from'], location?: SourceLocation): UserError {
  const where = from === '.env' ? 'DATABASE_URL in .env: ' : from === 'DATABASE_URL' ? 'DATABASE_URL of the environment: ' : ''
  return new UserError(code, `${where}${message}`, { cause, ...(location && { location }), ...(next !== undefined && { next }) })
}

/** `host:port/database` of the first server that the target names, or the embedded database's folder. */
export function labelOf(target: Target, variables: Environment): string {
  if (target.kind === 'embedded') return `embedded ${target.folder}`
  const { servers, database } = connectionSettings(target.url, variables)
  return servers
    .slice(0, 1)
    .map(({ host, port }) => `${host}:${port}/${target.database ?? database}`)
    .join('')
}

/** `auto`, `embedded`, `server` or a URL, as the environment or else the project says it. */
export function resolveShadow(project: Project, environment: EnvironmentConfig | undefined, variables: Environment): string {
  const shadow = environment?.shadow ?? project.shadow
  return shadow === undefined ? 'auto' : interpolate(shadow, project, variables)
}

/** Throws UserError where there is none of that name. */
export function findEnvironment(project: Project, name: string): EnvironmentConfig {
  const found = project.environments.get(name)
  if (found !== undefined) return found
  const names = [...project.environments.keys()]
  const near = nearest(name, names)
  throw new UserError('unknown-environment', `There is no environment "${name}" in ${project.file ?? 'schemactl.yaml'}.`, {
    next:
      near === undefined
        ? names.length === 0
          ? 'Add it under environments: there.'
          : `Use one of ${names.join(', ')}.`
        : `Use --env ${near}.`,
  })
}

function environmentUrl(project: Project, environment: EnvironmentConfig, variables: Environment): string {
  if (environment.url !== undefined) return interpolate(environment.url, project, variables)
  throw new UserError('no-url', `The environment "${environment.name}" has no url.`, {
    next: `Add url: under ${environment.name} in ${project.file ?? 'schemactl.yaml'}.`,
  })
}

/** Replaces `${NAME}` and `${NAME:-default}` by the environment's value, else that of .env. */
function interpolate({ text, location }: Template, project: Project, variables: Environment): string {
  return text.replace(/\$\{(\w+)(?::-([^}]*))?\}/g, (_, name: string, fallback: string | undefined) => {
    const value = variables[name] ?? project.dotenv[name] ?? fallback
    if (value !== undefined) return value
    throw new UserError('missing-variable', `The variable ${name} is not set.`, {
      location,
      next: `Set ${name} in the environment or in .env.`,
    })
  })
}
