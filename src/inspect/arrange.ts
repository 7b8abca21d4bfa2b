import { type Catalog, type CatalogObject, rootOf } from '../catalog/catalog.js'
import { groupBy } from '../catalog/group.js'
import { schemaOf } from '../diff/scope.js'
import type { Step } from '../diff/steps.js'
import { kindOf } from '../kinds/registry.js'

/** The same order, but for what belongs to an object: it follows the object as soon as all that it needs is there. */
export function together(steps: readonly Step[], catalog: Catalog): Step[] {
  const root = (step: Step) => {
    const object = catalog.objects.get(step.objects[0] ?? '')
    return object ? rootOf(object, catalog.objects).key : ''
  }
  const coming = new Set(steps.flatMap((step) => step.objects))
  const byRoot = groupBy(steps, root)
  const done = new Set<Step>()
  const result: Step[] = []
  const put = (step: Step) => {
    done.add(step)
    result.push(step)
    // What a shell stands for is still to come.
    if (step.verb !== 'shell') for (const key of step.objects) coming.delete(key)
  }
  const isReady = (step: Step) =>
    step.objects.every((key) =>
      [...(catalog.needs.get(key)?.keys() ?? [])].every((needed) => !coming.has(needed) || step.objects.includes(needed)),
    )
  for (const step of steps) {
    if (done.has(step)) continue
    put(step)
    const family = root(step)
    if (family === '') continue
    for (const other of byRoot.get(family) ?? []) if (!done.has(other) && isReady(other)) put(other)
  }
  return result
}

/** `public/tables/documentos`, `public/schema`, `extensions`: the file of a root, without its extension. */
export function fileOf(root: CatalogObject, catalog: Catalog): string {
  const kind = kindOf(root.id.kind)
  const plural = pluralOf(root.id.kind)
  if (root.id.kind === 'schema') return `${fileName(root.id.path[0] ?? '')}/schema`
  // It acts on what is created after it, and files are loaded in the order of their names.
  if (kind.ambient) return `zz-${plural}`
  const schema = schemaOf(root, catalog)
  if (schema === null) return plural
  return `${fileName(schema)}/${plural}/${fileName(root.id.path[1] ?? root.id.kind)}`
}

/** Two names that a file system may take for one (`A`, `a`) get one file: what it holds can be in any file. */
export function sameFile(path: string): string {
  return path.normalize('NFC').toLowerCase()
}

function pluralOf(kind: string): string {
  const word = kind.replaceAll(' ', '-')
  if (/(s|x|ch)$/.test(word)) return word === 'statistics' || word.endsWith('privileges') ? word : `${word}es`
  return /[^aeo]y$/.test(word) ? `${word.slice(0, -1)}ies` : `${word}s`
}

/** Letters of any language stay; what shells, file systems or the reader of schema folders treat apart is written as %XX. */
function fileName(name: string): string {
  const safe = name.replace(/[^\p{L}\p{M}\p{N}_.$-]/gu, (character) =>
    [...new TextEncoder().encode(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  )
  const shown = safe.startsWith('.') ? `%2E${safe.slice(1)}` : safe
  return shown === 'node_modules' ? '%6Eode_modules' : shown
}
