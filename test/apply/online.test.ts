import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { apply, type Running, revert } from '../../src/apply/apply.js'
import { openJournal } from '../../src/apply/journal.js'
import type { Plan } from '../../src/plan/plan.js'
import { connect } from '../../src/postgres/connect.js'
import type { Session } from '../../src/postgres/session.js'
import { build, type Dump, dumpOf, expectSameDump, withDatabase } from '../engine/database.js'
import { planFor } from '../engine/round-trip.js'
import { closeParser, sourceOf } from '../engine/source.js'
import { query, runServers } from '../servers/index.js'

// What runs outside of transactions, cut off after each of its statements, on its way up and down.
const [server] = runServers()
if (!server) throw new Error('no test server runs')

const BEFORE = `
create table account (id int primary key);
create table entry (id int, account int, amount int not null, constraint state check (amount <> 7));
create index entry_amount on entry (amount);
create index entry_gone on entry (account);`

const AFTER = `
create table account (id int primary key);
create table entry (id int not null, account int, amount int not null,
  constraint state check (amount <> 8),
  primary key (id),
  constraint entry_account foreign key (account) references account);
create unique index entry_amount on entry (amount);`

const ROWS = `insert into account select generate_series(1, 9); insert into entry select i, i, i * 100 from generate_series(1, 9) i`

let plan: Plan
let before: Dump
let after: Dump
beforeAll(async () => {
  const source = await sourceOf({ 'after.sql': AFTER })
  await withStart(async (session, url) => {
    before = await dumpOf(url)
    const made = await planFor({ server, shadow: 'server' }, session, { source, online: 'always' })
    if (made === null) throw new Error('there is nothing to plan')
    plan = made
  })
  await withDatabase(server, async (url, session) => {
    await build(session, AFTER, source)
    after = await dumpOf(url)
  })
}, 120_000)
afterAll(closeParser)

async function withStart(work: (session: Session, url: string) => Promise<void>): Promise<void> {
  const source = await sourceOf({ 'before.sql': BEFORE })
  await withDatabase(server as { url: string }, async (url, session) => {
    await build(session, BEFORE, source)
    await session.execute(ROWS)
    await work(session, url)
  })
}

/** On a connection of its own, which is lost once the server has run this statement. */
async function runCut(way: typeof apply, url: string, last: string): Promise<void> {
  const session = await connect({ kind: 'url', url })
  const execute = async (text: string) => {
    await session.execute(text)
    if (text === last) throw Object.assign(new Error('the connection is gone'), { code: '08006' })
  }
  try {
    await expect(run(way, { ...session, execute })).rejects.toMatchObject({ code: 'connection-lost' })
  } finally {
    await session.close()
  }
}

const run = async (way: typeof apply, session: Session, running: Running = {}) =>
  way(session, await openJournal(session, 'object'), plan, () => undefined, running)

const leftOvers = (url: string) =>
  query(
    url,
    `select indexrelid::regclass from pg_index where not indisvalid union all select oid::regclass from pg_class where relname ~ '__(new|old)$'`,
  )

test('cut off after every statement, apply and revert go on and leave nothing behind', async () => {
  await withStart(async (session, url) => {
    const up = plan.segments.flatMap(({ steps }) => steps.flatMap((step) => step.up))
    for (const statement of up) await runCut(apply, url, statement)
    await run(apply, session)
    await expectSameDump(server, await dumpOf(url), after, 'applied in pieces')
    const down = [...plan.segments].reverse().flatMap(({ steps }) => [...steps].reverse().flatMap((step) => step.down))
    for (const statement of down) await runCut(revert, url, statement)
    await run(revert, session)
    await expectSameDump(server, await dumpOf(url), before, 'reverted in pieces')
    expect(await leftOvers(url)).toEqual([])
    console.info(`cut off ${up.length} times on the way up, ${down.length} times on the way down`)
  })
}, 120_000)

test('half applied, it is taken back from within every segment', async () => {
  await withStart(async (session, url) => {
    for (const [i, { transactional, steps }] of plan.segments.entries()) {
      if (transactional) continue
      await runCut(apply, url, steps[0]?.up[0] ?? '')
      await run(revert, session)
      await expectSameDump(server, await dumpOf(url), before, `taken back from segment ${i + 1}`)
    }
    expect(await leftOvers(url)).toEqual([])
  })
}, 120_000)

test('rows that the new state refuses: told, cleared up, and mended it goes on', async () => {
  await withStart(async (session, url) => {
    await session.execute('insert into entry values (1, null, 5000)')
    await expect(run(apply, session)).rejects.toMatchObject({ code: 'step-failed', message: expect.stringContaining('entry_pkey') })
    expect(await leftOvers(url)).toEqual([])
    await session.execute('delete from entry where account is null')
    await run(apply, session)
    await expectSameDump(server, await dumpOf(url), after, 'mended and applied')
  })
}, 120_000)

test('a reader that does not end holds up the plan, and nobody behind it', async () => {
  await withStart(async (session, url) => {
    let longest = 0
    await withSecond(url, async (reader, writer) => {
      await reader.execute('begin; select from entry')
      const release = setTimeout(() => void reader.execute('commit'), 1500)
      let over = false
      const writing = (async () => {
        for (let i = 100; !over; i++) {
          const began = Date.now()
          await writer.execute(`insert into entry values (${i}, 1, ${i * 1000})`)
          longest = Math.max(longest, Date.now() - began)
        }
      })()
      await run(apply, session, { lockTimeout: 100, tries: 20 }).finally(() => {
        over = true
        clearTimeout(release)
      })
      await writing
    })
    await expectSameDump(server, await dumpOf(url), after, 'applied beside a reader')
    console.info(`the longest write took ${longest} ms`)
    expect(longest).toBeLessThan(1000)
  })
}, 120_000)

async function withSecond(url: string, work: (reader: Session, writer: Session) => Promise<void>): Promise<void> {
  const sessions = await Promise.all([connect({ kind: 'url', url }), connect({ kind: 'url', url })])
  try {
    await work(...sessions)
  } finally {
    await Promise.all(sessions.map((session) => session.close()))
  }
}
