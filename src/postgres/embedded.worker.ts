import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'
import { EmscriptenBuiltinFilesystem } from '@electric-sql/pglite/basefs'
import { NodeFS } from '@electric-sql/pglite/nodefs'
import type { FromWorker, StartOptions, ToWorker } from './embedded-protocol.js'
import { compileEngine, placeFiles, readTemplate, START_PARAMETERS, type Template, unpackFolder } from './embedded-template.js'

// The thread in which the embedded PostgreSQL runs: it knows neither time-outs nor cancel, but a thread can be ended.

class MemoryFiles extends EmscriptenBuiltinFilesystem {
  constructor(private readonly template: Template) {
    super()
  }

  override async initialSyncFs() {
    if (this.pg !== undefined) placeFiles(this.pg.Module.FS, this.template, ['data', 'root'])
  }

  override async closeFs() {}
}

class FolderFiles extends NodeFS {
  constructor(
    folder: string,
    private readonly template: Template,
  ) {
    super(folder)
  }

  override async initialSyncFs() {
    if (this.pg !== undefined) placeFiles(this.pg.Module.FS, this.template, ['root'])
  }
}

async function start(options: StartOptions): Promise<PGlite> {
  const engine = options.engine ?? (await compileEngine())
  if (options.engine === undefined) post({ kind: 'compiled', engine })
  const template = await readTemplate(engine, options.shippedTemplates, options.templateCaches)
  if (options.folder !== undefined) unpackFolder(options.folder, template)
  const fs = options.folder === undefined ? new MemoryFiles(template) : new FolderFiles(options.folder, template)
  return PGlite.create({ fs, pgliteWasmModule: engine, startParams: START_PARAMETERS })
}

/** PostgreSQL's own errors leave the main loop with this status; every other exception has broken the instance. */
const LONGJMP = 100

/** PGlite swallows an overflow of the stack, and from then on every query answers nothing: tells when that has happened. */
function watch(database: PGlite): () => unknown {
  // Not part of the declared interface; without it the watch would see nothing, so it throws.
  const engine = database.Module as unknown as { _PostgresMainLoopOnce: () => void }
  const loop = engine._PostgresMainLoopOnce
  if (typeof loop !== 'function') throw new Error('PGlite without _PostgresMainLoopOnce')
  let broken: unknown
  engine._PostgresMainLoopOnce = () => {
    try {
      loop()
    } catch (error) {
      if (statusOf(error) !== LONGJMP) broken ??= error
      throw error
    }
  }
  return () => broken
}

function statusOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined
}

/** Answers are sent on in pieces of this size, so that a long one need not be held whole. */
const PIECE = 1 << 20

async function answer(database: PGlite, bytes: Uint8Array): Promise<void> {
  let pieces: Uint8Array[] = []
  let size = 0
  const flush = (done: boolean) => {
    const joined = new Uint8Array(size)
    let at = 0
    for (const piece of pieces) {
      joined.set(piece, at)
      at += piece.length
    }
    pieces = []
    size = 0
    post({ kind: 'bytes', bytes: joined, done }, [joined.buffer])
  }
  await database.execProtocolRawStream(bytes, {
    syncToFs: false,
    onRawData: (data) => {
      // The data lies in PostgreSQL's own memory, which goes on changing.
      pieces.push(data.slice())
      size += data.length
      if (size >= PIECE) flush(false)
    },
  })
  flush(true)
}

function post(message: FromWorker, transfer: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer)
}

function fail(error: unknown): void {
  const status = statusOf(error)
  post({ kind: 'failed', reason: error instanceof Error ? error.message : `it ended with status ${String(status)}` })
}

async function serve(options: StartOptions): Promise<void> {
  const database = await start(options)
  const broken = watch(database)
  let queue = Promise.resolve()
  const handle = async (message: ToWorker) => {
    if (message.kind === 'close') {
      await database.close()
      parentPort?.close()
      return
    }
    await answer(database, message.bytes)
    if (broken() !== undefined) fail(broken())
  }
  parentPort?.on('message', (message: ToWorker) => {
    queue = queue.then(() => handle(message)).catch(fail)
  })
  post({ kind: 'ready' })
}

// workerData is untyped by nature; embedded-stream.ts is its only author.
serve(workerData as StartOptions).catch(fail)
