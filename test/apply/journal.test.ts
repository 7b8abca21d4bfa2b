import { expect, test } from '@jest/globals'
import { openJournal } from '../../src/apply/journal.js'
import { connect } from '../../src/postgres/connect.js'
import { withDatabase } from '../engine/database.js'
import { runServers } from '../servers/index.js'

const [server] = runServers()
if (server === undefined) throw new Error('no server')

test.each(['tables', 'object'] as const)('a journal kept as %s is read while another runner writes it', async (keeping) => {
  await withDatabase(server, async (url, session) => {
    const journal = await openJournal(session, keeping)
    await journal.note('first', 'apply', 0, 'started', null)
    const other = await connect({ kind: 'url', url })
    try {
      const reader = await openJournal(other, 'read')
      await journal.note('first', 'apply', 0, 'done', 1)
      expect((await reader.events()).map(({ outcome }) => outcome)).toEqual(['started', 'done'])
    } finally {
      await other.close()
    }
  })
})
