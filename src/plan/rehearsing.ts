import type { Catalog } from '../catalog/catalog.js'
import type { Probe, Step } from '../diff/steps.js'
import type { Shadow } from '../postgres/shadow.js'
import type { DraftStep } from './draft.js'
import type { Seen } from './lock-watch.js'
import type { Block } from './places.js'
import type { Renamed } from './renames.js'

/** One proven segment: the way up, the way back, and the replica before and after. */
export interface Leg {
  readonly up: readonly Step[]
  readonly down: readonly Step[]
  readonly transactional: boolean
  readonly before: Catalog
  readonly after: Catalog
  /** After the way back: `before` in the spelling of objects made anew. */
  readonly restored: Catalog
  /** What each step locked; nothing where it is no transaction. */
  readonly seen?: ReadonlyMap<object, Seen>
  /** Made of these instead, which people wrote. */
  readonly written?: readonly DraftStep[]
}

export interface Proof {
  /** None when the states differ in spelling only. */
  readonly legs: readonly Leg[]
  readonly rows: { readonly [table: string]: number }
  readonly caveats: readonly string[]
  /** Why the way back ends before the start; null when it came back. */
  readonly irreversible: string | null
  readonly shadow: string
}

export interface Rehearsing {
  /** A new, empty shadow; the one before it is closed by then. */
  readonly shadow: () => Promise<Shadow>
  /** The shadow when nothing was loaded. */
  readonly base: Catalog
  readonly live: Catalog
  /** What comes before all else, and the live database after it. */
  readonly renamed: Renamed
  readonly target: Catalog
  readonly compared: (key: string) => boolean
  readonly searchPath: readonly string[]
  /** Has this table rows in the live database? */
  readonly hasRows: (key: string) => boolean
  /** Which of these tables have rows in the live database? */
  readonly holdingRows: (tables: readonly string[]) => Promise<ReadonlySet<string>>
  /** Is this object to be changed while others work with its table? */
  readonly online: (table: string, key: string) => boolean
  /** Where the rows of this object are kept when it is dropped; null: nowhere. */
  readonly archive: (key: string) => string | null
  /** Hand-written steps, each block with the state in which it runs on the way to this target; `whole` objects come or go at once. */
  readonly written: (target: Catalog, whole: ReadonlySet<string>) => readonly Block[]
  /** Of rows that are in the way of the change: synthetic ones are to be none. */
  readonly probes: readonly Probe[]
  /** May rows that nobody gave a value get a neutral one? */
  readonly mayFill: boolean
}
