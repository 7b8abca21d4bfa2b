import {existsSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {Worker} from 'node:worker_threads'
import type {Analysis} from './analysis.js'

/** Analyses texts one after the other, in a thread that is ended and replaced when it hangs. `close` it, or it holds memory. */
export interface Parser {
  analyse(sql: string): Promise<Analysis>
  close(): Promise<void>
}

export interface ParserOptions {
  /** Milliseconds that a text may take, to which 10 s per MB are added. Default 10,000. */
  readonly timeLimit?: number
}

export interface Request {
  readonly id: number
  readonly sql: string
  readonly hanging: readonly number[]
}

export type Answer = {readonly id: number, readonly analysis: Analysis} | {readonly id: number, readonly failure: string}

export function startParser({timeLimit = 10_000}: ParserOptions = {}): Parser {
  let running: RunningWorker | undefined
  let queue: Promise<unknown> = Promise.resolve()

  async function ask(sql: string, hanging: readonly number[]): Promise<Analysis> {
    running ??= startWorker()
    const limit = timeLimit + sql.length / 100
    const answer = await running.ask(sql, hanging, limit)
    if (typeof answer === 'object') return answer
    const ordinal = running.progress[0] ?? UNKNOWN
    const crashed = running
    running = undefined
    await crashed.worker.terminate()
    return retry(sql, hanging, ordinal, answer)
  }

  // The second time the text goes statement by statement, the third time without the statement that hangs, and so on.
  function retry(sql: string, hanging: readonly number[], ordinal: number, reason: Failure): Promise<Analysis> | Analysis {
    if (hanging.length === 0) return ask(sql, [UNKNOWN])
    if (ordinal !== UNKNOWN && hanging.length < MOST_HANGING && !hanging.includes(ordinal)) return ask(sql, [...hanging, ordinal])
    const message = reason === 'timeout' ? 'the file takes too long to be parsed' : 'the file cannot be parsed: the parser gave up'
    return {statements: [], problems: [{line: 1, column: 1, severity: 'error', message, hint: 'split it into smaller files'}]}
  }

  return {
    analyse(sql) {
      const result = queue.then(() => ask(sql, []))
      queue = result.catch(() => undefined)
      return result
    },
    async close() {
      await running?.worker.terminate()
      running = undefined
    },
  }
}

type Failure = 'timeout' | 'crash'

const UNKNOWN = -1
const MOST_HANGING = 4

interface RunningWorker {
  readonly worker: Worker
  /** One number: the statement at work. */
  readonly progress: Int32Array
  ask(sql: string, hanging: readonly number[], limit: number): Promise<Analysis | Failure>
}

function startWorker(): RunningWorker {
  const progress = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(findWorker(), {workerData: {progress}, execArgv: []})
  worker.unref()
  let lastId = 0
  return {
    worker,
    progress,
    ask: (sql, hanging, limit) => new Promise((resolve, reject) => {
      const id = ++lastId
      progress[0] = UNKNOWN
      const timer = setTimeout(() => settle(() => resolve('timeout')), limit)
      const settle = (then: () => void) => {
        clearTimeout(timer)
        worker.unref()
        worker.off('message', answered).off('error', crashed).off('exit', crashed)
        then()
      }
      const answered = (answer: Answer) => settle(() => {
        if ('analysis' in answer) resolve(answer.analysis)
        else reject(new Error(`the parser's worker failed: ${answer.failure}`))
      })
      const crashed = () => settle(() => resolve('crash'))
      worker.on('message', answered).on('error', crashed).on('exit', crashed)
      worker.ref()
      worker.postMessage({id, sql, hanging} satisfies Request)
    }),
  }
}

// Bundled, the worker lies next to this code; under jest this is src/sql/parser.ts, and the build has put it into dist/.
function findWorker(): URL {
  const candidates = ['./parse.worker.js', '../parse.worker.js', '../../dist/parse.worker.js'].map(path => new URL(path, import.meta.url))
  const found = candidates.find(url => existsSync(fileURLToPath(url)))
  if (!found) throw new Error(`the parser's worker is missing: run the build (looked for ${candidates.map(String).join(', ')})`)
  return found
}
