import type { Column, Partitioned, Publication, Routine, Schema, Table, Trigger, View } from './schema.js'

const DEFAULTS: readonly (readonly [type: RegExp, value: string])[] = [
  [/\[\]$/, `'{}'`],
  [/int|numeric/, '7'],
  [/text|character/, `'x'`],
  [/date|time/, `'2020-01-01'`],
  [/boolean/, 'true'],
  [/^e\d$/, `'a'`],
  [/^d\d$/, `'w'`],
]

/** As a file that psql could run from top to bottom. */
export function sqlOf(of: Schema): string {
  const views: string[] = []
  return [
    'create schema app;',
    ...of.enums.map(({ name, labels }) => `create type ${name} as enum (${labels.map((label) => `'${label}'`).join(', ')});`),
    ...of.domains.map(domainSql),
    ...of.composites.map(({ name, attributes }) => `create type ${name} as (${attributes.join(', ')});`),
    ...of.sequences.map(
      ({ name, type, increment, cycle }) => `create sequence ${name} as ${type} increment ${increment}${cycle ? ' cycle' : ''};`,
    ),
    ...of.tables.flatMap((one) => tableSql(one, of)),
    ...of.tables.flatMap((one) => foreignKey(one, of)),
    ...of.partitioned.flatMap(partitionedSql),
    ...of.heirs.flatMap(({ name, own, check }) => {
      const parent = of.tables.find((table) => table.name === 't0')
      const items = [...(own ? ['own text'] : []), ...(check ? [`constraint ${name}_check check (id <> 3)`] : [])]
      return parent ? [`create table ${name} (${items.join(', ')}) inherits (${pathOf(parent)});`] : []
    }),
    ...of.views.flatMap((one) => viewSql(one, of, views)),
    ...of.functions.flatMap((one) => routineSql(one, of)),
    ...of.triggers.flatMap((one) => triggerSql(one, of)),
    ...of.aggregates.map(
      ({ name, of: type, start }) =>
        `create aggregate ${name}(${type}) (sfunc = ${type === 'integer' ? 'int4pl' : 'int8pl'}, stype = ${type}, initcond = '${start}');`,
    ),
    ...of.publications.map((one) => publicationSql(one, of)),
  ].join('\n')
}

function at<T>(list: readonly T[], place: number): T | undefined {
  return list[place % Math.max(list.length, 1)]
}

function pathOf({ place, name }: Table): string {
  return `${place}.${name}`
}

function domainSql({ name, base, longest, notNull, hasDefault }: Schema['domains'][number]): string {
  const words = [
    `create domain ${name} as ${base === name ? 'text' : base}`,
    ...(hasDefault ? [`default 'w'`] : []),
    ...(notNull ? ['not null'] : []),
    ...(longest === null ? [] : [`constraint short check (length(value) < ${longest})`]),
  ]
  return `${words.join(' ')};`
}

function tableSql(one: Table, of: Schema): string[] {
  const path = pathOf(one)
  const has = (name: string) => one.columns.some((c) => c.name === name)
  const { unique, index, check } = one
  const items = [
    `id ${one.idType}${one.identity === null ? '' : ` generated ${one.identity} as identity`} primary key`,
    ...one.columns.map(columnSql),
    ...(one.times === null ? [] : [`many bigint generated always as (id * ${one.times}) stored`]),
    ...(unique && has(unique.column)
      ? [
          `constraint ${one.name}_unique unique (${unique.column})${unique.includes ? ' include (id)' : ''}${unique.deferrable ? ' deferrable' : ''}`,
        ]
      : []),
    ...(check === null ? [] : [`constraint ${one.name}_check check (id ${check === 'positive' ? '> 0' : '< 1000000'})`]),
    ...(one.exclusion ? [`constraint ${one.name}_excluded exclude (id with =)`] : []),
    ...(target(one, of) ? [`ref ${target(one, of)?.idType}`] : []),
  ]
  const value = index && (index.expression ? `(coalesce(${index.column}::text, ''))` : index.column)
  const fit = index && has(index.column) && !(index.expression && /^(day|mood)$/.test(index.column))
  return [
    `create ${one.unlogged ? 'unlogged ' : ''}table ${path} (\n  ${items.join(',\n  ')}\n)${one.fillfactor === null ? '' : ` with (fillfactor = ${one.fillfactor})`};`,
    ...(index && fit
      ? [`create index ${one.name}_index on ${path} (${value}${index.descending ? ' desc' : ''})${index.partial ? ' where id > 10' : ''};`]
      : []),
    ...(one.statistics && has('amount') && has('label')
      ? [`create statistics ${one.place}.${one.name}_statistics on amount, label from ${path};`]
      : []),
    ...(one.comment === null ? [] : [`comment on table ${path} is '${one.comment.replaceAll("'", "''")}';`]),
    ...one.columns.flatMap((column) => afterColumn(path, column)),
    ...(one.reader === null ? [] : [`grant select ${one.reader === 'column' ? '(id) ' : ''}on ${path} to fixture_reader;`]),
    ...policySql(one),
    ...(one.replicaIdentity ? [`alter table ${path} replica identity full;`] : []),
    ...(one.rule ? [`create rule quiet as on delete to ${path} where old.id = 1 do instead nothing;`] : []),
  ]
}

function policySql(one: Table): string[] {
  if (one.policy === null) return []
  const how = { everybody: '', reader: ' to fixture_reader', restrictive: ' as restrictive' }[one.policy]
  const [as, to] = one.policy === 'restrictive' ? [how, ''] : ['', how]
  return [
    `alter table ${pathOf(one)} enable row level security;`,
    `create policy seen on ${pathOf(one)}${as} for ${one.policy === 'reader' ? 'select' : 'all'}${to} using (id > 1);`,
  ]
}

function columnSql({ name, type, notNull, hasDefault }: Column): string {
  const value = name === 'num' ? `nextval('s0')` : DEFAULTS.find(([pattern]) => pattern.test(type))?.[1]
  return [name, type, ...(notNull ? ['not null'] : []), ...(hasDefault && value !== undefined ? [`default ${value}`] : [])].join(' ')
}

function afterColumn(path: string, { name, type, comment, external, target }: Column): string[] {
  return [
    ...(comment ? [`comment on column ${path}.${name} is 'about ${name}';`] : []),
    ...(external && /text|character/.test(type) ? [`alter table ${path} alter column ${name} set storage external;`] : []),
    ...(target === null ? [] : [`alter table ${path} alter column ${name} set statistics ${target};`]),
  ]
}

function target(one: Table, of: Schema): Table | undefined {
  return one.refersTo === null ? undefined : at(of.tables, one.refersTo)
}

function foreignKey(one: Table, of: Schema): string[] {
  const other = target(one, of)
  // What is logged may not refer to what is not.
  if (!other || (other.unlogged && !one.unlogged)) return []
  return [
    `alter table ${pathOf(one)} add constraint ${one.name}_ref foreign key (ref) references ${pathOf(other)} on delete ${one.onDelete};`,
  ]
}

function partitionedSql(one: Partitioned): string[] {
  const items = [
    'id integer not null',
    ...one.columns.map(columnSql),
    ...(one.primaryKey ? [`constraint ${one.name}_key primary key (id)`] : []),
  ]
  const bounds = {
    range: (i: number) => `from (${i * 100}) to (${(i + 1) * 100})`,
    list: (i: number) => `in (${i * 2}, ${i * 2 + 1})`,
    hash: (i: number) => `with (modulus 3, remainder ${i})`,
  }[one.by]
  // Rows fit somewhere only if hash has all.
  const count = one.by === 'hash' ? 3 : one.parts
  const parts = [...Array(count).keys()].map((i) => {
    const deep = one.deep && i === 0
    const name = `${one.name}_${i}`
    return [
      `create table ${name} partition of ${one.name} for values ${bounds(i)}${deep ? ' partition by list (id)' : ''};`,
      ...(deep ? [`create table ${name}_any partition of ${name} default;`] : []),
    ]
  })
  return [
    `create table ${one.name} (${items.join(', ')}) partition by ${one.by} (id);`,
    ...parts.flat(),
    ...(one.otherwise && one.by !== 'hash' ? [`create table ${one.name}_rest partition of ${one.name} default;`] : []),
    ...(one.index ? [`create index ${one.name}_index on ${one.name} (id desc);`] : []),
    ...one.columns.flatMap((column) => afterColumn(one.name, column)),
  ]
}

function viewSql(one: View, of: Schema, earlier: string[]): string[] {
  const sources = [...of.tables.map(pathOf), ...earlier]
  const source = at(sources, one.over)
  if (source === undefined) return []
  const from = of.tables.find((each) => pathOf(each) === source)
  const columns = ['id', ...(from?.columns.map(({ name }) => name) ?? [])]
  const query = {
    plain: `select ${columns.join(', ')} from ${source}`,
    reversed: `select ${columns.toReversed().join(', ')} from ${source} where id <> 5`,
    counted: `select max(id) as id, count(*) as rows from ${source}`,
    joined: `select a.id, b.id as other from ${source} a join ${source} b using (id)`,
  }[one.shape]
  earlier.push(one.name)
  const word = one.materialized ? 'materialized view' : 'view'
  return [
    `create ${word} ${one.name}${one.barrier && !one.materialized ? ' with (security_barrier = true)' : ''} as ${query};`,
    ...(one.materialized ? [`create index ${one.name}_index on ${one.name} (id);`] : []),
    ...(one.comment ? [`comment on ${word} ${one.name} is 'a view';`] : []),
    ...(one.reader ? [`grant select on ${one.name} to fixture_reader;`] : []),
  ]
}

function routineSql(one: Routine, of: Schema): string[] {
  const table = at(of.tables, one.counts)
  const path = table && pathOf(table)
  const argument =
    one.argument === 'row' && path
      ? `x ${path}`
      : { none: '', integer: 'x integer', defaulted: 'x integer default 3', row: '' }[one.argument]
  const rows = one.returns === 'row' && path !== undefined
  const query = rows ? `select * from ${path}` : path === undefined ? 'select 1' : `select count(*) from ${path}`
  const returns = rows ? `setof ${path}` : one.returns === 'row' ? 'bigint' : one.returns
  const head = `create function ${one.name}(${argument}) returns ${returns} language ${one.language === 'plpgsql' ? 'plpgsql' : 'sql'} ${one.volatility}`
  if (one.language === 'atomic') return [`${head} begin atomic ${query}; end;`]
  return one.language === 'sql'
    ? [`${head} as $$${query}$$;`]
    : [`${head} as $$begin ${rows ? `return query ${query}` : `return (${query})`}; end$$;`]
}

function triggerSql({ name, on, timing, when, ofId, state }: Trigger, of: Schema): string[] {
  const table = at(of.tables, on)
  if (!table) return []
  const head = timing === 'constraint' ? `create constraint trigger ${name} after` : `create trigger ${name} ${timing}`
  return [
    `create function ${name}() returns trigger language plpgsql as $$begin return new; end$$;`,
    `${head} insert or update${ofId ? ' of id' : ''} on ${pathOf(table)} for each row${when ? ' when (new.id > 100)' : ''} execute function ${name}();`,
    ...(state === null ? [] : [`alter table ${pathOf(table)} ${state} trigger ${name};`]),
  ]
}

function publicationSql({ name, tables, filtered, columns, publish }: Publication, of: Schema): string {
  const listed = [
    ...new Set(tables.map((place) => at(of.tables, place)).filter((table) => table !== undefined && !table.unlogged)),
  ] as Table[]
  const items = listed.map((table) => `${pathOf(table)}${columns ? ' (id)' : ''}${filtered ? ' where (id > 2)' : ''}`)
  return `create publication ${name}${items.length === 0 ? '' : ` for table ${items.join(', ')}`} with (publish = '${publish}');`
}
