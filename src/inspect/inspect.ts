import { type Catalog, rootOf } from '../catalog/catalog.js'
import { groupBy } from '../catalog/group.js'
import { idOf } from '../catalog/id.js'
import type { Sort } from '../diff/scope.js'
import { type Step, stepsBetween } from '../diff/steps.js'
import { kindOf } from '../kinds/registry.js'
import { introspect } from '../postgres/introspect.js'
import type { Session } from '../postgres/session.js'
import { fileOf, sameFile, together } from './arrange.js'
import { baseOf } from './base.js'
import { select, withoutVersions } from './select.js'
import { sqlText } from './sql-text.js'

export interface Form {
  readonly schemas: readonly string[] | '*'
  readonly manage: readonly Sort[]
  readonly format: 'sql' | 'yaml'
  /** One file an object; otherwise the one file is named ''. */
  readonly split: boolean
}

export interface Inspected {
  readonly catalog: Catalog
  /** Relative path, '' for the only one, to text. */
  readonly files: ReadonlyMap<string, string>
  /** What was found and no kind models. */
  readonly unmodelled: readonly string[]
  /** What the written objects need of schemas that were not written. */
  readonly missing: readonly string[]
}

/** A live database as schema files: the way from a new database to the selected part of this one. */
export async function inspect(session: Session, form: Form): Promise<Inspected> {
  return filesOf(await readNamed(session), form)
}

/** With the name of the database, which files write where SQL asks for one. */
export async function readNamed(session: Session): Promise<Catalog> {
  const [row] = await session.query<{ database: string }>('select pg_catalog.current_database()::text as database')
  return { ...(await introspect(session)), ...row }
}

export async function filesOf(live: Catalog, request: Form): Promise<Inspected> {
  const { catalog: selected, missing } = select(live, request.schemas, new Set(request.manage))
  const catalog = withoutVersions(selected)
  const unmodelled = live.unmodelled.map((one) => one.description)
  const steps = stepsTo(catalog, request.manage)
  const write = request.format === 'sql' ? sqlText : (await import('./yaml-text.js')).yamlText
  const text = (some: readonly Step[]) => write(some, catalog)
  const head = headOf(live.major, unmodelled, missing, request.format === 'sql' ? '--' : '#')
  const files = request.split ? split(steps, catalog, request.format, text) : new Map([['', text(steps)]])
  const [first] = [...files.keys()].sort()
  // Files that say nothing are no use, but for the one that was asked for.
  const withHead = [...files].map(([path, body]) => [path, path === first ? head + body : body] as const)
  return { catalog: selected, files: new Map(withHead), unmodelled, missing }
}

/** All steps are creations, and changes of what a new database has: what it has too much cannot be stated. */
function stepsTo(catalog: Catalog, manage: readonly Sort[]): Step[] {
  const { catalog: base } = select(baseOf(catalog), '*', new Set(manage))
  // A role that nobody has: whoever loads the files, every owner is stated.
  const role = manage.includes('owners') ? '' : catalog.role
  const steps = stepsBetween({ ...base, role }, { ...catalog, role })
  const stated = steps.filter((step) => step.verb !== 'drop' || kindOf(idOf(step.objects[0] ?? '').kind).global)
  return together(stated, catalog)
}

function split(steps: readonly Step[], catalog: Catalog, format: string, text: (steps: readonly Step[]) => string): Map<string, string> {
  const names = new Map<string, string>()
  const nameOf = (step: Step) => {
    const key = step.objects[0] ?? ''
    const object = catalog.objects.get(key)
    const path = object ? fileOf(rootOf(object, catalog.objects), catalog) : 'public/schema'
    const same = sameFile(path)
    if (!names.has(same)) names.set(same, path)
    return `${names.get(same)}.${format}`
  }
  const files = new Map<string, string>()
  for (const [path, some] of [...groupBy(steps, nameOf)].sort(([a], [b]) => (a < b ? -1 : 1))) files.set(path, text(some))
  return files
}

function headOf(major: number, unmodelled: readonly string[], missing: readonly string[], mark: string): string {
  const lines = [
    `Written by schemactl inspect from a PostgreSQL ${major} database.`,
    ...list('Found, but not modelled by schemactl, and not written:', unmodelled),
    ...list('Needed by what follows, in schemas that were not asked for:', missing),
  ]
  return `${lines.map((line) => `${mark} ${line}`).join('\n')}\n\n`
}

function list(title: string, names: readonly string[]): string[] {
  return names.length === 0 ? [] : [title, ...names.map((name) => `  ${name.replaceAll(/\s+/g, ' ')}`)]
}
