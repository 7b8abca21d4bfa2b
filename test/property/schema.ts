import fc from 'fast-check'

/** A random schema as plain data. Names come from a small pool, so that two of them are each other's edits. */
export interface Schema {
  readonly enums: readonly Enum[]
  readonly tables: readonly Table[]
  readonly views: readonly View[]
  readonly functions: readonly Routine[]
}

export interface Enum {
  readonly name: string
  readonly labels: readonly string[]
}

export interface Table {
  readonly name: string
  readonly idType: 'integer' | 'bigint'
  readonly identity: boolean
  readonly columns: readonly Column[]
  readonly unique: string | null
  readonly check: boolean
  readonly index: { readonly column: string; readonly descending: boolean; readonly partial: boolean } | null
  /** The table that it refers to, by place: itself, an earlier or a later one. */
  readonly refersTo: number | null
  readonly comment: string | null
  readonly reader: boolean
  readonly rowSecurity: boolean
}

export interface Column {
  readonly name: string
  readonly type: string
  readonly notNull: boolean
  readonly hasDefault: boolean
  readonly comment: boolean
}

export interface View {
  readonly name: string
  /** Of a table or of an earlier view, by place. */
  readonly over: number
  readonly barrier: boolean
  readonly materialized: boolean
  readonly comment: boolean
}

export interface Routine {
  readonly name: string
  readonly counts: number
  readonly atomic: boolean
  readonly volatility: string
  readonly returns: string
}

/** Types that convert into each other, by column: a change of type is an edit, not an impossibility. */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  amount: ['smallint', 'integer', 'bigint', 'numeric(10,2)', 'text'],
  label: ['text', 'character varying(20)', 'character varying(40)'],
  day: ['date', 'timestamp without time zone', 'timestamp with time zone'],
  mood: ['e0', 'e1', 'text'],
  list: ['integer[]', 'bigint[]', 'text[]'],
  flag: ['boolean'],
}

const DEFAULTS: readonly (readonly [type: RegExp, value: string])[] = [
  [/\[\]$/, `'{}'`],
  [/int|numeric/, '7'],
  [/text|character/, `'x'`],
  [/date|time/, `'2020-01-01'`],
  [/boolean/, 'true'],
  [/^e\d$/, `'a'`],
]

const column = fc.constantFrom(...Object.keys(TYPES)).chain((name) =>
  fc.record({
    name: fc.constant(name),
    type: fc.constantFrom(...(TYPES[name] ?? [])),
    notNull: fc.boolean(),
    hasDefault: fc.boolean(),
    comment: fc.boolean(),
  }),
)

const table = (name: string) =>
  fc.record({
    name: fc.constant(name),
    idType: fc.constantFrom('integer' as const, 'bigint' as const),
    identity: fc.boolean(),
    columns: fc.uniqueArray(column, { selector: ({ name: of }) => of, maxLength: 5 }),
    unique: fc.option(fc.constantFrom('amount', 'label', 'day')),
    check: fc.boolean(),
    index: fc.option(
      fc.record({ column: fc.constantFrom('amount', 'label', 'day', 'mood'), descending: fc.boolean(), partial: fc.boolean() }),
    ),
    refersTo: fc.option(fc.nat(3)),
    comment: fc.option(fc.constantFrom('one', `it's two`)),
    reader: fc.boolean(),
    rowSecurity: fc.boolean(),
  })

const view = (name: string) =>
  fc.record({ name: fc.constant(name), over: fc.nat(6), barrier: fc.boolean(), materialized: fc.boolean(), comment: fc.boolean() })

const routine = (name: string) =>
  fc.record({
    name: fc.constant(name),
    counts: fc.nat(5),
    atomic: fc.boolean(),
    volatility: fc.constantFrom('volatile', 'stable'),
    returns: fc.constantFrom('bigint', 'numeric'),
  })

/** Some of the names, each with a random object. */
function some<T>(names: readonly string[], make: (name: string) => fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.subarray([...names]).chain((chosen) => (chosen.length === 0 ? fc.constant([]) : fc.tuple(...chosen.map(make))))
}

export const schema: fc.Arbitrary<Schema> = fc.record({
  enums: fc.tuple(
    ...['e0', 'e1'].map((name) =>
      fc
        .subarray(['b', 'c', 'd'])
        .chain((rest) => fc.shuffledSubarray(['a', ...rest], { minLength: rest.length + 1 }).map((labels) => ({ name, labels }))),
    ),
  ),
  tables: some(['t0', 't1', 't2', 't3'], table),
  views: some(['v0', 'v1', 'v2'], view),
  functions: some(['f0', 'f1'], routine),
})

/** As a file that psql could run from top to bottom. */
export function sqlOf(of: Schema): string {
  const views: string[] = []
  return [
    ...of.enums.map(({ name, labels }) => `create type ${name} as enum (${labels.map((label) => `'${label}'`).join(', ')});`),
    ...of.tables.flatMap((one) => tableSql(one, of)),
    ...of.tables.flatMap((one) => foreignKey(one, of)),
    ...of.views.flatMap((one) => viewSql(one, of, views)),
    ...of.functions.flatMap((one) => routineSql(one, of)),
  ].join('\n')
}

function tableSql(one: Table, of: Schema): string[] {
  const has = (name: string) => one.columns.some((c) => c.name === name)
  const items = [
    `id ${one.idType}${one.identity ? ' generated always as identity' : ''} primary key`,
    ...one.columns.map(columnSql),
    ...(one.unique !== null && has(one.unique) ? [`constraint ${one.name}_unique unique (${one.unique})`] : []),
    ...(one.check ? [`constraint ${one.name}_positive check (id > 0)`] : []),
    ...(target(one, of) ? [`ref ${target(one, of)?.idType}`] : []),
  ]
  return [
    `create table ${one.name} (\n  ${items.join(',\n  ')}\n);`,
    ...(one.index && has(one.index.column)
      ? [
          `create index ${one.name}_index on ${one.name} (${one.index.column}${one.index.descending ? ' desc' : ''})${one.index.partial ? ' where id > 10' : ''};`,
        ]
      : []),
    ...(one.comment === null ? [] : [`comment on table ${one.name} is '${one.comment.replaceAll("'", "''")}';`]),
    ...one.columns.filter(({ comment }) => comment).map(({ name }) => `comment on column ${one.name}.${name} is 'about ${name}';`),
    ...(one.reader ? [`grant select on ${one.name} to fixture_reader;`] : []),
    ...(one.rowSecurity ? [`alter table ${one.name} enable row level security;`, `create policy seen on ${one.name} using (id > 1);`] : []),
  ]
}

function columnSql({ name, type, notNull, hasDefault }: Column): string {
  const value = DEFAULTS.find(([pattern]) => pattern.test(type))?.[1]
  return [name, type, ...(notNull ? ['not null'] : []), ...(hasDefault && value !== undefined ? [`default ${value}`] : [])].join(' ')
}

function target(one: Table, of: Schema): Table | undefined {
  return one.refersTo === null ? undefined : of.tables[one.refersTo % of.tables.length]
}

function foreignKey(one: Table, of: Schema): string[] {
  const other = target(one, of)
  return other ? [`alter table ${one.name} add constraint ${one.name}_ref foreign key (ref) references ${other.name};`] : []
}

function viewSql(one: View, of: Schema, earlier: string[]): string[] {
  const sources = [...of.tables.map(({ name }) => name), ...earlier]
  const source = sources[one.over % Math.max(sources.length, 1)]
  if (source === undefined) return []
  const from = of.tables.find(({ name }) => name === source)
  const columns = ['id', ...(from?.columns.map(({ name }) => name) ?? [])]
  earlier.push(one.name)
  const word = one.materialized ? 'materialized view' : 'view'
  return [
    `create ${word} ${one.name}${one.barrier && !one.materialized ? ' with (security_barrier = true)' : ''} as select ${columns.join(', ')} from ${source};`,
    ...(one.comment ? [`comment on ${word} ${one.name} is 'a view';`] : []),
  ]
}

function routineSql(one: Routine, of: Schema): string[] {
  const source = of.tables[one.counts % Math.max(of.tables.length, 1)]?.name
  const query = source === undefined ? 'select 1' : `select count(*) from ${source}`
  const head = `create function ${one.name}() returns ${one.returns} language sql ${one.volatility}`
  return [one.atomic ? `${head} begin atomic ${query}; end;` : `${head} as $$${query}$$;`]
}
