import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { basename, dirname, extname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { codeOf, messageOf, systemRefusal } from '../errors.js'
import type { SourceMessage } from './message.js'

export interface SourceFile {
  /** As shown to people. */
  readonly file: string
  readonly text: string
  readonly format: 'sql' | 'yaml' | 'csv'
  /** Lies in the folder `data` of a schema folder: it declares rows. */
  readonly data?: true
}

export interface SourceFiles {
  readonly files: readonly SourceFile[]
  readonly problems: readonly SourceMessage[]
}

/** Reads the files that `paths` name; folders are read with all below them, sorted, without what starts with a dot. */
export async function readFiles(paths: readonly string[], cwd: string): Promise<SourceFiles> {
  const problems: SourceMessage[] = []
  const found = new Map<string, boolean>()
  for (const path of paths) {
    try {
      for (const file of await listFiles(resolve(cwd, path))) found.set(file, isData(file, resolve(cwd, path)))
    } catch (cause) {
      // A link that leads nowhere may lie deep below.
      const at = typeof cause === 'object' && cause !== null && 'path' in cause ? String(cause.path) : resolve(cwd, path)
      problems.push(
        isForbidden(cause)
          ? problem(shown(at, cwd), `the folder cannot be read: ${reason(cause)}`, 'check its permissions')
          : problem(shown(at, cwd), `the file cannot be read: ${reason(cause)}`, 'check the path'),
      )
    }
  }
  const files: SourceFile[] = []
  for (const [path, data] of found) {
    const read = await readOne(path, shown(path, cwd))
    if (!('text' in read)) problems.push(read)
    else files.push(data ? { ...read, data } : read)
  }
  return { files, problems }
}

/** Of a file, only reading it would be. */
function isForbidden(cause: unknown): boolean {
  return ['EACCES', 'EPERM'].includes(codeOf(cause) ?? '')
}

const FORMATS: { readonly [extension: string]: SourceFile['format'] } = { '.sql': 'sql', '.yaml': 'yaml', '.yml': 'yaml', '.csv': 'csv' }
const DATA = 'data'

/** The schema files at or below a path, absolute and sorted; CSV counts only where it declares rows. */
export async function listFiles(path: string): Promise<string[]> {
  const root = resolve(path)
  return (await list(root, new Set())).filter((file) => extname(file).toLowerCase() !== '.csv' || isData(file, root))
}

function isData(file: string, root: string): boolean {
  const extension = extname(file).toLowerCase()
  return file === root ? extension === '.csv' : dirname(file) === join(root, DATA) && extension !== '.sql'
}

async function list(path: string, above: ReadonlySet<string>): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path]
  // A link to a folder above would never end.
  const real = await realpath(path)
  if (above.has(real)) return []
  const entries = (await readdir(path, { withFileTypes: true })).filter(
    (entry) => !entry.name.startsWith('.') && entry.name !== 'node_modules',
  )
  const lists = await Promise.all(
    entries.map((entry) => listEntry(join(path, entry.name), entry.isDirectory() || entry.isSymbolicLink(), new Set([...above, real]))),
  )
  return lists.flat().sort(byPath)
}

async function listEntry(path: string, mayBeFolder: boolean, above: ReadonlySet<string>): Promise<string[]> {
  const found = mayBeFolder ? await list(path, above) : [path]
  return found.filter((file) => extname(file).toLowerCase() in FORMATS)
}

async function readOne(path: string, file: string): Promise<SourceFile | SourceMessage> {
  let bytes: Buffer
  try {
    bytes = await readFile(path)
  } catch (cause) {
    return problem(file, `the file cannot be read: ${reason(cause)}`, 'check its permissions')
  }
  const nul = bytes.indexOf(0)
  if (isUtf16(bytes)) return problem(file, 'the file is UTF-16, not UTF-8', 'save it as UTF-8')
  try {
    // A byte order mark is cut by the decoder.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    if (nul >= 0) return problem(file, 'the file holds a NUL byte', 'is it a text file? remove the byte', lineAt(bytes, nul))
    return { file, text, format: FORMATS[extname(path).toLowerCase()] ?? 'sql' }
  } catch {
    return problem(file, 'the file is not valid UTF-8', 'save it as UTF-8', lineAt(bytes, firstInvalid(bytes)))
  }
}

function isUtf16(bytes: Buffer): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
}

/** A replacement character stands for each invalid sequence: what comes before the first is valid, and as long as it was. */
function firstInvalid(bytes: Buffer): number {
  const before = bytes.toString('utf8').split('\ufffd')[0] ?? ''
  return Buffer.byteLength(before)
}

function lineAt(bytes: Buffer, offset: number): number {
  return bytes.subarray(0, offset).filter((byte) => byte === 0x0a).length + 1
}

function problem(file: string, message: string, hint: string, line = 1): SourceMessage {
  return { file, line, column: 1, message, hint, excerpt: '' }
}

function reason(cause: unknown): string {
  return systemRefusal(cause)?.reason ?? messageOf(cause)
}

function shown(path: string, cwd: string): string {
  const inside = relative(cwd, path)
  if (inside === '') return basename(path)
  return inside.startsWith('..') || isAbsolute(inside) ? path : inside.split(sep).join('/')
}

function byPath(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}
