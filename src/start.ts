import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import module, { createRequire, Module } from 'node:module'
import { dirname, join } from 'node:path'
import { cachedDataVersionTag } from 'node:v8'
import { Script } from 'node:vm'
import type * as Cli from './cli.js'
import { cacheFolders, keepFile } from './folders.js'

export { helpAsked } from './cli/help.js'

/** The commands, of the bundle in `file`. To compile it takes longer than most of them do, so that V8's code is kept from one start to the next. */
export function loadCli(file: string): typeof Cli {
  // As of Node 22 it keeps code by itself, where it is asked to.
  const { enableCompileCache } = module as { readonly enableCompileCache?: () => void }
  if (enableCompileCache === undefined) return loadKept(file)
  enableCompileCache()
  return createRequire(file)(file)
}

function loadKept(file: string): typeof Cli {
  const source = readFileSync(file)
  // One for each place where the bundle lies; V8 takes only what the same V8 with the same flags has made.
  const name = `cli-${sha1(file).toString('hex')}-${cachedDataVersionTag()}.code`
  const digest = sha1(source)
  const cachedData = keptCode(name, digest)
  const script = new Script(Module.wrap(source.toString()), {
    filename: file,
    ...(cachedData === undefined ? {} : { cachedData }),
  })
  if (cachedData === undefined || script.cachedDataRejected === true) keepAtExit(script, name, digest)
  return run(script, file)
}

// Kept code is the digest of its source, its own (V8 trusts what it is given, and would crash), and the code.

const DIGEST = 20 // bytes

function keptCode(name: string, source: Buffer): Buffer | undefined {
  for (const path of cacheFolders().map((folder) => join(folder, name))) {
    if (!existsSync(path)) continue
    const content = readFileSync(path)
    const code = content.subarray(2 * DIGEST)
    if (content.subarray(0, 2 * DIGEST).equals(Buffer.concat([source, sha1(code)]))) return code
  }
  return undefined
}

/** At the end, as only functions that ran have code; so not of a mistake, nor of `--version`. */
function keepAtExit(script: Script, name: string, source: Buffer): void {
  process.once('exit', (status) => {
    if (status !== 0 || process.argv[2]?.startsWith('-') === true) return
    const code = script.createCachedData()
    cacheFolders().some((folder) => keepFile(join(folder, name), [source, sha1(code), code]))
  })
}

function sha1(content: string | Buffer): Buffer {
  return createHash('sha1').update(content).digest()
}

/** As `require` would; it finds the bundle loaded when oclif asks for the commands. */
function run(script: Script, file: string): typeof Cli {
  const require = createRequire(file)
  const loaded = new Module(file)
  loaded.filename = file
  require.cache[file] = loaded
  script.runInThisContext()(loaded.exports, require, loaded, file, dirname(file))
  loaded.loaded = true
  return loaded.exports
}
