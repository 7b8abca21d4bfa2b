import { either, flag, list, map, record, type Shape, text, type Value, word } from './shape.js'

// What a YAML file may say. Every name is taken letter by letter; "SQL" marks values that are SQL of one item.

const COMMENT = text('the comment on it')
const OWNER = text('the role that owns it')
const GRANTS = map(
  'privileges by role; `public` is everybody',
  either('privileges', text('a privilege, or several with commas'), list('privileges', text('a privilege'))),
)
const NAMES = either('names', text('a name'), list('names', text('a name')))
const PARAMETERS = map('parameters and their values', text('a value'))
const RENAMED = text('the name it had before')
/** Of what is part of nothing else. */
const FORMERLY = { renamedFrom: RENAMED, movedFrom: text('the schema it was in before') }
const SCRIPT = list('SQL statements, one an item', text('one SQL statement'))

const ACTION = ['no action', 'restrict', 'cascade', 'set null', 'set default'] as const
const DEFERRAL = {
  deferrable: flag('checked at the end of the transaction on demand'),
  initiallyDeferred: flag('checked at the end of the transaction'),
}

const REFERENCE = record(
  'the referenced table and columns',
  {
    schema: text("the referenced table's schema; default: this document's"),
    table: text('the referenced table'),
    columns: NAMES,
    match: word('how nulls match', ['simple', 'full']),
    onDelete: word('what a delete does', ACTION),
    onUpdate: word('what an update does', ACTION),
    ...DEFERRAL,
  },
  'table',
)

const SEQUENCE_KEYS = {
  type: text('SQL: its type'),
  start: text('the first value'),
  increment: text('the step'),
  minValue: text('the least value'),
  maxValue: text('the greatest value'),
  cache: text('values that a session takes at once'),
  cycle: flag('starts again at the end'),
}

export const COLUMN = either(
  'SQL (`uuid primary key default gen_random_uuid()`), or a mapping',
  text('SQL: the type and its constraints'),
  record(
    'a column',
    {
      type: text('SQL: its type'),
      notNull: flag('NOT NULL'),
      default: text('SQL: its default'),
      primaryKey: flag('it is the primary key'),
      unique: flag('it is unique'),
      references: either('the referenced column', text('SQL: `documentos (id) on delete cascade`'), REFERENCE),
      check: text('SQL: what each value must fulfil'),
      collation: NAMES,
      generated: either(
        'SQL: the expression it is stored as',
        text('SQL: an expression'),
        record(
          'a generated column',
          {
            expression: text('SQL: an expression'),
            virtual: flag('computed when read (PostgreSQL 18)'),
          },
          'expression',
        ),
      ),
      identity: either(
        'an identity column',
        word('how', ['always', 'by default']),
        record('an identity column', {
          generation: word('how', ['always', 'by default']),
          ...SEQUENCE_KEYS,
        }),
      ),
      comment: COMMENT,
      renamedFrom: RENAMED,
      storage: word('how large values are kept', ['plain', 'external', 'extended', 'main', 'default']),
      compression: word('how large values are compressed', ['pglz', 'lz4', 'default']),
      statistics: text('its statistics target'),
    },
    'type',
  ),
)

const KEY_OPTIONS = { include: NAMES, with: PARAMETERS, tablespace: text('the tablespace of its index'), ...DEFERRAL, comment: COMMENT }

export const PRIMARY_KEY = either(
  'columns, or a mapping',
  text('a column'),
  list('columns', text('a column')),
  record(
    'a primary key',
    {
      name: text('its name'),
      columns: NAMES,
      ...KEY_OPTIONS,
    },
    'columns',
  ),
)

export const UNIQUE = either(
  'columns, or a mapping',
  text('a column'),
  list('columns', text('a column')),
  record(
    'a unique constraint',
    {
      columns: NAMES,
      nullsNotDistinct: flag('two nulls are equal'),
      ...KEY_OPTIONS,
    },
    'columns',
  ),
)

export const CHECK = either(
  'SQL: what each row must fulfil, or a mapping',
  text('SQL: what each row must fulfil'),
  record(
    'a check',
    {
      expression: text('SQL: what each row must fulfil'),
      noInherit: flag('not for child tables'),
      notValid: flag('existing rows are not checked'),
      notEnforced: flag('not checked at all (PostgreSQL 18)'),
      comment: COMMENT,
    },
    'expression',
  ),
)

export const FOREIGN_KEY = record(
  'a foreign key',
  {
    columns: NAMES,
    references: either('the referenced table', text('SQL: `documentos (id) on delete cascade`'), REFERENCE),
    notValid: flag('existing rows are not checked'),
    comment: COMMENT,
  },
  'columns',
  'references',
)

export const EXCLUSION = either(
  'SQL: `using gist (room with =, during with &&)`',
  text('SQL: what follows EXCLUDE'),
  record(
    'an exclusion constraint',
    {
      definition: text('SQL: what follows EXCLUDE'),
      comment: COMMENT,
    },
    'definition',
  ),
)

const ORDER = {
  order: word('the order', ['asc', 'desc']),
  nulls: word('where nulls go', ['first', 'last']),
  opclass: text('the operator class'),
  collation: NAMES,
}

export const INDEX = either(
  'SQL: `using hnsw (embedding vector_cosine_ops)`, or a mapping',
  text('SQL: what follows ON table'),
  record('an index', {
    columns: either(
      'columns in order',
      text('a column'),
      list(
        'columns',
        either(
          'a column',
          text('a column'),
          record('a column or expression', {
            column: text('a column'),
            expression: text('SQL: an expression'),
            ...ORDER,
          }),
        ),
      ),
    ),
    expressions: either('expressions, after the columns', text('SQL: an expression'), list('expressions', text('SQL: an expression'))),
    method: text('btree, hash, gin, gist, hnsw, …'),
    opclass: map('the operator class by column', text('the operator class')),
    where: text('SQL: which rows it holds'),
    include: NAMES,
    unique: flag('no two rows are equal'),
    nullsNotDistinct: flag('two nulls are equal'),
    with: PARAMETERS,
    tablespace: text('its tablespace'),
    comment: COMMENT,
    renamedFrom: RENAMED,
  }),
)

export const TRIGGER = record(
  'a trigger',
  {
    timing: word('when', ['before', 'after', 'instead of']),
    events: either('what fires it', text('an event'), list('events', word('an event', ['insert', 'update', 'delete', 'truncate']))),
    columns: NAMES,
    forEach: word('how often', ['row', 'statement']),
    when: text('SQL: a condition'),
    execute: text('SQL: the function and its arguments, `f()`'),
    oldTable: text('name of the transition table'),
    newTable: text('name of the transition table'),
    constraint: flag('a constraint trigger'),
    ...DEFERRAL,
    enabled: word('in which sessions it fires', ['origin', 'replica', 'always', 'disabled']),
    comment: COMMENT,
    renamedFrom: RENAMED,
  },
  'timing',
  'events',
  'execute',
)

export const POLICY = record('a row security policy', {
  as: word('how it combines', ['permissive', 'restrictive']),
  for: word('for which command', ['all', 'select', 'insert', 'update', 'delete']),
  to: NAMES,
  using: text('SQL: which rows are seen'),
  withCheck: text('SQL: which rows may be written'),
  comment: COMMENT,
  renamedFrom: RENAMED,
})

export const STATISTICS = record('extended statistics', {
  kinds: list('kinds', word('a kind', ['ndistinct', 'dependencies', 'mcv'])),
  columns: list('columns', text('a column')),
  expressions: list('expressions', text('SQL: an expression')),
  comment: COMMENT,
})

export const TABLE = record('a table', {
  comment: COMMENT,
  owner: OWNER,
  ...FORMERLY,
  grants: GRANTS,
  unlogged: flag('not in the write-ahead log'),
  columns: map('columns in order', COLUMN),
  primaryKey: PRIMARY_KEY,
  uniques: map('unique constraints', UNIQUE),
  checks: map('checks', CHECK),
  foreignKeys: map('foreign keys', FOREIGN_KEY),
  exclusions: map('exclusion constraints', EXCLUSION),
  indexes: map('indexes', INDEX),
  triggers: map('triggers', TRIGGER),
  policies: map('policies', POLICY),
  statistics: map('extended statistics', STATISTICS),
  rowSecurity: either('row security', flag('on or off'), word('for its owner too', ['force'])),
  partitionBy: text('SQL: `range (creado)`'),
  partitionOf: record(
    'the table it is a partition of',
    {
      schema: text("its schema; default: this document's"),
      table: text('the partitioned table'),
      values: text('SQL: `for values from (1) to (2)`, or `default`'),
    },
    'table',
    'values',
  ),
  inherits: NAMES,
  accessMethod: text('its access method'),
  with: PARAMETERS,
  tablespace: text('its tablespace'),
  replicaIdentity: either(
    'what replication identifies rows by',
    word('what', ['default', 'full', 'nothing']),
    record('an index', { index: text('the index') }, 'index'),
  ),
})

const VIEW_KEYS = { comment: COMMENT, owner: OWNER, grants: GRANTS, ...FORMERLY, query: text('SQL: its query'), columns: NAMES }

export const VIEW = either(
  'SQL: its query, or a mapping',
  text('SQL: its query'),
  record(
    'a view',
    {
      ...VIEW_KEYS,
      options: PARAMETERS,
      checkOption: word('which rows may be written', ['local', 'cascaded']),
      triggers: map('triggers', TRIGGER),
    },
    'query',
  ),
)

export const MATERIALIZED_VIEW = either(
  'SQL: its query, or a mapping',
  text('SQL: its query'),
  record(
    'a materialized view',
    {
      ...VIEW_KEYS,
      with: PARAMETERS,
      tablespace: text('its tablespace'),
      accessMethod: text('its access method'),
      indexes: map('indexes', INDEX),
    },
    'query',
  ),
)

const ROUTINE_KEYS = {
  arguments: text("SQL: its arguments, `a int, b text default 'x'`"),
  language: text('sql, plpgsql, …'),
  body: text('its body, as it is'),
  security: word('by whose rights it runs', ['definer', 'invoker']),
  set: PARAMETERS,
  comment: COMMENT,
  owner: OWNER,
  grants: GRANTS,
}

const ONE_FUNCTION = record(
  'a function',
  {
    ...ROUTINE_KEYS,
    returns: text('SQL: its type'),
    volatility: word('what its result depends on', ['volatile', 'stable', 'immutable']),
    strict: flag('null for null'),
    parallel: word('whether it runs in parallel', ['safe', 'restricted', 'unsafe']),
    leakproof: flag('reveals nothing of its arguments'),
    window: flag('a window function'),
    cost: text('its cost'),
    rows: text('the rows it returns'),
    support: text('SQL: its support function'),
  },
  'language',
  'body',
)
const ONE_PROCEDURE = record('a procedure', ROUTINE_KEYS, 'language', 'body')

export const FUNCTION = either(
  'a function, or a list of those that share the name',
  ONE_FUNCTION,
  list('functions of that name', ONE_FUNCTION),
)
export const PROCEDURE = either(
  'a procedure, or a list of those that share the name',
  ONE_PROCEDURE,
  list('procedures of that name', ONE_PROCEDURE),
)

const LABELS = list(
  'labels in order',
  either('a label, or a mapping', text('a label'), record('a label', { label: text('the label'), renamedFrom: RENAMED }, 'label')),
)

export const ENUM = either(
  'its labels, or a mapping',
  LABELS,
  record(
    'an enum',
    {
      values: LABELS,
      comment: COMMENT,
      owner: OWNER,
      grants: GRANTS,
      ...FORMERLY,
    },
    'values',
  ),
)

export const DOMAIN = either(
  "SQL: `text check (value <> '')`, or a mapping",
  text('SQL: the type and its constraints'),
  record(
    'a domain',
    {
      type: text('SQL: its type'),
      collation: NAMES,
      default: text('SQL: its default'),
      notNull: flag('NOT NULL'),
      checks: map('checks', text('SQL: what VALUE must fulfil')),
      comment: COMMENT,
      owner: OWNER,
      grants: GRANTS,
      ...FORMERLY,
    },
    'type',
  ),
)

export const TYPE = record('a composite type or a range type', {
  attributes: map('attributes in order', text('SQL: a type')),
  range: map('what follows AS RANGE', text('SQL: a value')),
  comment: COMMENT,
  owner: OWNER,
  grants: GRANTS,
  ...FORMERLY,
})

export const SEQUENCE = record('a sequence', {
  ...SEQUENCE_KEYS,
  ownedBy: record('the column it goes with', { table: text('the table'), column: text('the column') }, 'table', 'column'),
  unlogged: flag('not in the write-ahead log'),
  comment: COMMENT,
  owner: OWNER,
  grants: GRANTS,
  ...FORMERLY,
})

export const SCHEMAS = either(
  'schemas',
  list('names', text('a name')),
  map('schemas', record('a schema', { owner: OWNER, comment: COMMENT, grants: GRANTS })),
)

export const EXTENSIONS = either(
  'extensions',
  list('names', text('a name')),
  map(
    'extensions',
    record('an extension', {
      version: text('its version; compared only where stated'),
      schema: text('the schema of its objects'),
      comment: COMMENT,
    }),
  ),
)

export const DOCUMENT = record('a schema document', {
  schema: text('the schema of all that this document names; default: public'),
  schemas: SCHEMAS,
  extensions: EXTENSIONS,
  enums: map('enum types', ENUM),
  domains: map('domains', DOMAIN),
  types: map('other types', TYPE),
  sequences: map('sequences', SEQUENCE),
  tables: map('tables', TABLE),
  views: map('views', VIEW),
  materializedViews: map('materialized views', MATERIALIZED_VIEW),
  functions: map('functions', FUNCTION),
  procedures: map('procedures', PROCEDURE),
  grants: list('grants', text('SQL: what follows GRANT')),
  comments: map('comments by object, `column documentos.titulo`', text('the comment')),
  sql: either('SQL for everything else', text('SQL statements'), SCRIPT),
})

/** Shapes that the JSON Schema spells once. */
export const SHARED: { readonly [name: string]: Shape } = {
  names: NAMES,
  parameters: PARAMETERS,
  grants: GRANTS,
  reference: REFERENCE,
  column: COLUMN,
  index: INDEX,
  trigger: TRIGGER,
  policy: POLICY,
  table: TABLE,
  view: VIEW,
  materializedView: MATERIALIZED_VIEW,
  function: ONE_FUNCTION,
  procedure: ONE_PROCEDURE,
}

export type Document = Value<typeof DOCUMENT>
export type Names = Value<typeof NAMES>
export type Grants = Value<typeof GRANTS>
export type Parameters = Value<typeof PARAMETERS>
export type Reference = Value<typeof REFERENCE>
export type Table = Value<typeof TABLE>
export type Column = Value<typeof COLUMN>
export type Index = Value<typeof INDEX>
export type Trigger = Value<typeof TRIGGER>
export type Policy = Value<typeof POLICY>
export type Routine = Value<typeof ONE_FUNCTION>
export type Deferral = { readonly [K in keyof typeof DEFERRAL]?: Value<(typeof DEFERRAL)[K]> }
export type SequenceKeys = { readonly [K in keyof typeof SEQUENCE_KEYS]?: Value<(typeof SEQUENCE_KEYS)[K]> }
export type KeyOptions = { readonly [K in keyof typeof KEY_OPTIONS]?: Value<(typeof KEY_OPTIONS)[K]> }
