import { createHash } from 'node:crypto'
import { readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { Catalog } from '../catalog/catalog.js'
import { type KeptCatalog, kept, unkept } from '../catalog/kept.js'
import { codeOf } from '../errors.js'
import { makeFolder } from '../folders.js'
import { queryDigest } from '../postgres/introspect.js'
import type { LoadWarning } from '../postgres/load.js'
import type { WantedRows } from '../postgres/load-rows.js'
import type { Source } from '../source/read.js'

/** What the schema files came to in a shadow. */
export interface Loaded {
  readonly catalog: Catalog
  /** The shadow before the files were loaded. */
  readonly base: Catalog
  readonly warnings: readonly LoadWarning[]
  readonly rows: readonly WantedRows[]
}

export interface WantedCache {
  readonly folder: string
  /** What there is to know of the shadow that would be opened: version, role, roles, settings. Null: not to be told apart. */
  readonly identity: (live: Catalog) => Promise<string | null>
}

interface Content {
  readonly rows: readonly WantedRows[]
  readonly catalog: KeptCatalog
  readonly base: KeptCatalog
  readonly warnings: readonly { readonly statement: number; readonly message: string }[]
}

/** Entries that are kept: the last states of a few branches, on a few servers. */
const MOST = 8
/** Another number for another `Content`. */
const FORMAT = 2
const SUFFIX = '.json.gz'

/** What the same files came to in such a shadow before; otherwise what `load` finds, which is kept. */
export async function cached(
  { folder, identity }: WantedCache,
  { source, searchPath, tool, live }: { source: Source; searchPath: readonly string[]; tool: string; live: Catalog },
  load: () => Promise<Loaded>,
): Promise<Loaded> {
  const shadow = await identity(live)
  if (shadow === null) return load()
  const parts = [FORMAT, tool, queryDigest(live.major), source.hash, searchPath, shadow]
  const key = createHash('sha256').update(JSON.stringify(parts)).digest('hex')
  const file = join(folder, `${key.slice(0, 32)}${SUFFIX}`)
  const found = await read(file, key, source)
  if (found !== null) return found
  const loaded = await load()
  await write(folder, file, key, loaded, source)
  return loaded
}

/** Null for what is not there, or is not what we wrote. */
async function read(file: string, key: string, source: Source): Promise<Loaded | null> {
  try {
    const packed = await readFile(file)
    const text = (await promisify(gunzip)(packed)).toString()
    const end = text.indexOf('\n')
    if (text.slice(0, end) !== header(key, text.slice(end + 1))) return null
    const { catalog, base, warnings, rows } = JSON.parse(text.slice(end + 1)) as Content
    const told = warnings.map(({ statement, message }) => {
      const known = source.statements[statement]
      if (!known) throw new Error('the same files have the same statements')
      return { statement: known, message }
    })
    // Read again: not the one to go when there are too many.
    await utimes(file, new Date(), new Date()).catch(() => undefined)
    return { catalog: unkept(catalog), base: unkept(base), warnings: told, rows }
  } catch (error) {
    if (codeOf(error) === undefined && !(error instanceof SyntaxError)) throw error
    return null
  }
}

/** Written beside, then renamed: who reads meanwhile finds the whole, or nothing. A folder that cannot be written to costs time only. */
async function write(folder: string, file: string, key: string, loaded: Loaded, source: Source): Promise<void> {
  const numbers = new Map(source.statements.map((statement, i) => [statement, i]))
  const content: Content = {
    catalog: kept(loaded.catalog),
    base: kept(loaded.base),
    rows: loaded.rows,
    warnings: loaded.warnings.map(({ statement, message }) => ({ statement: numbers.get(statement) ?? -1, message })),
  }
  const text = JSON.stringify(content)
  const unfinished = `${file}.${process.pid}`
  try {
    makeFolder(folder)
    await writeFile(join(folder, '.gitignore'), '*\n')
    await writeFile(unfinished, await promisify(gzip)(`${header(key, text)}\n${text}`, { level: 1 }), { mode: 0o600 })
    await rename(unfinished, file)
    await sweep(folder)
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined)
    if (!['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR', 'EEXIST', 'ENOENT'].includes(codeOf(error) ?? '')) throw error
  }
}

function header(key: string, text: string): string {
  return `${key} ${createHash('sha256').update(text).digest('hex')}`
}

/** Leaves the entries that were used last. */
async function sweep(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.includes(SUFFIX))
  const used = await Promise.all(names.map(async (name) => ({ name, at: (await stat(join(folder, name))).mtimeMs })))
  const old = used.sort((a, b) => b.at - a.at).slice(MOST)
  await Promise.all(old.map(({ name }) => rm(join(folder, name), { force: true })))
}
