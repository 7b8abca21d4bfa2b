import fc from 'fast-check'

/** A random schema as plain data. Names come from a small pool, so that two of them are each other's edits. */
export interface Schema {
  readonly enums: readonly Enum[]
  readonly domains: readonly Domain[]
  readonly composites: readonly Composite[]
  readonly sequences: readonly Sequence[]
  readonly tables: readonly Table[]
  readonly partitioned: readonly Partitioned[]
  readonly heirs: readonly Heir[]
  readonly views: readonly View[]
  readonly functions: readonly Routine[]
  readonly triggers: readonly Trigger[]
  readonly aggregates: readonly Aggregate[]
  readonly publications: readonly Publication[]
}

/** Where a table, and all that is named for it, lives. */
export type Place = 'public' | 'app'

export interface Enum {
  readonly name: string
  readonly labels: readonly string[]
}

export interface Domain {
  readonly name: string
  readonly base: string
  readonly longest: number | null
  readonly notNull: boolean
  readonly hasDefault: boolean
}

export interface Composite {
  readonly name: string
  readonly attributes: readonly string[]
}

export interface Sequence {
  readonly name: string
  readonly type: string
  readonly increment: number
  readonly cycle: boolean
}

export interface Table {
  readonly name: string
  readonly place: Place
  readonly unlogged: boolean
  readonly fillfactor: number | null
  readonly idType: 'integer' | 'bigint'
  readonly identity: 'always' | 'by default' | null
  readonly columns: readonly Column[]
  /** Generated: the id so many times. */
  readonly times: number | null
  readonly unique: { readonly column: string; readonly deferrable: boolean; readonly includes: boolean } | null
  readonly check: 'positive' | 'small' | null
  readonly exclusion: boolean
  readonly index: { readonly column: string; readonly descending: boolean; readonly partial: boolean; readonly expression: boolean } | null
  readonly statistics: boolean
  /** The table that it refers to, by place: itself, an earlier or a later one. */
  readonly refersTo: number | null
  readonly onDelete: string
  readonly comment: string | null
  readonly reader: 'table' | 'column' | null
  readonly policy: 'everybody' | 'reader' | 'restrictive' | null
  readonly replicaIdentity: boolean
  readonly rule: boolean
}

export interface Column {
  readonly name: string
  readonly type: string
  readonly notNull: boolean
  readonly hasDefault: boolean
  readonly comment: boolean
  readonly external: boolean
  readonly target: number | null
}

export interface Partitioned {
  readonly name: string
  readonly by: 'range' | 'list' | 'hash'
  /** How many of its three partitions there are. */
  readonly parts: number
  readonly otherwise: boolean
  readonly columns: readonly Column[]
  readonly primaryKey: boolean
  readonly index: boolean
  /** A partition's own partitions. */
  readonly deep: boolean
}

/** Of the first table, which stays in its place: from one parent to another, columns would have to change in between. */
export interface Heir {
  readonly name: string
  readonly own: boolean
  readonly check: boolean
}

export interface View {
  readonly name: string
  /** Of a table or of an earlier view, by place. */
  readonly over: number
  readonly shape: 'plain' | 'reversed' | 'counted' | 'joined'
  readonly barrier: boolean
  readonly materialized: boolean
  readonly comment: boolean
  readonly reader: boolean
}

export interface Routine {
  readonly name: string
  readonly counts: number
  readonly argument: 'none' | 'integer' | 'defaulted' | 'row'
  readonly returns: 'bigint' | 'numeric' | 'row'
  readonly language: 'sql' | 'atomic' | 'plpgsql'
  readonly volatility: string
}

export interface Trigger {
  readonly name: string
  readonly on: number
  readonly timing: 'before' | 'after' | 'constraint'
  readonly when: boolean
  readonly ofId: boolean
  readonly state: 'enable' | 'disable' | 'enable always' | null
}

export interface Aggregate {
  readonly name: string
  readonly of: 'integer' | 'bigint'
  readonly start: number
}

export interface Publication {
  readonly name: string
  readonly tables: readonly number[]
  readonly filtered: boolean
  readonly columns: boolean
  readonly publish: string
}

/** Types that convert into each other, by column: a change of type is an edit, not an impossibility. */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  amount: ['smallint', 'integer', 'bigint', 'numeric(10,2)', 'text'],
  label: ['text', 'character varying(20)', 'character varying(40)', 'text collate "C"'],
  day: ['date', 'timestamp without time zone', 'timestamp with time zone'],
  mood: ['e0', 'e1', 'text'],
  list: ['integer[]', 'bigint[]', 'text[]'],
  moods: ['e0[]', 'text[]'],
  flag: ['boolean'],
  word: ['d0', 'd1', 'text'],
  pair: ['c0'],
  num: ['bigint'],
}

const rarely = fc.nat(4).map((n) => n === 0)

const column = fc.constantFrom(...Object.keys(TYPES)).chain((name) =>
  fc.record({
    name: fc.constant(name),
    type: fc.constantFrom(...(TYPES[name] ?? [])),
    notNull: name === 'pair' ? fc.constant(false) : fc.boolean(),
    hasDefault: fc.boolean(),
    comment: fc.boolean(),
    external: rarely,
    target: fc.option(fc.constantFrom(10, 200), { freq: 3 }),
  }),
)
const columns = (maxLength: number) => fc.uniqueArray(column, { selector: ({ name: of }) => of, maxLength })
const place = fc.constantFrom<Place>('public', 'public', 'public', 'app')

const table = (name: string) =>
  fc.record({
    name: fc.constant(name),
    place: name === 't0' ? fc.constant<Place>('public') : place,
    unlogged: rarely,
    fillfactor: fc.option(fc.constantFrom(70, 80)),
    idType: fc.constantFrom('integer' as const, 'bigint' as const),
    identity: fc.option(fc.constantFrom('always' as const, 'by default' as const)),
    columns: columns(5),
    times: fc.option(fc.constantFrom(2, 3)),
    unique: fc.option(fc.record({ column: fc.constantFrom('amount', 'label', 'day'), deferrable: fc.boolean(), includes: fc.boolean() })),
    check: fc.option(fc.constantFrom('positive' as const, 'small' as const)),
    exclusion: rarely,
    index: fc.option(
      fc.record({
        column: fc.constantFrom('amount', 'label', 'day', 'mood', 'word'),
        descending: fc.boolean(),
        partial: fc.boolean(),
        expression: rarely,
      }),
    ),
    statistics: rarely,
    refersTo: fc.option(fc.nat(3)),
    onDelete: fc.constantFrom('no action', 'cascade', 'set null'),
    comment: fc.option(fc.constantFrom('one', `it's two`)),
    reader: fc.option(fc.constantFrom('table' as const, 'column' as const)),
    policy: fc.option(fc.constantFrom('everybody' as const, 'reader' as const, 'restrictive' as const)),
    replicaIdentity: rarely,
    rule: rarely,
  })

const partitioned = (name: string) =>
  fc.record({
    name: fc.constant(name),
    by: fc.constantFrom('range' as const, 'range' as const, 'list' as const, 'hash' as const),
    parts: fc.nat(3),
    otherwise: fc.boolean(),
    columns: columns(3),
    primaryKey: fc.boolean(),
    index: fc.boolean(),
    deep: fc.boolean(),
  })

const heir = (name: string) => fc.record({ name: fc.constant(name), own: fc.boolean(), check: fc.boolean() })

const view = (name: string) =>
  fc.record({
    name: fc.constant(name),
    over: fc.nat(6),
    shape: fc.constantFrom('plain' as const, 'plain' as const, 'reversed' as const, 'counted' as const, 'joined' as const),
    barrier: fc.boolean(),
    materialized: fc.boolean(),
    comment: fc.boolean(),
    reader: fc.boolean(),
  })

const routine = (name: string) =>
  fc.record({
    name: fc.constant(name),
    counts: fc.nat(5),
    argument: fc.constantFrom('none' as const, 'integer' as const, 'defaulted' as const, 'row' as const),
    returns: fc.constantFrom('bigint' as const, 'numeric' as const, 'row' as const),
    language: fc.constantFrom('sql' as const, 'atomic' as const, 'plpgsql' as const),
    volatility: fc.constantFrom('volatile', 'stable'),
  })

const trigger = (name: string) =>
  fc.record({
    name: fc.constant(name),
    on: fc.nat(5),
    timing: fc.constantFrom('before' as const, 'after' as const, 'constraint' as const),
    when: fc.boolean(),
    ofId: fc.boolean(),
    state: fc.option(fc.constantFrom('enable' as const, 'disable' as const, 'enable always' as const)),
  })

const publication = (name: string) =>
  fc.record({
    name: fc.constant(name),
    tables: fc.uniqueArray(fc.nat(3), { maxLength: 2 }),
    filtered: fc.boolean(),
    columns: fc.boolean(),
    publish: fc.constantFrom('insert', 'insert, update'),
  })

/** Some of the names, each with a random object. */
function some<T>(names: readonly string[], make: (name: string) => fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.subarray([...names]).chain((chosen) => each(chosen, make))
}

function each<T>(names: readonly string[], make: (name: string) => fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return names.length === 0 ? fc.constant([]) : fc.tuple(...names.map(make))
}

export const schema: fc.Arbitrary<Schema> = fc.record({
  enums: each(['e0', 'e1'], (name) =>
    fc
      .subarray(['b', 'c', 'd'])
      .chain((rest) => fc.shuffledSubarray(['a', ...rest], { minLength: rest.length + 1 }).map((labels) => ({ name, labels }))),
  ),
  domains: each(['d0', 'd1'], (name) =>
    fc.record({
      name: fc.constant(name),
      base: fc.constantFrom('text', 'character varying(30)', 'd0'),
      longest: fc.option(fc.constantFrom(20, 25)),
      notNull: rarely,
      hasDefault: fc.boolean(),
    }),
  ),
  composites: each(['c0'], (name) =>
    fc
      .subarray(['a integer', 'a bigint', 'b text', 'c e0', 'd d0'], { minLength: 1 })
      .map((all) => ({ name, attributes: all.filter((one, i) => !(one === 'a bigint' && all[i - 1] === 'a integer')) })),
  ),
  sequences: each(['s0'], (name) =>
    fc.record({
      name: fc.constant(name),
      type: fc.constantFrom('bigint', 'integer'),
      increment: fc.constantFrom(1, 5),
      cycle: fc.boolean(),
    }),
  ),
  tables: some(['t0', 't1', 't2', 't3'], table),
  partitioned: some(['p0'], partitioned),
  heirs: some(['h0'], heir),
  views: some(['v0', 'v1', 'v2'], view),
  functions: some(['f0', 'f1'], routine),
  triggers: some(['g0', 'g1'], trigger),
  aggregates: some(['a0'], (name) =>
    fc.record({ name: fc.constant(name), of: fc.constantFrom('integer' as const, 'bigint' as const), start: fc.nat(1) }),
  ),
  publications: some(['b0'], publication),
})
