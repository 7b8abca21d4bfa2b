import { type Catalog, type CatalogObject, rootOf, type Value } from '../catalog/catalog.js'
import { groupBy } from '../catalog/group.js'
import { schemaOf } from '../diff/scope.js'
import type { Step } from '../diff/steps.js'
import { kindOf } from '../kinds/registry.js'
import { faithful } from '../sql/faithful.js'
import { lowerKeywords } from './sql-text.js'
import { attributes, cover } from './yaml/attributes.js'
import { type Children, childrenOf, compact, type Mapping } from './yaml/mapping.js'
import { routine } from './yaml/routines.js'
import { spell } from './yaml/spell.js'
import { materializedView, table, view } from './yaml/tables.js'
import { compositeType, domain, enumType, sequence } from './yaml/types.js'

type Build = (object: CatalogObject, children: Children, alone: boolean) => Mapping | null

/** Kinds that YAML has a section for, in the order of a document. All else is a statement under `sql`. */
const SECTIONS: Readonly<Record<string, readonly [section: string, build: Build]>> = {
  schema: ['schemas', (object, children) => withAttributes(object, children, {})],
  extension: ['extensions', (object, children) => withAttributes(object, children, { schema: object.definition.schema ?? null })],
  enum: ['enums', enumType],
  domain: ['domains', domain],
  'composite type': ['types', compositeType],
  sequence: ['sequences', sequence],
  table: ['tables', table],
  view: ['views', view],
  'materialized view': ['materializedViews', materializedView],
  function: ['functions', routine],
  procedure: ['procedures', routine],
}

/** With expressions in the words by which they are read as what they were; the texts of routines are people's own. */
function reread(object: CatalogObject): CatalogObject {
  if (kindOf(object.id.kind).mentions !== undefined) return object
  const again = (value: Value): Value => {
    if (typeof value === 'string') return faithful(value)
    if (value === null || typeof value !== 'object') return value
    if (Array.isArray(value)) return value.map(again)
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, again(inner)]))
  }
  return { ...object, definition: Object.fromEntries(Object.entries(object.definition).map(([name, value]) => [name, again(value)])) }
}

/** The same statements as YAML documents, one a schema: as mappings where YAML has the words, else as they are. */
export function yamlText(steps: readonly Step[], read: Catalog): string {
  const catalog = { ...read, objects: new Map([...read.objects].map(([key, object]) => [key, reread(object)])) }
  const mappings = mappingsOf(steps, catalog)
  const rest = steps.filter((step) => !step.objects.every((key) => mappings.covered.has(key)))
  const documents = new Map<string, Draft>()
  const draft = (object: CatalogObject | undefined): Draft => {
    const schema = object ? schemaOf(object, catalog) : null
    const place = placeOf(object, schema)
    const known = documents.get(place) ?? { schema, sections: new Map(), sql: [] }
    documents.set(place, known)
    return known
  }
  for (const { root, mapping } of mappings.all) put(draft(root), root, mapping.value)
  for (const step of rest) draft(headOf(step, catalog)).sql.push(...step.sql.map((sql) => lowerKeywords(sql.trim())))
  const inOrder = [...documents].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => documentOf(one))
  return spell(inOrder)
}

interface Draft {
  readonly schema: string | null
  readonly sections: Map<string, Map<string, Value>>
  readonly sql: string[]
}

/** Extensions come first; what is in no schema may need anything, and what acts on all that is created comes last. */
function placeOf(object: CatalogObject | undefined, schema: string | null): string {
  if (schema !== null) return `1${schema}`
  if (object === undefined || object.id.kind === 'extension') return '0'
  return kindOf(object.id.kind).ambient ? '3' : '2'
}

function mappingsOf(
  steps: readonly Step[],
  catalog: Catalog,
): { readonly all: readonly { readonly root: CatalogObject; readonly mapping: Mapping }[]; readonly covered: ReadonlySet<string> } {
  const children = childrenOf(catalog)
  const routines = groupBy(catalog.objects.values(), (object) =>
    ['function', 'procedure', 'aggregate'].includes(object.id.kind) ? object.id.path.slice(0, 2).join('.') : '',
  )
  const found = new Map<string, { readonly root: CatalogObject; readonly mapping: Mapping }>()
  for (const step of steps) {
    const root = step.verb === 'create' ? catalog.objects.get(step.objects[0] ?? '') : undefined
    const mapping = root && SECTIONS[root.id.kind]?.[1](root, children, routines.get(root.id.path.slice(0, 2).join('.'))?.length === 1)
    if (root && mapping) found.set(root.key, { root, mapping })
  }
  const covered = new Set([...found.values()].flatMap(({ mapping }) => mapping.covers))
  // A statement that a mapping says only in part must stand as it is, and with it all that the mapping says.
  for (const step of steps) {
    const said = step.objects.filter((key) => covered.has(key))
    if (said.length === 0 || said.length === step.objects.length) continue
    for (const key of said) {
      const object = catalog.objects.get(key)
      if (object) found.delete(rootOf(object, catalog.objects).key)
    }
  }
  const all = [...found.values()]
  return { all, covered: new Set(all.flatMap(({ mapping }) => mapping.covers)) }
}

function headOf(step: Step, catalog: Catalog): CatalogObject | undefined {
  const object = catalog.objects.get(step.objects[0] ?? '')
  return object && rootOf(object, catalog.objects)
}

function put({ sections }: Draft, root: CatalogObject, value: Value): void {
  const [section] = SECTIONS[root.id.kind] ?? ['']
  const entries = sections.get(section) ?? new Map<string, Value>()
  sections.set(section, entries)
  const isRoutine = section === 'functions' || section === 'procedures'
  const name = root.id.path[isRoutine ? 1 : root.id.path.length - 1] ?? ''
  const known = entries.get(name)
  // Routines may share a name.
  entries.set(name, known === undefined ? value : [...(Array.isArray(known) ? (known as readonly Value[]) : [known]), value])
}

function documentOf({ schema, sections, sql }: Draft): Value {
  const order = Object.values(SECTIONS).map(([section]) => section)
  const said = order.flatMap((section) => {
    const entries = sections.get(section)
    return entries ? [[section, Object.fromEntries(entries)] as const] : []
  })
  return { ...(schema === null ? {} : { schema }), ...Object.fromEntries(said), ...(sql.length > 0 ? { sql } : {}) }
}

function withAttributes(object: CatalogObject, children: Children, more: { readonly [key: string]: Value }): Mapping {
  const { value, covers } = attributes(object, children)
  return cover(object, compact({ ...more, comment: value.comment, owner: value.owner, grants: value.grants }), covers)
}
