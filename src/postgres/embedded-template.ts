import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { PGlite } from '@electric-sql/pglite'
import { keepFile, makeFolder } from '../folders.js'
import { makeInitdbFolder } from './initdb-folder.js'

/**
 * What a fresh embedded PostgreSQL starts from: the data directory that initdb would make in five seconds, and the files of all
 * extensions. Paths start with `data/` (the data directory) or `root/` (the installation).
 */
export interface Template {
  readonly files: readonly TemplateFile[]
}

interface TemplateFile {
  readonly path: string
  /** Undefined: a folder. */
  readonly bytes?: Uint8Array
}

/** PGlite's defaults without `-O` (which allows changes of system catalogs) and its search_path; a smaller cache starts faster. */
export const START_PARAMETERS = [
  '--single',
  '-F',
  '-j',
  ...[
    'exit_on_error=false',
    'log_checkpoints=false',
    'max_worker_processes=0',
    'max_parallel_workers=0',
    'io_method=sync',
    'max_parallel_workers_per_gather=0',
    'max_parallel_maintenance_workers=0',
    'shared_buffers=16MB',
    'max_wal_size=64MB',
    'max_locks_per_transaction=512',
  ].flatMap((setting) => ['-c', setting]),
]

const FORMAT = 1
const PGLITE = dirname(fileURLToPath(import.meta.resolve('@electric-sql/pglite')))
const PGVECTOR = dirname(fileURLToPath(import.meta.resolve('@electric-sql/pglite-pgvector')))

export async function compileEngine(): Promise<WebAssembly.Module> {
  return WebAssembly.compile(readFileSync(join(PGLITE, 'pglite.wasm')))
}

/** The template from the first folder that has it; else it is made, and kept in the first cache that can be written to. */
export async function readTemplate(engine: WebAssembly.Module, shipped: string, caches: readonly string[]): Promise<Template> {
  const name = templateName()
  for (const folder of [shipped, ...caches]) {
    const template = decodeFile(join(folder, name))
    if (template !== undefined) return template
  }
  const template = await makeTemplate(engine)
  const parts = encode(template)
  caches.some((folder) => keepFile(join(folder, name), parts))
  return template
}

/** Names the versions that a template is made from by the size of their files, so that nobody has to keep a list in step. */
function templateName(): string {
  const sizes = [join(PGLITE, 'pglite.wasm'), join(PGLITE, 'pglite.data'), join(PGVECTOR, 'vector.tar.gz')].map(
    (file) => statSync(file).size,
  )
  return `embedded-${FORMAT}-${sizes.join('-')}.template`
}

async function makeTemplate(engine: WebAssembly.Module): Promise<Template> {
  const folder = makeInitdbFolder()
  try {
    const database = await PGlite.create(folder, {
      pgliteWasmModule: engine,
      initDbStartParams: ['--wal-segsize=1'],
      startParams: START_PARAMETERS,
    })
    // A checkpoint and a clean end, so that no start from the template has to recover.
    await database.exec('vacuum freeze')
    await database.exec('checkpoint')
    await database.close()
    return { files: [...filesBelow(folder, 'data'), ...extensionFiles()] }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function* filesBelow(folder: string, path: string): Generator<TemplateFile> {
  yield { path }
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) yield* filesBelow(join(folder, entry.name), `${path}/${entry.name}`)
    else if (entry.name !== 'postmaster.pid') yield { path: `${path}/${entry.name}`, bytes: readFileSync(join(folder, entry.name)) }
  }
}

/** All that PGlite ships and pgvector. They are only laid out: their code is compiled when CREATE EXTENSION asks for it. */
function* extensionFiles(): Generator<TemplateFile> {
  const bundles = [PGLITE, PGVECTOR].flatMap((folder) =>
    readdirSync(folder)
      .filter((file) => file.endsWith('.tar.gz'))
      .map((file) => join(folder, file)),
  )
  const folders = new Set<string>()
  for (const bundle of bundles.sort()) {
    for (const file of untar(gunzipSync(readFileSync(bundle)))) {
      const path = `root/${file.path}`
      for (const folder of ancestors(path)) if (!folders.has(folder)) yield { path: folder }
      for (const folder of ancestors(path)) folders.add(folder)
      yield { path, bytes: file.bytes }
    }
  }
}

function ancestors(path: string): string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}

const BLOCK = 512

function* untar(archive: Uint8Array): Generator<{ path: string; bytes: Uint8Array }> {
  const text = (start: number, end: number) => {
    const field = Buffer.from(archive.buffer, archive.byteOffset + start, end - start).toString('latin1')
    return field.split('\0')[0] ?? ''
  }
  for (let at = 0; at + BLOCK <= archive.length && archive[at] !== 0; ) {
    const size = Number.parseInt(text(at + 124, at + 136).trim() || '0', 8)
    const [prefix, name, type] = [text(at + 345, at + 500), text(at, at + 100), text(at + 156, at + 157)]
    const bytes = archive.subarray(at + BLOCK, at + BLOCK + size)
    // '0' or nothing is a plain file; folders follow from the paths.
    if (type === '0' || type === '') yield { path: prefix === '' ? name : `${prefix}/${name}`, bytes }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK
  }
}

// A kept template is the length of its index (4 bytes), the index as JSON, and the contents one after another.

type Index = readonly (readonly [path: string, size: number | null])[]

function encode(template: Template): Uint8Array[] {
  const index: Index = template.files.map((file) => [file.path, file.bytes?.length ?? null])
  const json = Buffer.from(JSON.stringify(index))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(json.length)
  return [length, json, ...template.files.flatMap((file) => (file.bytes === undefined ? [] : [file.bytes]))]
}

function decodeFile(file: string): Template | undefined {
  if (!existsSync(file)) return undefined
  const content = readFileSync(file)
  let at = 4 + content.readUInt32LE(0)
  const index = JSON.parse(content.subarray(4, at).toString()) as Index
  const files = index.map(([path, size]): TemplateFile => {
    if (size === null) return { path }
    at += size
    return { path, bytes: content.subarray(at - size, at) }
  })
  // A copy that was cut short is as good as none.
  return at === content.length ? { files } : undefined
}

/** Makes a data directory of the template, at once or not at all. */
export function unpackFolder(folder: string, template: Template): void {
  if (existsSync(join(folder, 'PG_VERSION'))) return
  makeFolder(dirname(folder))
  const partial = mkdtempSync(`${folder}.`)
  for (const { path, bytes } of template.files) {
    if (!inside(path, 'data')) continue
    const target = join(partial, path.slice('data'.length))
    if (bytes === undefined) makeFolder(target, 0o700)
    else writeFileSync(target, bytes, { mode: 0o600 })
  }
  chmodSync(partial, 0o700)
  renameSync(partial, folder)
}

function inside(path: string, top: 'data' | 'root'): boolean {
  return path === top || path.startsWith(`${top}/`)
}

/** What is used here of the file system inside the engine (Emscripten's FS). */
interface EngineFiles {
  mkdirTree(path: string, mode: number): void
  writeFile(path: string, bytes: Uint8Array, options: { canOwn: boolean }): void
}

/** Puts the files where PGlite looks for them, without a copy. */
export function placeFiles(files: EngineFiles, template: Template, tops: readonly ('data' | 'root')[]): void {
  const { PG_ROOT, PGDATA } = PGlite.paths
  for (const top of tops) {
    const start = top === 'data' ? PGDATA : PG_ROOT
    for (const { path, bytes } of template.files) {
      if (!inside(path, top)) continue
      const target = start + path.slice(top.length)
      if (bytes === undefined) files.mkdirTree(target, 0o700)
      else files.writeFile(target, bytes, { canOwn: true })
    }
  }
}
