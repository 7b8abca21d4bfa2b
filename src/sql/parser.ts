import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { Analysis } from './analysis.js'
import type { Fragment } from './fragment.js'
import type { Refusal } from './outcome.js'
import type { Script } from './script.js'

/** Analyses texts one after the other, in a thread that is ended and replaced when it hangs. `close` it, or it holds memory. */
export interface Parser {
  analyse(sql: string): Promise<Analysis>
  /** What is wrong with each fragment: null where it stays within its slot. */
  check(fragments: readonly Fragment[]): Promise<readonly (Refusal | null)[]>
  /** Takes a script apart that is to be run as it stands. */
  script(sql: string): Promise<Script>
  close(): Promise<void>
}

export interface ParserOptions {
  /** Milliseconds that a text may take, to which 10 s per MB are added. Default 10,000. */
  readonly timeLimit?: number
}

export type Job =
  | { readonly sql: string; readonly hanging: readonly number[] }
  | { readonly fragments: readonly Fragment[] }
  | { readonly script: string }
export type Result =
  | { readonly analysis: Analysis }
  | { readonly checked: readonly (Refusal | null)[] }
  | { readonly script: Script }
  | { readonly failure: string }
export type Request = Job & { readonly id: number }
export type Answer = Result & { readonly id: number }

export function startParser({ timeLimit = 10_000 }: ParserOptions = {}): Parser {
  let running: RunningWorker | undefined
  let queue: Promise<unknown> = Promise.resolve()

  async function ask(sql: string, hanging: readonly number[]): Promise<Analysis> {
    running ??= startWorker()
    const limit = timeLimit + sql.length / 100
    const answer = await running.ask({ sql, hanging }, limit)
    if (typeof answer === 'object' && 'analysis' in answer) return answer.analysis
    const ordinal = running.progress[0] ?? UNKNOWN
    await end()
    return retry(sql, hanging, ordinal, typeof answer === 'string' ? answer : 'crash')
  }

  async function checkAll(fragments: readonly Fragment[]): Promise<readonly (Refusal | null)[]> {
    if (fragments.length === 0) return []
    running ??= startWorker()
    const answer = await running.ask({ fragments }, timeLimit + fragments.length)
    if (typeof answer === 'object' && 'checked' in answer) return answer.checked
    await end()
    return fragments.map(() => ({ message: 'takes too long to be parsed', position: 0 }))
  }

  async function takeApart(sql: string): Promise<Script> {
    running ??= startWorker()
    const answer = await running.ask({ script: sql }, timeLimit + sql.length / 100)
    if (typeof answer === 'object' && 'script' in answer) return answer.script
    await end()
    return { problem: 'it takes too long to be parsed', place: { line: 1, column: 1 } }
  }

  async function end(): Promise<void> {
    const ended = running
    running = undefined
    await ended?.worker.terminate()
  }

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = queue.then(work)
    queue = result.catch(() => undefined)
    return result
  }

  // The second time the text goes statement by statement, the third time without the statement that hangs, and so on.
  function retry(sql: string, hanging: readonly number[], ordinal: number, reason: Failure): Promise<Analysis> | Analysis {
    if (hanging.length === 0) return ask(sql, [UNKNOWN])
    if (ordinal !== UNKNOWN && hanging.length < MOST_HANGING && !hanging.includes(ordinal)) return ask(sql, [...hanging, ordinal])
    const message = reason === 'timeout' ? 'the file takes too long to be parsed' : 'the file cannot be parsed: the parser gave up'
    return { statements: [], count: 0, problems: [{ line: 1, column: 1, severity: 'error', message, hint: 'split it into smaller files' }] }
  }

  return {
    analyse: (sql) => inTurn(() => ask(sql, [])),
    check: (fragments) => inTurn(() => checkAll(fragments)),
    script: (sql) => inTurn(() => takeApart(sql)),
    close: end,
  }
}

type Failure = 'timeout' | 'crash'

const UNKNOWN = -1
const MOST_HANGING = 4

interface RunningWorker {
  readonly worker: Worker
  /** One number: the statement at work. */
  readonly progress: Int32Array
  ask(job: Job, limit: number): Promise<Exclude<Result, { failure: string }> | Failure>
}

function startWorker(): RunningWorker {
  const progress = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(findWorker(), { workerData: { progress }, execArgv: [] })
  worker.unref()
  let lastId = 0
  return {
    worker,
    progress,
    ask: (job, limit) =>
      new Promise((resolve, reject) => {
        const id = ++lastId
        progress[0] = UNKNOWN
        const timer = setTimeout(() => settle(() => resolve('timeout')), limit)
        const settle = (then: () => void) => {
          clearTimeout(timer)
          worker.unref()
          worker.off('message', answered).off('error', crashed).off('exit', crashed)
          then()
        }
        const answered = (answer: Answer) =>
          settle(() => {
            if ('failure' in answer) reject(new Error(`the parser's worker failed: ${answer.failure}`))
            else resolve(answer)
          })
        const crashed = () => settle(() => resolve('crash'))
        worker.on('message', answered).on('error', crashed).on('exit', crashed)
        worker.ref()
        worker.postMessage({ ...job, id } satisfies Request)
      }),
  }
}

// Bundled, the worker lies next to this code; under jest this is src/sql/parser.ts, and the build has put it into dist/.
function findWorker(): URL {
  const candidates = ['./parse.worker.js', '../parse.worker.js', '../../dist/parse.worker.js'].map((path) => new URL(path, import.meta.url))
  const found = candidates.find((url) => existsSync(fileURLToPath(url)))
  if (!found) throw new Error(`the parser's worker is missing: run the build (looked for ${candidates.map(String).join(', ')})`)
  return found
}
