import type { CatalogObject } from '../catalog/catalog.js'
import { quoteIdentifier, quoteLiteral } from '../sql/quote.js'
import { kind } from './kind.js'

type Subscription = {
  /** Without passwords and keys, which are removed before it leaves the server; null where the reading role may not see it. */
  readonly connection: string | null
  /** A password or key would be lost where the connection is stated anew. No file can state this, hence it is never compared. */
  readonly holdsSecret: boolean
  /** Sorted. */
  readonly publications: readonly string[]
  /** Null: NONE. */
  readonly slotName: string | null
  readonly synchronousCommit: string
  readonly binary: boolean
  /** `off`, `on` or (16) `parallel`. */
  readonly streaming: string
  /** From 15 on. */
  readonly twoPhase: boolean
  readonly disableOnError: boolean
  /** From 16 on. */
  readonly passwordRequired: boolean
  readonly runAsOwner: boolean
  readonly origin: string
  /** From 17 on. */
  readonly failover: boolean
}

const SECRETS = 'password|sslpassword|oauth_client_secret|scram_client_key|scram_server_key'

/** SQL: a connection string (key = value, or a URI) without its secrets; null where a URI hides its keys behind per cent signs. */
const OPEN_CONNECTION = `
             case when c.text !~ '^postgres(ql)?://'
               then pg_catalog.btrim(pg_catalog.regexp_replace(c.text, '(?<![a-z_])(${SECRETS})\\s*=\\s*(''([^''\\\\]|\\\\.)*''|([^\\s\\\\]|\\\\.)*)', '', 'gi'))
             when c.text !~ '[?&][^=&]*%[^=&]*='
               then pg_catalog.rtrim(pg_catalog.regexp_replace(
                 pg_catalog.regexp_replace(c.text, '^(\\w+://[^@/:]*):[^@/]*@', '\\1@'), '(?<=[?&])(${SECRETS})=[^&]*(&|$)', '', 'gi'), '?&')
             end`

/**
 * A subscription as schema: created without connecting, without a slot and disabled, so that it can be in a transaction with all else.
 * Whether it is enabled, and which tables it copies, is operation and not schema (pg_dump leaves it out, too): after it was
 * created, somebody who knows the password makes the slot, enables it and refreshes it.
 */
export const subscription = kind<Subscription>({
  name: 'subscription',
  schemaless: true,
  query: (major) => `
    select 'pg_catalog.pg_subscription'::pg_catalog.regclass::oid as classid, s.oid, 0 as subid,
           array[s.subname::text] as path,
           ${OPEN_CONNECTION} as connection,
           coalesce(${OPEN_CONNECTION} <> pg_catalog.btrim(c.text), false) as "holdsSecret",
           array(select p from pg_catalog.unnest(s.subpublications) p order by p collate "C") as publications,
           s.subslotname::text as "slotName",
           s.subsynccommit as "synchronousCommit",
           s.subbinary as binary,
           ${major >= 16 ? `case s.substream when 'f' then 'off' when 't' then 'on' else 'parallel' end` : `case when s.substream then 'on' else 'off' end`} as streaming,
           ${major >= 15 ? `s.subtwophasestate <> 'd'` : 'false'} as "twoPhase",
           ${major >= 15 ? 's.subdisableonerr' : 'false'} as "disableOnError",
           ${major >= 16 ? 's.subpasswordrequired' : 'true'} as "passwordRequired",
           ${major >= 16 ? 's.subrunasowner' : 'false'} as "runAsOwner",
           ${major >= 16 ? 's.suborigin' : `'any'`} as origin,
           ${major >= 17 ? 's.subfailover' : 'false'} as failover
    from pg_catalog.pg_subscription s
    -- subconninfo is for superusers: naming it would fail for all others, so a function reads it, and only where it may be read.
    left join lateral (
      select pg_catalog.substr(t.word, 2) as text
      from pg_catalog.ts_stat(case when pg_catalog.has_column_privilege('pg_catalog.pg_subscription', 'subconninfo', 'select')
        then pg_catalog.format('select pg_catalog.array_to_tsvector(array[''.'' || subconninfo]) from pg_catalog.pg_subscription
                                where oid = %s and pg_catalog.octet_length(subconninfo) < 2000', s.oid)
        else 'select null::pg_catalog.tsvector where false' end) t
    ) c on true
    where s.subdbid = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())`,
  target,
  create: (object) => {
    const { connection, publications } = object.definition
    return `create ${target(object.id)} connection ${quoteLiteral(connection ?? '')} publication ${publications.map(quoteIdentifier).join(', ')} with (connect = false, ${options(object).join(', ')})`
  },
  // With a slot, DROP would connect to the publisher and could not be in a transaction: the slot there is left to its owner.
  drop: (object) => [
    `alter ${target(object.id)} disable`,
    `alter ${target(object.id)} set (slot_name = none)`,
    `drop ${target(object.id)}`,
  ],
  alter: {
    // States that need the publisher's consent.
    twoPhase: 'recreate',
    failover: 'recreate',
    holdsSecret: () => [],
    connection: (after, before) =>
      after.definition.connection === null || before.definition.connection === null
        ? []
        : `alter ${target(after.id)} connection ${quoteLiteral(after.definition.connection)}`,
    // Refreshing connects, and cannot be in a transaction.
    publications: (after) =>
      `alter ${target(after.id)} set publication ${after.definition.publications.map(quoteIdentifier).join(', ')} with (refresh = false)`,
    slotName: (after) => [...(after.definition.slotName === null ? [`alter ${target(after.id)} disable`] : []), set(after, 'slot_name')],
    synchronousCommit: (after) => set(after, 'synchronous_commit'),
    binary: (after) => set(after, 'binary'),
    streaming: (after) => set(after, 'streaming'),
    disableOnError: (after) => set(after, 'disable_on_error'),
    passwordRequired: (after) => set(after, 'password_required'),
    runAsOwner: (after) => set(after, 'run_as_owner'),
    origin: (after) => set(after, 'origin'),
  },
  whenStated: ['holdsSecret'],
  // Where it stood in the publisher's stream is not in the schema.
  hazard: (before, after) =>
    after === undefined || (before.definition.holdsSecret && before.definition.connection !== after.definition.connection)
      ? 'drop-data'
      : null,
  impact: () => ({}),
})

function target(id: CatalogObject['id']): string {
  return `subscription ${quoteIdentifier(id.path[0] ?? '')}`
}

function settings({ definition: d }: CatalogObject<Subscription>): readonly (readonly [name: string, value: string, unstated: string])[] {
  return [
    // Always stated: the default is the subscription's name.
    ['slot_name', d.slotName === null ? 'none' : quoteLiteral(d.slotName), ''],
    ['synchronous_commit', quoteLiteral(d.synchronousCommit), `'off'`],
    ['binary', String(d.binary), 'false'],
    ['streaming', d.streaming, ''],
    ['two_phase', String(d.twoPhase), 'false'],
    ['disable_on_error', String(d.disableOnError), 'false'],
    ['password_required', String(d.passwordRequired), 'true'],
    ['run_as_owner', String(d.runAsOwner), 'false'],
    ['origin', quoteLiteral(d.origin), `'any'`],
    ['failover', String(d.failover), 'false'],
  ]
}

function options(object: CatalogObject<Subscription>): string[] {
  return settings(object)
    .filter(([, value, unstated]) => value !== unstated)
    .map(([name, value]) => `${name} = ${value}`)
}

function set(object: CatalogObject<Subscription>, wanted: string): string {
  return `alter ${target(object.id)} set (${settings(object)
    .filter(([name]) => name === wanted)
    .map(([name, value]) => `${name} = ${value}`)
    .join()})`
}
