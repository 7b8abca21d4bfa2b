import { mkdirSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildSync } from 'esbuild'

const ROOT = resolve(import.meta.dirname, '..')
const FOLDER = join(ROOT, 'node_modules/.cache/schemactl')

/** The path of a plain JavaScript module made of a TypeScript file of this project and what it imports; packages stay outside. */
export function bundled(file, { name = basename(file, '.ts'), contents } = {}) {
  const outfile = join(FOLDER, `${name}.js`)
  mkdirSync(FOLDER, { recursive: true })
  const source = contents === undefined ? { entryPoints: [join(ROOT, file)] } : { stdin: { contents, resolveDir: ROOT } }
  buildSync({
    ...source,
    outfile,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'warning',
  })
  return outfile
}

/** Imports a TypeScript file of this project into plain Node: `const { startServer } = await importTypeScript('test/servers/index.ts')`. */
export function importTypeScript(file) {
  return import(pathToFileURL(bundled(file)).href)
}
