import { parentPort, workerData } from 'node:worker_threads'
import { analyse } from './analysis.js'
import { checkFragment } from './fragment.js'
import type { Answer, Job, Request, Result } from './parser.js'
import { readScript } from './script.js'

// The parser's own thread: one job at a time, since the parser cannot be interrupted and may never come back.
const progress: Int32Array = workerData.progress

parentPort?.on('message', async (request: Request) => {
  parentPort?.postMessage({ ...(await run(request)), id: request.id } satisfies Answer)
})

async function run(job: Job): Promise<Result> {
  try {
    if ('fragments' in job) return { checked: await Promise.all(job.fragments.map(checkFragment)) }
    if ('script' in job) return { script: await readScript(job.script) }
    return { analysis: await analyse(job.sql, { hanging: job.hanging, start: (ordinal) => Atomics.store(progress, 0, ordinal) }) }
  } catch (cause) {
    return { failure: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause) }
  }
}
