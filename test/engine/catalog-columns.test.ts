import { afterAll, describe, expect, test } from '@jest/globals'
import { KINDS } from '../../src/kinds/registry.js'
import { connect } from '../../src/postgres/connect.js'
import { openEmbedded } from '../../src/postgres/embedded.js'
import type { Session } from '../../src/postgres/session.js'
import { runServers } from '../servers/index.js'
import { IGNORED } from './catalog-columns.js'

interface Column {
  readonly table: string
  readonly column: string
}

const opened: Session[] = []

afterAll(() => Promise.all(opened.map((session) => session.close())))

const servers = runServers().map(({ major, url }) => ({ major, open: () => connect({ kind: 'url', url }) }))

describe.each([...servers, { major: 18, open: () => openEmbedded() }])(
  'every column of pg_catalog in PostgreSQL $major',
  ({ major, open }) => {
    const read = new Set(KINDS.flatMap((kind) => (typeof kind.query === 'function' ? kind.query(major) : kind.query).match(/\w+/g) ?? []))
    const columns = open().then(async (session) => {
      opened.push(session)
      return session.query<Column>(
        `select c.relname::text as table, a.attname::text as column
       from pg_catalog.pg_class c join pg_catalog.pg_attribute a on a.attrelid = c.oid
       where c.relnamespace = 'pg_catalog'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
       order by c.relname, a.attnum`,
      )
    })

    test('is read by a kind, or ignored for a reason', async () => {
      const unseen = (await columns).filter(({ table, column }) => reasonOf(table, column) === undefined && !read.has(column))
      expect(unseen.map(({ table, column }) => `${table}.${column}`)).toEqual([])
    })
  },
)

function reasonOf(table: string, column: string): string | undefined {
  const entry = IGNORED[table]
  return typeof entry === 'string' ? entry : entry?.[column]
}
