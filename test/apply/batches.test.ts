import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, test } from '@jest/globals'
import { apply, revert } from '../../src/apply/apply.js'
import { openJournal } from '../../src/apply/journal.js'
import { codeOf } from '../../src/errors.js'
import { parseDraft } from '../../src/plan/draft.js'
import type { Plan } from '../../src/plan/plan.js'
import { formatPlan } from '../../src/plan/plan-file.js'
import type { Session } from '../../src/postgres/session.js'
import { withDatabase } from '../engine/database.js'
import { type Lane, planFor } from '../engine/round-trip.js'
import { closeParser, sourceOf } from '../engine/source.js'
import { runServers } from '../servers/index.js'
import { ROOT } from '../servers/root.js'
import { settled } from './plans.js'

// Rows in batches, each committed by itself: killed in between, gone on with, and taken back.
const [server] = runServers()
if (!server) throw new Error('no test server runs')
const lane: Lane = { server, shadow: 'server' }

const folder = mkdtempSync(join(tmpdir(), 'schemactl-batches-'))
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await closeParser()
})

const START = `create table doc (id int primary key, title text not null);
insert into doc select i, 'T' || i from generate_series(1, 10000) as i;`
const WANTED = 'create table doc (id int primary key, title text not null, slug text not null);'
/** It takes a while, so that it can be killed. */
const FILL = `title: slugs
steps:
  - title: fill slugs
    batch: 1000
    up: |
      update doc set slug = lower(title)
      where id in (select id from doc where slug is null limit $1) and (select true from pg_sleep(0.05));
    down: update doc set slug = null where id in (select id from doc where slug is not null limit $1);
`

async function filled(session: Session): Promise<number> {
  const rows = await session.query<{ n: number }>('select count(slug)::int as n from doc')
  return rows[0]?.n ?? 0
}

function withPlan(work: (session: Session, plan: Plan, url: string) => Promise<void>): Promise<void> {
  return withDatabase(server as { readonly url: string }, async (url, session) => {
    await session.execute(START)
    const plan = await planFor(lane, session, { source: await sourceOf({ 'schema.sql': WANTED }), draft: await parseDraft(FILL, 'draft') })
    if (plan === null) throw new Error('there is nothing to plan')
    await work(session, plan, url)
  })
}

/** Runs apply in a process, and kills it between batches. */
async function killedAfter(rows: number, session: Session, plan: Plan, url: string): Promise<void> {
  const file = join(folder, `${plan.id}.yaml`)
  writeFileSync(file, formatPlan(plan))
  const child = spawn(process.execPath, [join(ROOT, 'bin/run.js'), 'apply', file, '--url', url, '--yes'], { cwd: folder, stdio: 'ignore' })
  const ended = new Promise((resolve) => child.once('close', resolve))
  while (child.exitCode === null && (await filled(session).catch(() => 0)) < rows) await sleep(5)
  child.kill('SIGKILL')
  await ended
  await settled(session)
}

test('segments: the column, its rows in batches, and NOT NULL; each batch is told', () =>
  withPlan(async (session, plan) => {
    expect(plan.segments.map(({ transactional, steps }) => [transactional, steps.map(({ title }) => title)])).toEqual([
      [true, ['create column public.doc.slug']],
      [false, ['fill slugs']],
      [true, ['alter column public.doc.slug: notNull false → true']],
    ])
    const told: number[] = []
    await apply(session, await openJournal(session, 'object'), plan, ({ changed }) => changed !== undefined && told.push(changed))
    expect(told).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((n) => n * 1000))
  }))

test('killed between batches, it goes on with the rows that are left', () =>
  withPlan(async (session, plan, url) => {
    await killedAfter(3000, session, plan, url)
    const left = await filled(session)
    expect([left % 1000, left < 10_000]).toEqual([0, true])
    const journal = await openJournal(session, 'object')
    expect(await journal.entries()).toMatchObject([{ status: 'applying', segmentsDone: 1 }])
    await apply(session, journal, plan, () => undefined)
    expect(await filled(session)).toBe(10_000)
  }))

test('killed between batches, it is taken back whole', () =>
  withPlan(async (session, plan, url) => {
    await session.execute('create table kept as select * from doc')
    await killedAfter(2000, session, plan, url)
    const told: number[] = []
    await revert(session, await openJournal(session, 'object'), plan, ({ changed }) => changed !== undefined && told.push(changed))
    expect(told.at(-1)).toBeGreaterThanOrEqual(2000)
    expect(await session.query('select * from doc except select * from kept')).toEqual([])
    await session.execute('drop table kept')
  }))

test('a batch that always finds rows is an error, and so is a row that it leaves behind', () =>
  withDatabase(server, async (_url, session) => {
    await session.execute(START)
    const source = await sourceOf({ 'schema.sql': WANTED })
    const endless = FILL.replace('where slug is null limit', 'limit')
    const failed = planFor(lane, session, { source, draft: await parseDraft(endless, 'draft') }).catch(codeOf)
    expect(await failed).toBe('endless-batches')
    const short = FILL.replace('where slug is null limit', `where slug is null and title <> 'T7' limit`)
    const plan = await planFor(lane, session, { source, draft: await parseDraft(short, 'draft') })
    if (plan === null) throw new Error('there is nothing to plan')
    const running = apply(session, await openJournal(session, 'object'), plan, () => undefined)
    await expect(running).rejects.toMatchObject({ code: 'rows-in-the-way', message: expect.stringContaining('id 7') })
  }))
