import { expect, test } from '@jest/globals'
import { UserError } from '../../src/errors.js'
import { runSegment } from '../../src/plan/run-steps.js'
import { runServers } from '../servers/index.js'
import { withDatabase } from './database.js'

const [server] = runServers()
if (server === undefined) throw new Error('no server')

/** What PostgreSQL says when a transaction holds more locks than its table has room for: a thousand tables are enough by default. */
const FULL = `do $$ begin
  raise 'out of shared memory' using errcode = 'out_of_memory', hint = 'You might need to increase "max_locks_per_transaction".';
end $$`

test.each([true, false])('a server at its limits says nothing of the plan (in a transaction: %s)', async (transactional) => {
  await withDatabase(server, async (_, session) => {
    const error: unknown = await runSegment(session, [{ title: 'drop table public.t', sql: [FULL] }], transactional).catch((it) => it)
    if (!(error instanceof UserError)) throw error
    expect(error.code).toBe('out-of-resources')
    expect(error.message).toContain('came to no end. PostgreSQL refused “drop table public.t”: out of shared memory')
    expect(error.next).toMatch(/^Raise max_locks_per_transaction of .*--shadow/)
    await expect(session.query('select 1 as one')).resolves.toEqual([{ one: 1 }])
  })
})
