import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { apply, type Running } from '../../src/apply/apply.js'
import { openJournal } from '../../src/apply/journal.js'
import { connect } from '../../src/postgres/connect.js'
import type { Session } from '../../src/postgres/session.js'
import { closeParser } from '../engine/source.js'
import { query, runServers } from '../servers/index.js'
import { journalOf, makePlans, type Plans, recover, standing, withStart } from './plans.js'

// Other sessions are at work: more runners, holders of locks, writers.
const [server] = runServers()
if (!server) throw new Error('no test server runs')

let plans: Plans
beforeAll(async () => {
  plans = await makePlans(server)
}, 180_000)
afterAll(closeParser)

const opener = (url: string) => () => connect({ kind: 'url', url })

async function run(session: Session, name: keyof Plans, running: Running = {}): Promise<string[]> {
  const said: string[] = []
  await apply(session, await openJournal(session, 'object'), plans[name], ({ title }) => said.push(title), running)
  return said
}

async function withSession<T>(url: string, work: (session: Session) => Promise<T>): Promise<T> {
  const session = await opener(url)()
  try {
    return await work(session)
  } finally {
    await session.close()
  }
}

test.each([10])(
  '%i runners behind a pooler, where no lock of a session holds: each segment is done once',
  (runners) =>
    withStart(server, async (url, direct) => {
      await openJournal(direct, 'tables')
      await Promise.all(
        Array.from({ length: runners }, () =>
          withSession(url, (session) => run({ ...session, processId: session.processId + 1_000_000 }, 'three')),
        ),
      )
      expect(await standing(direct, plans.three)).toEqual({ status: 'applied', segments: 3 })
      expect((await journalOf(direct, plans.three)).done.map(({ segment }) => segment)).toEqual([1, 2, 3])
      await recover(direct, plans.three, 'revert')
    }),
  120_000,
)

test(
  'a lock that another session holds: tried again until it is free',
  () =>
    withStart(server, (url, direct) =>
      withSession(url, async (holder) => {
        await holder.execute('begin; lock table ticket in share mode')
        setTimeout(() => void holder.execute('commit'), 2500)
        const said = await run(direct, 'three', { lockTimeout: 200, tries: 8 })
        const again = said.filter((text) => text.includes('55P03'))
        console.info(`tried again ${again.length} times: ${again.join('; ')}`)
        expect(again.length).toBeGreaterThan(0)
        expect(await standing(direct, plans.three)).toEqual({ status: 'applied', segments: 3 })
      }),
    ),
  120_000,
)

test(
  'a lock that is never free: gives up, and nothing of the segment stands',
  () =>
    withStart(server, (url, direct) =>
      withSession(url, async (holder) => {
        await holder.execute('begin; lock table ticket in share mode')
        await expect(run(direct, 'three', { lockTimeout: 100, tries: 2 })).rejects.toMatchObject({
          code: 'step-failed',
          cause: { code: '55P03' },
        })
        expect(await standing(direct, plans.three)).toEqual({ status: 'applying', segments: 1 })
        await holder.execute('commit')
        await recover(direct, plans.three, 'resume')
      }),
    ),
  120_000,
)

test(
  'writers go on meanwhile',
  () =>
    withStart(server, (url, direct) =>
      withSession(url, async (writer) => {
        let over = false
        let written = 0
        let longest = 0
        const writing = (async () => {
          while (!over) {
            const began = Date.now()
            await writer.query(`insert into ticket (title) values ('written')`)
            longest = Math.max(longest, Date.now() - began)
            written += 1
          }
        })()
        await run(direct, 'three').finally(() => {
          over = true
        })
        await writing
        console.info(`${written} rows were written meanwhile; the longest write took ${longest} ms`)
        expect(await standing(direct, plans.three)).toEqual({ status: 'applied', segments: 3 })
        expect(await query(url, `select count(*)::int as n from ticket where title = 'written'`)).toEqual([{ n: written }])
      }),
    ),
  120_000,
)

test(
  'outside of transactions: a wait that takes too long is cancelled, and it resumes',
  () =>
    withStart(server, (url, direct) =>
      withSession(url, async (holder) => {
        const blocked = blockOnceBegun(holder)
        await expect(run(direct, 'concurrent', { waitLimit: 1000, lockTimeout: 500, reconnect: opener(url) })).rejects.toMatchObject({
          code: 'waited-too-long',
        })
        await blocked
        expect(await standing(direct, plans.concurrent)).toEqual({ status: 'applying', segments: 2 })
        await holder.execute('rollback')
        await recover(direct, plans.concurrent, 'resume')
        expect(await direct.query('select from pg_index where not indisvalid')).toEqual([])
      }),
    ),
  120_000,
)

test.each(['resume', 'revert'] as const)(
  'outside of transactions: the server process is killed, %s finds its INVALID index',
  (way) =>
    withStart(server, (url, direct) =>
      withSession(url, async (holder) => {
        const failed = withSession(url, async (session) => {
          const blocked = blockOnceBegun(holder)
          const running = run(session, 'concurrent').catch((error: unknown) => error)
          await blocked
          await until(async () => (await direct.query('select from pg_index where not indisvalid')).length > 0)
          await direct.query('select pg_terminate_backend($1)', [session.processId])
          return running
        })
        expect(await failed).toMatchObject({ code: 'connection-lost' })
        expect(await direct.query('select from pg_index where not indisvalid')).toHaveLength(1)
        await holder.execute('rollback')
        await recover(direct, plans.concurrent, way)
        expect(await direct.query('select from pg_index where not indisvalid')).toEqual([])
      }),
    ),
  120_000,
)

/** Writes to the table and stays, from the moment that the index is next: CREATE INDEX CONCURRENTLY waits for that. */
async function blockOnceBegun(holder: Session): Promise<void> {
  await until(async () => {
    const rows = await holder.query<{ done: boolean }>(
      `select to_regclass('ticket') is not null and exists (select from pg_attribute where attrelid = to_regclass('ticket') and attname = 'priority') as done`,
    )
    return rows[0]?.done === true
  })
  await holder.execute(`begin; insert into ticket (title) values ('in the way')`)
}

async function until(reached: () => Promise<boolean>): Promise<void> {
  while (!(await reached())) await new Promise((resolve) => setTimeout(resolve, 5))
}
