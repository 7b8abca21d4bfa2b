import { createHash } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import { isDenied, type UserError } from '../errors.js'
import { JOURNAL_COMMENT } from '../kinds/kind.js'
import type { Session } from '../postgres/session.js'
import { quoteIdentifier } from '../sql/quote.js'
import { isInForce } from './chain.js'
import type { Entry, Event, Store } from './journal.js'
import { journalDenied } from './journal-rights.js'

interface Content {
  readonly version: 1
  readonly entries: readonly Entry[]
  readonly events: readonly Event[]
  readonly plans: { readonly [id: string]: string }
  readonly snapshot: { readonly plan: string; readonly packed: string } | null
}

const NOTHING: Content = { version: 1, entries: [], events: [], plans: {}, snapshot: null }

/** The journal in one large object; null where it is not there and not to be made. Throws UserError where it is to be written by a role that may not. */
export async function journalInObject(
  session: Session,
  { make, writing }: { readonly make: boolean; readonly writing: boolean },
): Promise<Store | null> {
  const found = await find(session)
  if (found === null && !make) return null
  if (found !== null && writing) refuseOthers(found)
  const read = async (): Promise<Content> => {
    // Found and read in one snapshot: another runner that writes it meanwhile makes another object of it.
    const [row] = await session
      .query<{ packed: string }>(`select pg_catalog.encode(pg_catalog.lo_get(m.oid), 'base64') as packed ${JOURNAL}`)
      .catch((error: unknown) => {
        throw found !== null && isDenied(error) ? closed(found) : error
      })
    return row ? (JSON.parse(gunzipSync(Buffer.from(row.packed, 'base64')).toString()) as Content) : NOTHING
  }
  const write = async (content: Content) => {
    const packed = gzipSync(JSON.stringify(content)).toString('base64')
    const old = await find(session)
    // Made under a new OID and the old one unlinked: both take effect, or neither, with the transaction.
    const [row] = await session.query<{ oid: string }>(
      `select pg_catalog.lo_from_bytea(0, pg_catalog.decode($1, 'base64'))::text as oid${old === null ? '' : `, pg_catalog.lo_unlink(${old.oid}::oid)`}`,
      [packed],
    )
    await session.execute(`comment on large object ${row?.oid} is '${JOURNAL_COMMENT}'`)
  }
  const at = () => new Date().toISOString().replace(/\.\d+Z$/, 'Z')
  return {
    entries: async () => [...(await read()).entries],
    events: async () => [...(await read()).events],
    lastEvent: async (actions) => (await read()).events.findLast(({ action }) => actions.includes(action)) ?? null,
    content: async (id) => (await read()).plans[id] ?? null,
    contents: async (newest) => {
      const { entries, plans } = await read()
      const sum = (id: string) =>
        createHash('sha256')
          .update(plans[id] ?? '')
          .digest('hex')
      const inForce = entries.filter(isInForce)
      return inForce.slice(newest === 'all' ? 0 : -newest).map(({ id, digest }) => ({ id, digest, sum: sum(id) }))
    },
    save: async (entry, content) => {
      const now = await read()
      const old = now.entries.find((other) => other.id === entry.id)
      const saved = { ...entry, at: at(), seconds: entry.seconds ?? old?.seconds ?? null }
      const entries = old ? now.entries.map((other) => (other === old ? saved : other)) : [...now.entries, saved]
      await write({ ...now, entries, plans: { ...now.plans, [entry.id]: content } })
    },
    note: async (event) => {
      const now = await read()
      await write({ ...now, events: [...now.events, { at: at(), ...event }] })
    },
    saveSnapshot: async (plan, packed) => write({ ...(await read()), snapshot: { plan, packed } }),
    lastSnapshot: async () => (await read()).snapshot,
  }
}

function closed({ oid, role }: Found): UserError {
  return journalDenied(
    `The role ${role} may not read the journal, the large object ${oid}.`,
    `grant select on large object ${oid} to ${quoteIdentifier(role)};`,
  )
}

/** It is unlinked when it is written anew, which only its owner may do. */
function refuseOthers({ oid, role, owner, owns }: Found): void {
  if (owns) return
  throw journalDenied(
    `The role ${role} may not write the journal, the large object ${oid} of ${owner}.`,
    `grant ${quoteIdentifier(owner)} to ${quoteIdentifier(role)};`,
  )
}

interface Found {
  readonly oid: string
  readonly role: string
  readonly owner: string
  /** The role may do what the owner may. */
  readonly owns: boolean
}

const JOURNAL = `
  from pg_catalog.pg_description d join pg_catalog.pg_largeobject_metadata m on m.oid = d.objoid
  where d.classoid = 'pg_catalog.pg_largeobject'::pg_catalog.regclass and d.description = '${JOURNAL_COMMENT}'`

async function find(session: Session): Promise<Found | null> {
  const [row] = await session.query<Found>(
    `select d.objoid::text as oid, current_user as role, pg_catalog.pg_get_userbyid(m.lomowner) as owner,
       pg_catalog.pg_has_role(m.lomowner, 'usage') as owns ${JOURNAL}`,
  )
  return row ?? null
}
