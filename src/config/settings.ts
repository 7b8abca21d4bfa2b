import type { SourceLocation } from '../errors.js'

export const SHADOWS = ['auto', 'embedded', 'server'] as const
export const MANAGED = ['owners', 'privileges', 'roles'] as const
export type Managed = (typeof MANAGED)[number]
export const DROPS = ['drop', 'archive'] as const
export type Drops = (typeof DROPS)[number]

export const ONLINE = ['auto', 'always', 'never'] as const
/** For which tables that are there already online forms are taken: for large ones, for all, for none. */
export type OnlineMode = (typeof ONLINE)[number]

/** A text of schemactl.yaml in which `${NAME}` is yet to be replaced, and where it stands. */
export interface Template {
  readonly text: string
  readonly location: SourceLocation
}

/** What schemactl.yaml may say for all environments, and again for one. Absent means: not said. */
export interface Settings {
  readonly url?: Template
  /** `auto`, `embedded`, `server` or a URL. */
  readonly shadow?: Template
  /** Schemas to manage; '*' is the whole database. */
  readonly schemas?: readonly string[] | '*'
  readonly manage?: readonly Managed[]
  /** Classes of loss that need no --allow. */
  readonly allow?: readonly string[]
  /** Patterns of object names to leave alone. */
  readonly ignore?: readonly string[]
  readonly searchPath?: readonly string[]
  readonly drops?: Drops
  /** SQL files and folders that `reset` runs at its end, relative to the project's folder. */
  readonly seed?: readonly string[]
  readonly online?: OnlineMode
  /** Files of OpenSSH's allowed_signers, relative to the project's folder, or lines of one: whose signatures of plans count. */
  readonly signers?: readonly Template[]
}

export interface EnvironmentConfig extends Settings {
  readonly name: string
  /** No temporary database is made on its server unless told. */
  readonly protected: boolean
  /** How many signers must have approved a plan before it runs there; 0: none. */
  readonly requireSignatures: number
}

export interface Project extends Settings {
  /** That of schemactl.yaml; without one, the working folder. */
  readonly folder: string
  /** schemactl.yaml, when there is one. */
  readonly file?: string
  /** Files and folders, absolute. */
  readonly schema: readonly string[]
  /** Where schemactl.yaml names them, if it does. */
  readonly schemaLocation?: SourceLocation
  /** Folder, absolute. */
  readonly plans: string
  readonly searchPath: readonly string[]
  readonly environments: ReadonlyMap<string, EnvironmentConfig>
  /** What `.env` in the folder says. */
  readonly dotenv: Readonly<Record<string, string | undefined>>
}
