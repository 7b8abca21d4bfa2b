import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build as esbuild } from 'esbuild'
import { helpPages } from './help-pages.js'

const ROOT = resolve(import.meta.dirname, '..')
const DIST = join(ROOT, 'dist')

/** Bundles `src` into `dist`, so that a command starts in one read and heavy modules load where they are used. */
export async function build({ types = false } = {}) {
  const { metafile } = await esbuild({
    absWorkingDir: ROOT,
    entryPoints: entryPoints(),
    outdir: DIST,
    bundle: true,
    splitting: true,
    // Chunks lie beside the entries: a module finds its worker as new URL('./name.worker.js', import.meta.url).
    chunkNames: 'chunk-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    // What is parsed at every start; names stay, so that a stack trace can be read.
    minifyWhitespace: true,
    minifySyntax: true,
    // Only to look at these does node load its fetch, which pg would do to know Cloudflare's workers.
    define: { Response: 'undefined', navigator: 'undefined' },
    banner: { js: COMMONJS_NAMES },
    alias: { '@databases/pg-config': './scripts/pg-config-stub.cjs' },
    // These find their wasm beside their own files; pg-native is optional.
    external: ['@electric-sql/*', 'pg-query-emscripten', 'pg-query-emscripten/*', 'libpg-query', 'pg-native', 'typescript'],
    metafile: true,
    logLevel: 'warning',
  })
  await writeHelp()
  prune(new Set(Object.keys(metafile.outputs).map((file) => basename(file))))
  if (types && existsSync(join(ROOT, 'src/index.ts'))) declarations()
  return metafile
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
async function writeHelp() {
  const cli = pathToFileURL(join(DIST, 'cli.js'))
  const { COMMANDS } = await import(`${cli.href}?${statSync(cli).mtimeMs}`)
  const pages = helpPages(COMMANDS, JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')))
  const file = join(DIST, `help.json.${process.pid}`)
  writeFileSync(file, JSON.stringify(pages))
  renameSync(file, join(DIST, 'help.json'))
}

/** cli.js (the commands), help.js, index.js (the library), oclif.js (what bin/run.js starts) and every worker. */
function entryPoints() {
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true }).map((file) => `src/${file}`)
  const workers = sources.filter((file) => file.endsWith('.worker.ts'))
  const entries = ['src/cli.ts', 'src/cli/help.ts', 'src/index.ts', ...workers].filter((file) => sources.includes(file))
  return { oclif: '@oclif/core', ...Object.fromEntries(entries.map((file) => [basename(file, '.ts'), file])) }
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
