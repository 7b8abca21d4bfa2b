import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, normalize } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { KINDS } from '../src/kinds/registry.js'
import { ROOT } from './servers/root.js'

/** What a folder of src may import beside itself, src/errors.ts and src/folders.ts. Imports go one way; `source` never sees a catalog. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  catalog: [],
  sql: [],
  signature: [],
  config: ['sql'],
  source: ['sql', 'config'],
  kinds: ['catalog', 'sql'],
  diff: ['kinds', 'catalog', 'sql'],
  postgres: ['kinds', 'catalog', 'sql', 'source', 'config'],
  plan: ['diff', 'postgres', 'kinds', 'catalog', 'source', 'sql', 'config'],
  apply: ['plan', 'diff', 'postgres', 'kinds', 'catalog', 'source', 'sql', 'config'],
  inspect: ['plan', 'diff', 'postgres', 'kinds', 'catalog', 'source', 'sql'],
  cli: ['signature', 'inspect', 'apply', 'plan', 'diff', 'postgres', 'kinds', 'catalog', 'source', 'sql', 'config'],
  commands: ['cli', 'signature', 'inspect', 'apply', 'plan', 'diff', 'postgres', 'kinds', 'catalog', 'source', 'sql', 'config'],
}

/** Of src/kinds, the engine sees the contract, the list and how objects are called, never one kind. */
const SEEN_OF_KINDS = ['src/kinds/kind.ts', 'src/kinds/registry.ts', 'src/kinds/spoken.ts']

/** Words of the engine that are spelt like a kind: 'file literal' → why it is not one. */
const NOT_A_KIND: Readonly<Record<string, string>> = {
  'src/diff/scope.ts schema': 'what schemactl manages is told in schemas: the scope has to know which objects are those',
  'src/plan/stage.ts schema': 'the scope of a plan is told in schemas',
  'src/plan/asked-renames.ts schema': 'a space of names in the files, which has the word of the kind',
  'src/plan/role-plans.ts role': 'roles are of the server, and files say of them what no two catalogs tell',
  'src/plan/source-lines.ts owner': 'an aspect that files state, which has the word of the kind',
}

const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => `src/${file}`)
  .sort()
const text = new Map(files.map((file) => [file, readFileSync(join(ROOT, file), 'utf8')]))

/** Comments, string literals, and what is neither, in the order of the file. */
function tokens(source: string): { readonly code: string; readonly strings: readonly string[] } {
  const strings: string[] = []
  const untyped = source.replace(/typeof [\w.]+ [!=]== '\w+'/g, ' ')
  const code = untyped.replace(/\/\/.*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g, (token) => {
    if (!token.startsWith('/')) strings.push(token.slice(1, -1))
    return ' '
  })
  return { code, strings }
}

function imports(file: string): string[] {
  const found = (text.get(file) ?? '').matchAll(/(?:\bfrom|\bimport|\bimport\()\s*'(\.[^']*)'/g)
  return [...found]
    .map(([, path = '']) => normalize(join(file, '..', path)).replace(/\.js$/, '.ts'))
    .filter((path) => path.startsWith('src/'))
}

const layerOf = (file: string): string => (file.split('/').length > 2 ? (file.split('/')[1] ?? '') : '')

describe('imports', () => {
  test('go one way', () => {
    const wrong = files.flatMap((file) =>
      imports(file)
        .filter((target) => !mayImport(file, target))
        .map((target) => `${file} → ${target}`),
    )
    expect(wrong).toEqual([])
  })

  test('stay within the folders that the map knows', () => {
    expect([...new Set(files.map(layerOf))].filter((layer) => layer !== '' && MAY_IMPORT[layer] === undefined)).toEqual([])
  })

  test('never name one kind outside src/kinds', () => {
    const outside = files.filter((file) => layerOf(file) !== 'kinds')
    const wrong = outside.flatMap((file) =>
      imports(file)
        .filter((target) => layerOf(target) === 'kinds' && !SEEN_OF_KINDS.includes(target))
        .map((target) => `${file} → ${target}`),
    )
    expect(wrong).toEqual([])
  })
})

function mayImport(file: string, target: string): boolean {
  const [from, to] = [layerOf(file), layerOf(target)]
  if (from === '' || from === to) return true
  if (to === '') return ['src/errors.ts', 'src/folders.ts'].includes(target) && from !== 'catalog'
  return MAY_IMPORT[from]?.includes(to) ?? false
}

test('the engine names no kind', () => {
  const names = new Set(KINDS.map((kind) => kind.name))
  const engine = files.filter((file) => ['diff', 'plan', 'apply'].includes(layerOf(file)))
  const named = engine.flatMap((file) =>
    tokens(text.get(file) ?? '')
      .strings.filter((word) => names.has(word))
      .map((word) => `${file} ${word}`),
  )
  expect([...new Set(named)].filter((entry) => NOT_A_KIND[entry] === undefined)).toEqual([])
  expect(Object.keys(NOT_A_KIND).filter((entry) => !named.includes(entry))).toEqual([])
})

test('a kind is one file, and every kind is in the registry', () => {
  const definers = files.filter((file) => layerOf(file) === 'kinds' && /= kind(<|\()/.test(text.get(file) ?? ''))
  const registered = imports('src/kinds/registry.ts')
  expect(definers.filter((file) => !registered.includes(file))).toEqual([])
  expect(new Set(KINDS.map((kind) => kind.name)).size).toBe(KINDS.length)
})

test('a command is at most 80 lines', () => {
  const long = files.filter((file) => layerOf(file) === 'commands' && (text.get(file) ?? '').split('\n').length > 81)
  expect(long).toEqual([])
})

test('nothing is typed any', () => {
  expect(files.filter((file) => /(?::|\bas|<|\||=>)\s*any\b|\bany\[\]/.test(tokens(text.get(file) ?? '').code))).toEqual([])
})

describe('what is published', () => {
  const listed = existsSync(join(ROOT, '.git'))
    ? execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' }).split('\0')
    : files
  const published = listed.filter((file) => file !== '' && existsSync(join(ROOT, file)) && statSync(join(ROOT, file)).size < 5_000_000)

  test('names no folder of the machine that it was written on', () => {
    // Spelt in parts, or this file would be the first to break the rule.
    const places = ['main', 'shared', '.library'].map((folder) => ['', 'work', folder].join('/'))
    const patterns = [...places, ['..', 'shared', ''].join('/'), ['shared', 'corpus'].join('/'), ['schema', 'corpus'].join('-')]
    expect(published.filter((file) => contains(file, patterns))).toEqual([])
  })

  test('names no package registry', () => {
    const lock = readFileSync(join(ROOT, 'package-lock.json'), 'utf8')
    expect(lock.match(/"resolved": "https?:/g)).toBeNull()
    expect(published.filter((file) => file.endsWith('.npmrc') && contains(file, ['registry=', '_auth']))).toEqual([])
    expect(published.filter((file) => contains(file, [['registry', 'npmjs'].join('.')]))).toEqual([])
  })
})

function contains(file: string, patterns: readonly string[]): boolean {
  const content = readFileSync(join(ROOT, file), 'utf8')
  return patterns.some((pattern) => content.includes(pattern))
}
