import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build as esbuild } from 'esbuild'
import { helpPages } from './help-pages.js'

const ROOT = resolve(import.meta.dirname, '..')
const DIST = join(ROOT, 'dist')

const SHARED = {
  absWorkingDir: ROOT,
  bundle: true,
  platform: 'node',
  target: 'node20',
  // What is parsed at every start; names stay, so that a stack trace can be read.
  minifyWhitespace: true,
  minifySyntax: true,
  alias: { '@databases/pg-config': './scripts/pg-config-stub.cjs' },
  // These find their wasm beside their own files; pg-native is optional.
  external: ['@electric-sql/*', 'pg-query-emscripten', 'pg-query-emscripten/*', 'libpg-query', 'pg-native', 'typescript'],
  // Only to look at these does node load its fetch, which pg would do to know Cloudflare's workers.
  define: { Response: 'undefined', navigator: 'undefined' },
  logLevel: 'warning',
}

/** Bundles `src` into `dist`: the commands as one CommonJS file, whose compiled code can be kept (src/start.ts), all else as modules. */
export async function build({ types = false } = {}) {
  await esbuild({
    ...SHARED,
    entryPoints: { cli: 'src/cli.ts' },
    outdir: DIST,
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    // Node 20 cannot import from code that was kept.
    supported: { 'dynamic-import': false },
    define: { ...SHARED.define, 'import.meta.url': '__fileUrl' },
    banner: { js: `const __fileUrl = require('node:url').pathToFileURL(__filename).href;` },
  })
  const { metafile } = await esbuild({
    ...SHARED,
    // Of an error that an application lets through, node prints the line that threw.
    minifyWhitespace: false,
    entryPoints: entryPoints(),
    outdir: DIST,
    metafile: true,
    splitting: true,
    // Chunks lie beside the entries: a module finds its worker as new URL('./name.worker.js', import.meta.url).
    chunkNames: 'chunk-[hash]',
    format: 'esm',
    banner: { js: COMMONJS_NAMES },
  })
  writeHelp()
  prune(new Set(Object.keys(metafile.outputs).map((file) => basename(file))))
  if (types) declarations()
}

// What CommonJS packages expect to find; `import.meta.url` is the chunk's own.
const COMMONJS_NAMES = [
  `import { createRequire as __createRequire } from 'node:module';`,
  `import { fileURLToPath as __fileURLToPath } from 'node:url';`,
  `import { dirname as __pathDirname } from 'node:path';`,
  `const require = __createRequire(import.meta.url);`,
  `const __filename = __fileURLToPath(import.meta.url);`,
  `const __dirname = __pathDirname(__filename);`,
].join('\n')

/** `--help` is asked for more often than anything else, and oclif takes longer to load than to print it. */
function writeHelp() {
  const require = createRequire(import.meta.url)
  const cli = join(DIST, 'cli.cjs')
  delete require.cache[cli]
  const pages = helpPages(require(cli).COMMANDS, JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')))
  const file = join(DIST, `help.json.${process.pid}`)
  writeFileSync(file, JSON.stringify(pages))
  renameSync(file, join(DIST, 'help.json'))
}

/** start.js (what bin/run.js starts), index.js (the library) and every worker. */
function entryPoints() {
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true }).map((file) => `src/${file}`)
  const workers = sources.filter((file) => file.endsWith('.worker.ts'))
  const entries = ['src/start.ts', 'src/index.ts', ...workers]
  return Object.fromEntries(entries.map((file) => [basename(file, '.ts'), file]))
}

/** Chunks of an earlier build go once they are an hour old: a process that runs meanwhile may still load them. */
function prune(written) {
  for (const file of readdirSync(DIST)) {
    const path = join(DIST, file)
    if (file.endsWith('.js') && !written.has(file) && Date.now() - statSync(path).mtimeMs > 3_600_000) rmSync(path, { force: true })
  }
}

/** Errors in types are `npm run typecheck`'s to refuse; here they only mean that declarations may be incomplete. */
function declarations() {
  const tsc = join(ROOT, 'node_modules/.bin/tsc')
  const { status, stdout } = spawnSync(tsc, ['-p', join(ROOT, 'tsconfig.build.json')], { encoding: 'utf8' })
  if (status !== 0) console.warn(`dist/types may be incomplete:\n${stdout}`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build({ types: !process.argv.includes('--no-types') })
