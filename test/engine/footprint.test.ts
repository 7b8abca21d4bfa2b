import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { apply, revert } from '../../src/apply/apply.js'
import { openJournal } from '../../src/apply/journal.js'
import { formatPlan, parsePlan } from '../../src/plan/plan-file.js'
import { planChanges } from '../../src/plan/stage.js'
import { connect } from '../../src/postgres/connect.js'
import { embeddedShadow } from '../../src/postgres/shadow.js'
import { createDatabase, dropDatabase, query, runServers, startServer, type TestServer } from '../servers/index.js'
import { closeParser, sourceOf } from './source.js'

// One plan file, made once on the embedded shadow, must fit every database that is as the first one was, and no other. The
// expressions are those that PostgreSQL prints by its settings.
const BEFORE = `
create type state as enum ('draft', 'final');
create table document (
  id int primary key, title varchar(20) not null, state state not null default 'draft',
  made timestamptz not null default '2020-01-01 12:00:00+00', kept interval default '1 day 2 hours',
  constraint recent check (made > '2000-06-01 00:00:00+00'), constraint known check (title in ('a', 'b')));
create view titles as select id, title from document where made > '2010-06-01 00:00:00+00';`
const AFTER = BEFORE.replace('varchar(20)', 'text')
  .replace(`'draft', 'final'`, `'draft', 'open', 'final'`)
  .replace(`default 'draft'`, `default 'open'`)

const MAJORS = [16, 17, 18]
const ROLES = [
  { role: 'postgres', zone: 'America/Caracas' },
  { role: 'footprint_deployer', zone: 'Asia/Kathmandu' },
]

const started: TestServer[] = []
const urls = new Map<number, string>()
let planText = ''

beforeAll(async () => {
  for (const major of MAJORS) {
    const running = runServers().find((server) => server.major === major)
    const server = running ?? (await startServer(major))
    if (!running) started.push(server as TestServer)
    urls.set(major, server.url)
  }
  planText = await withPlanningDatabase(makePlanFile)
}, 120_000)

afterAll(async () => {
  await closeParser()
  await Promise.all(started.map((server) => server.stop()))
})

describe.each(MAJORS.flatMap((major) => ROLES.map(({ role, zone }) => ({ major, role, zone }))))(
  'on $major as $role in $zone',
  ({ major, role, zone }) => {
    test('the plan applies and reverts', () =>
      withTarget(major, role, zone, async (url) => {
        const plan = parsePlan(planText, 'the plan')
        const session = await connect({ kind: 'url', url })
        try {
          await apply(session, await openJournal(session, 'object'), plan, () => undefined)
          expect(await query(url, `select state::text, count(*)::int as n from document group by 1`)).toEqual([{ state: 'draft', n: 1 }])
          await revert(session, await openJournal(session, 'object'), plan, () => undefined)
          await apply(session, await openJournal(session, 'object'), plan, () => undefined)
        } finally {
          await session.close()
        }
      }))
  },
)

test('a column altered by hand makes apply refuse, and nothing is changed', () =>
  withTarget(17, 'postgres', 'UTC', async (url) => {
    await query(url, 'alter table document alter column title drop not null')
    const session = await connect({ kind: 'url', url })
    try {
      const journal = await openJournal(session, 'object')
      await expect(apply(session, journal, parsePlan(planText, 'the plan'), () => undefined)).rejects.toMatchObject({
        code: 'footprint',
        message: expect.stringContaining('column public.document.title'),
      })
      expect(await query(url, `select enumlabel::text as label from pg_enum order by enumsortorder`)).toEqual([
        { label: 'draft' },
        { label: 'final' },
      ])
    } finally {
      await session.close()
    }
  }))

test('an index that somebody added elsewhere does not', () =>
  withTarget(17, 'postgres', 'UTC', async (url) => {
    await query(url, 'create index somebodys on document (made)')
    const session = await connect({ kind: 'url', url })
    try {
      await apply(session, await openJournal(session, 'object'), parsePlan(planText, 'the plan'), () => undefined)
    } finally {
      await session.close()
    }
  }))

async function withPlanningDatabase<T>(work: (url: string) => Promise<T>): Promise<T> {
  return withTarget(17, 'postgres', 'UTC', work)
}

async function makePlanFile(url: string): Promise<string> {
  const live = await connect({ kind: 'url', url }, { readOnly: true })
  try {
    const { plan } = await planChanges({
      live,
      source: await sourceOf({ 'schema.sql': AFTER }),
      shadow: () => embeddedShadow('postgres'),
      title: 'retype a title',
      searchPath: ['public'],
      schemas: null,
      manage: [],
      ignore: [],
      allow: [],
      parent: null,
      formerly: new Set(),
    })
    if (plan === null) throw new Error('there is nothing to plan')
    return formatPlan(plan)
  } finally {
    await live.close()
  }
}

/** A database in the first state with a row in it, owned by the role, which lives in the time zone. */
async function withTarget<T>(major: number, role: string, zone: string, work: (url: string) => Promise<T>): Promise<T> {
  const server = urls.get(major) ?? ''
  await query(server, `do $$ begin create role footprint_deployer login; exception when duplicate_object or unique_violation then end $$`)
  const admin = await createDatabase(server)
  const name = new URL(admin).pathname.slice(1)
  try {
    await query(
      admin,
      `alter database "${name}" owner to ${role}; alter database "${name}" set timezone = '${zone}'; alter schema public owner to ${role}`,
    )
    const own = new URL(admin)
    own.username = role
    await query(own.href, `${BEFORE} insert into document (id, title) values (1, 'a')`)
    return await work(own.href)
  } finally {
    await dropDatabase(admin)
  }
}
