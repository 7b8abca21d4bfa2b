import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { ROOT } from '../servers/root.js'

/** A folder of test/fixtures: two states of a database that must lead to each other. */
export interface Fixture {
  /** The first folder below test/fixtures: `column`. */
  readonly kind: string
  /** `column/retyped-under-a-view`. */
  readonly name: string
  readonly before: string
  readonly after: string
  /** Rows, put into the database before it is migrated. */
  readonly seed: string | null
  /** A draft, planned along with the way forward. */
  readonly steps: string | null
  /** A query for rows that must not be there after it. */
  readonly wrong: string | null
  readonly expect: Expectation
}

/** expect.yaml; all of it is optional. */
export interface Expectation {
  /** The first and the last major that can hold both states. */
  readonly since?: number
  readonly until?: number
  /** Classes of loss on the way forward, sorted; not looked at when left out. */
  readonly hazards?: readonly string[]
  /** What fails, and why. The build breaks once it passes. */
  readonly knownGap?: { readonly reason: string; readonly since?: number; readonly until?: number; readonly way?: Way }
  /** The way that rightly cannot be taken back. */
  readonly irreversible?: Way
  /** Why the embedded PostgreSQL cannot be the shadow. */
  readonly embedded?: string
  /** pgvector, which not every test server has. */
  readonly needs?: 'vector'
  /** Sorts that are managed beside owners and privileges. With roles, the fixture has some of its own, named for it. */
  readonly manage?: readonly 'roles'[]
  /** Roles that only the state at the start creates are named to be dropped. */
  readonly dropRoles?: true
}

/** `forward` starts from before.sql, `back` from after.sql; each is applied and reverted. */
export type Way = 'forward' | 'back'

const FOLDER = join(ROOT, 'test/fixtures')

/** How many of each kind a run takes that names none. */
const OF_EACH_KIND = 1

/** Of which only runs that name them take any: each plan of roles starts an embedded PostgreSQL. */
const SLOW: ReadonlySet<string> = new Set(['role', 'membership'])

/**
 * SCHEMACTL_FIXTURES=column/,table/x: those whose name begins with one of these; `all`, as the matrix has it: all. Without it, one of
 * each kind, so that the whole run stays short.
 */
export function fixtures(): Fixture[] {
  const wanted = (process.env.SCHEMACTL_FIXTURES ?? '').split(',').filter((prefix) => prefix !== '')
  return folders(FOLDER)
    .flatMap((kind) =>
      folders(join(FOLDER, kind))
        .map((name) => `${kind}/${name}`)
        .filter((name, i) =>
          wanted.length === 0 ? i < OF_EACH_KIND && !SLOW.has(kind) : wanted.some((prefix) => prefix === 'all' || name.startsWith(prefix)),
        ),
    )
    .map(read)
}

function folders(path: string): string[] {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
}

function read(name: string): Fixture {
  const text = (file: string) => readFileSync(join(FOLDER, name, file), 'utf8')
  const optional = (file: string) => (existsSync(join(FOLDER, name, file)) ? text(file) : null)
  return {
    kind: name.split('/')[0] ?? '',
    name,
    before: text('before.sql'),
    after: text('after.sql'),
    seed: optional('seed.sql'),
    steps: optional('steps.yaml'),
    wrong: optional('wrong.sql'),
    expect: (parse(optional('expect.yaml') ?? '') as Expectation | null) ?? {},
  }
}

/** Why a server cannot hold the fixture; null when it can. */
export function unsuited({ expect }: Fixture, server: { readonly major: number; readonly withoutVector: string | null }): string | null {
  if (!within(expect, server.major)) return `needs PostgreSQL ${expect.since ?? ''}–${expect.until ?? ''}`
  return expect.needs === 'vector' ? server.withoutVector : null
}

/** The gap that is known on this way of this major. */
export function gapOf({ expect }: Fixture, major: number, way: Way): string | null {
  const gap = expect.knownGap
  return gap && within(gap, major) && (gap.way ?? way) === way ? gap.reason : null
}

function within(range: { readonly since?: number; readonly until?: number }, major: number): boolean {
  return major >= (range.since ?? 0) && major <= (range.until ?? Number.POSITIVE_INFINITY)
}
