import {parentPort, workerData} from 'node:worker_threads'
import {analyse} from './analysis.js'
import type {Answer, Request} from './parser.js'

// The parser's own thread: one text at a time, since the parser cannot be interrupted and may never come back.
const progress: Int32Array = workerData.progress

parentPort?.on('message', async ({id, sql, hanging}: Request) => {
  let answer: Answer
  try {
    answer = {id, analysis: await analyse(sql, {hanging, start: ordinal => Atomics.store(progress, 0, ordinal)})}
  } catch (cause) {
    answer = {id, failure: cause instanceof Error ? cause.stack ?? cause.message : String(cause)}
  }
  parentPort?.postMessage(answer)
})
