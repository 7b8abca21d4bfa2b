import type { Catalog } from '../catalog/catalog.js'
import { idOf } from '../catalog/id.js'
import type { Session } from '../postgres/session.js'
import { quoteIdentifier, quoteName } from '../sql/quote.js'
import { seedable } from './rows.js'

/** What the rows of every table that holds rows come to, by its name. */
export async function rowDigests(session: Session, replica: Catalog): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>()
  for (const { id } of seedable(replica)) {
    const name = quoteName(...id.path)
    const [row] = await session.query<{ digest: string | null }>(
      // As JSON, which does not tell the order of columns: one that was dropped comes back as the last.
      `select pg_catalog.md5(pg_catalog.string_agg(row, e'\\n' order by row collate "C")) as digest
       from (select pg_catalog.to_jsonb(t)::text as row from only ${name} as t) as rows`,
    )
    digests.set(name, row?.digest ?? '')
  }
  return digests
}

/** What is in these tables and columns, each as one text. */
export async function valueDigests(
  session: Session,
  objects: readonly { readonly object: string }[],
): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>()
  for (const { object } of objects) {
    const { path } = idOf(object)
    const value = path[2] === undefined ? 't' : `t.${quoteIdentifier(path[2])}`
    const [row] = await session.query<{ digest: string | null }>(
      `select pg_catalog.md5(pg_catalog.string_agg(v, e'\\n' order by v collate "C")) as digest
       from (select ${value}::text as v from only ${quoteName(path[0] ?? '', path[1] ?? '')} as t) x`,
    )
    digests.set(object, row?.digest ?? '')
  }
  return digests
}
