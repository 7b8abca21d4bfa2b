import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { apply } from '../../src/apply/apply.js'
import { openJournal } from '../../src/apply/journal.js'
import { connect } from '../../src/postgres/connect.js'
import type { Session } from '../../src/postgres/session.js'
import { closeParser } from '../engine/source.js'
import { runServers } from '../servers/index.js'
import { journalOf, makePlans, type Plans, recover, settled, standing, withStart } from './plans.js'
import { type Line, startProxy } from './proxy.js'

// The line to the server is cut at every question that apply asks: before it arrives, and after, so that nobody hears the answer.
const [server] = runServers()
if (!server) throw new Error('no test server runs')
/** Every so many questions; 1 tries them all, as `npm run test:matrix` does. */
const STRIDE = Number(process.env.SCHEMACTL_TEST_CUT_STRIDE ?? 17)

let plans: Plans
beforeAll(async () => {
  plans = await makePlans(server)
}, 180_000)
afterAll(closeParser)

async function withProxy<T>(url: string, work: (proxy: Line) => Promise<T>): Promise<T> {
  const proxy = await startProxy(url)
  try {
    return await work(proxy)
  } finally {
    await proxy.close()
  }
}

async function applyThrough(proxy: Line, name: keyof Plans, reconnect: boolean): Promise<unknown> {
  const through = () => connect({ kind: 'url', url: proxy.url })
  let session: Session | undefined
  try {
    session = await through()
    await apply(session, await openJournal(session, 'object'), plans[name], () => undefined, reconnect ? { reconnect: through } : {})
    return null
  } catch (error) {
    return error
  } finally {
    void session?.close().catch(() => undefined)
  }
}

async function questions(proxy: Line, direct: Session, name: keyof Plans): Promise<number> {
  proxy.cut(Number.POSITIVE_INFINITY, 'question')
  expect(await applyThrough(proxy, name, false)).toBeNull()
  await recover(direct, plans[name], 'revert')
  return proxy.asked()
}

test.each(['three', 'concurrent'] as const)(
  '%s, cut anywhere: at a boundary that the journal knows; resume and revert both work',
  (name) =>
    withStart(server, (url, direct) =>
      withProxy(url, async (proxy) => {
        const total = await questions(proxy, direct, name)
        let tried = 0
        const left = new Map<string, number>()
        for (let i = 1; i <= total; i += STRIDE)
          for (const lose of ['question', 'answer'] as const) {
            proxy.cut(i, lose)
            await applyThrough(proxy, name, false)
            await settled(direct)
            const { status, segments } = await standing(direct, plans[name])
            left.set(`${status} ${segments}`, (left.get(`${status} ${segments}`) ?? 0) + 1)
            await recover(direct, plans[name], (i + tried) % 2 === 0 ? 'resume' : 'revert')
            tried += 1
          }
        console.info(
          `${name}: cut at ${tried} of ${2 * total} points; left at ${[...left].map(([where, n]) => `${where}: ${n}`).join(', ')}`,
        )
      }),
    ),
  1_800_000,
)

test(
  'three, cut anywhere with a way to reconnect: arrives, each segment done once',
  () =>
    withStart(server, (url, direct) =>
      withProxy(url, async (proxy) => {
        const total = await questions(proxy, direct, 'three')
        let tried = 0
        // Before the first segment there is nothing to come back to.
        for (let i = 8; i < total; i += STRIDE)
          for (const lose of ['question', 'answer'] as const) {
            const before = (await journalOf(direct, plans.three)).done.length
            proxy.cut(i, lose)
            const error = await applyThrough(proxy, 'three', true)
            if (error !== null) throw new Error(`cut at ${i} (${lose})`, { cause: error })
            expect(await standing(direct, plans.three)).toEqual({ status: 'applied', segments: 3 })
            expect((await journalOf(direct, plans.three)).done.length - before).toBe(3)
            await recover(direct, plans.three, 'revert')
            tried += 1
          }
        console.info(`reconnected at ${tried} of ${2 * (total - 8)} points`)
      }),
    ),
  1_800_000,
)
