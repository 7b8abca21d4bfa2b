import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { formatPlan } from '../../src/plan/plan-file.js'
import { closeParser } from '../engine/source.js'
import { runServers } from '../servers/index.js'
import { ROOT } from '../servers/root.js'
import { journalOf, makePlans, type Plans, recover, settled, standing, withStart } from './plans.js'

// The process itself: killed by SIGKILL when it says which step it runs, and a little later; and ten of them at once.
const [server] = runServers()
if (!server) throw new Error('no test server runs')
/** Milliseconds after a progress line; the matrix has both. */
const DELAYS = process.env.SCHEMACTL_TEST_CUT_STRIDE === '1' ? [0, 40] : [20]

let plans: Plans
let folder = ''
beforeAll(async () => {
  plans = await makePlans(server)
  folder = mkdtempSync(join(tmpdir(), 'schemactl-apply-'))
  for (const plan of Object.values(plans)) writeFileSync(join(folder, `${plan.id}.yaml`), formatPlan(plan))
}, 180_000)
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await closeParser()
})

interface Ended {
  readonly code: number | null
  readonly stderr: string
}

/** Runs apply; kills it so many milliseconds after its progress line number `line`. */
function applyPlan(url: string, name: keyof Plans, line = Number.POSITIVE_INFINITY, delay = 0): Promise<Ended> {
  const child = spawn(
    process.execPath,
    [join(ROOT, 'bin/run.js'), 'apply', join(folder, `${plans[name].id}.yaml`), '--url', url, '--yes'],
    {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk
    if (progressLines(stderr) >= line) setTimeout(() => child.kill('SIGKILL'), delay)
  })
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stderr })))
}

function progressLines(stderr: string): number {
  return stderr.match(/^ {2}\[\d+\/\d+\] .*\n/gm)?.length ?? 0
}

test.each(['three', 'concurrent'] as const)(
  '%s, killed at every step and after it',
  (name) =>
    withStart(server, async (url, direct) => {
      const whole = await applyPlan(url, name)
      if (whole.code !== 0) throw new Error(whole.stderr)
      await recover(direct, plans[name], 'revert')
      let tried = 0
      const left = new Map<string, number>()
      for (let line = 1; line <= progressLines(whole.stderr); line++)
        for (const delay of DELAYS) {
          await applyPlan(url, name, line, delay)
          // A statement that runs on after its client was killed still holds its segment.
          await settled(direct)
          const { status, segments } = await standing(direct, plans[name])
          left.set(`${status} ${segments}`, (left.get(`${status} ${segments}`) ?? 0) + 1)
          await recover(direct, plans[name], tried % 3 === 0 ? 'revert' : 'resume')
          tried += 1
        }
      console.info(`${name}: killed at ${tried} points; left at ${[...left].map(([where, n]) => `${where}: ${n}`).join(', ')}`)
    }),
  600_000,
)

test(
  'ten at once: it runs once, and all say that all is well',
  () =>
    withStart(server, async (url, direct) => {
      const ended = await Promise.all(Array.from({ length: 10 }, () => applyPlan(url, 'three')))
      expect(ended.filter(({ code }) => code !== 0)).toEqual([])
      expect(await standing(direct, plans.three)).toEqual({ status: 'applied', segments: 3 })
      expect((await journalOf(direct, plans.three)).done.map(({ segment }) => segment)).toEqual([1, 2, 3])
    }),
  300_000,
)
