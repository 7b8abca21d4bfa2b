import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Duplex } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { cacheFolders } from '../folders.js'
import type { FromWorker, StartOptions, ToWorker } from './embedded-protocol.js'
import { removeInitdbFolders } from './initdb-folder.js'

export interface EmbeddedStreamOptions {
  readonly folder?: string
  /** Ends the database when one request takes longer; milliseconds. */
  readonly statementTimeout?: number
  /** Once, when the thread has ended, however it came to that. */
  readonly onEnd: () => void
}

/** Compiled once a process: 9 MB of WebAssembly, 0.2 s of CPU. */
let engine: WebAssembly.Module | undefined

/** Enough for PostgreSQL to find by itself that a recursion is too deep, before JavaScript's stack is used up; MB. */
const STACK = 64

const CLOSING_PATIENCE = 10_000

/**
 * The wire protocol of an embedded PostgreSQL, in the shape of the socket that pg expects. An idle one keeps no process alive;
 * a failure ends it with an error that carries an SQLSTATE.
 */
export class EmbeddedStream extends Duplex {
  private readonly worker: Worker
  private readonly options: EmbeddedStreamOptions
  private started: (() => void) | undefined
  private unanswered = 0
  private timer: NodeJS.Timeout | undefined
  private readonly ended: Promise<void>

  constructor(options: EmbeddedStreamOptions) {
    super()
    this.options = options
    // The same function each time: it is listed once.
    process.off('exit', removeInitdbFolders).once('exit', removeInitdbFolders)
    this.worker = new Worker(workerFile(), {
      workerData: {
        shippedTemplates: dirname(workerFile()),
        templateCaches: cacheFolders(),
        ...(options.folder === undefined ? {} : { folder: options.folder }),
        ...(engine === undefined ? {} : { engine }),
      } satisfies StartOptions,
      resourceLimits: { stackSizeMb: STACK },
      // Flags of the parent, such as --experimental-vm-modules or a loader, are not for it.
      execArgv: [],
      stdout: false,
    })
    this.worker.on('message', (message: FromWorker) => this.receive(message))
    this.worker.on('error', (error) => this.destroy(crash(error.message)))
    this.ended = new Promise((resolve) => this.worker.once('exit', () => resolve()))
    void this.ended.then(() => {
      options.onEnd()
      this.destroy(this.writableEnded ? undefined : crash('its thread ended'))
    })
  }

  /** pg's way to open a socket: `connect` is emitted once PostgreSQL is up. */
  connect(): this {
    this.started = () => this.emit('connect')
    return this
  }

  setNoDelay(): this {
    return this
  }
  setKeepAlive(): this {
    return this
  }
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    this.send(chunk)
    callback()
  }

  /** pg writes the messages of one query corked: PGlite needs them in one piece, up to their Sync. */
  override _writev(chunks: { chunk: Buffer }[], callback: () => void): void {
    this.send(Buffer.concat(chunks.map(({ chunk }) => chunk)))
    callback()
  }

  override _final(callback: () => void): void {
    this.worker.ref()
    this.postMessage({ kind: 'close' })
    const patience = setTimeout(() => void this.worker.terminate(), CLOSING_PATIENCE)
    void this.ended.then(() => {
      clearTimeout(patience)
      this.push(null)
      callback()
    })
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    clearTimeout(this.timer)
    void this.worker.terminate()
    void this.ended.then(() => callback(error))
  }

  private send(bytes: Buffer): void {
    // Terminate: the end of the stream says the same.
    if (bytes[0] === 0x58) return
    this.unanswered++
    this.worker.ref()
    if (this.options.statementTimeout !== undefined && this.timer === undefined) {
      this.timer = setTimeout(() => this.destroy(tooLong(this.options.statementTimeout)), this.options.statementTimeout)
    }
    this.postMessage({ kind: 'bytes', bytes: new Uint8Array(bytes) })
  }

  private postMessage(message: ToWorker): void {
    this.worker.postMessage(message)
  }

  private receive(message: FromWorker): void {
    switch (message.kind) {
      case 'compiled':
        engine = message.engine
        return
      case 'ready':
        this.worker.unref()
        this.started?.()
        return
      case 'failed':
        this.destroy(crash(message.reason))
        return
      case 'bytes':
        if (message.done) this.rest()
        if (message.bytes.length > 0) this.push(Buffer.from(message.bytes.buffer, message.bytes.byteOffset, message.bytes.byteLength))
    }
  }

  private rest(): void {
    this.unanswered--
    clearTimeout(this.timer)
    this.timer = undefined
    if (this.unanswered === 0) this.worker.unref()
  }
}

/** crash_shutdown, as a server says that goes down under its sessions. */
function crash(reason: string): Error {
  return Object.assign(new Error(`the embedded PostgreSQL has failed: ${reason}`), { code: '57P02' })
}

/** query_canceled, as statement_timeout says. */
function tooLong(limit: number | undefined): Error {
  return Object.assign(new Error(`canceling statement due to statement timeout (${limit} ms)`), { code: '57014' })
}

/** Beside the bundle; when run from the sources, in the built `dist`, as Node 20 cannot start TypeScript. */
function workerFile(): string {
  const here = dirname(fileURLToPath(import.meta.url))
  const candidates = [join(here, 'embedded.worker.js'), join(here, '../../dist/embedded.worker.js')]
  const file = candidates.find((candidate) => existsSync(candidate))
  if (file === undefined) throw new Error(`no embedded.worker.js beside ${here}: npm run build makes it`)
  return file
}
