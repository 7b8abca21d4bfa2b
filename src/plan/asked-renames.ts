import { equal } from '../catalog/canonical.js'
import type { Catalog, CatalogObject } from '../catalog/catalog.js'
import { groupBy } from '../catalog/group.js'
import { describe, idOf, keyOf, type ObjectId, visible } from '../catalog/id.js'
import { contextOf } from '../diff/compare.js'
import { UserError } from '../errors.js'
import { KINDS, kindOf } from '../kinds/registry.js'
import type { LoadWarning } from '../postgres/load.js'
import type { Directive, Statement } from '../source/statement.js'
import { quoteIdentifier, quoteName } from '../sql/quote.js'
import { namesIn, spellings, type WrittenName } from './written-names.js'

export interface Rename {
  readonly from: ObjectId
  readonly to: ObjectId
}

/** What is asked for, and by whom. */
export interface RenameRequest {
  readonly statements: readonly Statement[]
  /** `public.old=new`. */
  readonly flags: readonly string[]
  /** The same of a plan that is made again: what no longer fits is left out. */
  readonly remembered: readonly string[]
  /** The schema of names without one. */
  readonly home: string
}

/**
 * Renames that the files ask for (`-- @renamed from old`, `renamedFrom:`) or a flag does (`table:public.old=new`), and that are still to be
 * done: the old object is there, the new one is not. A directive may stay in its file for ever.
 */
export function renamesAsked({ statements, flags, remembered, home }: RenameRequest, live: Catalog, wanted: Catalog): Rename[] {
  const asked = directivesOf(statements).flatMap((directive) => renamesOfDirective(directive, wanted, home))
  const said = flags.flatMap((flag) => readRename(flag, wanted, home))
  const again = remembered.flatMap((flag) => rememberedRename(flag, wanted, home))
  const all = [...asked, ...said, ...again]
  const tables = new Map(all.map(({ from, to }) => [keyOf(to), from]))
  /** The old object under the name that its table has in the live database. */
  const old = ({ from, to }: Rename): string => {
    const parent = parentOf(to, wanted)
    const oldParent = parent === undefined ? undefined : tables.get(parent)
    return keyOf({ kind: from.kind, path: oldParent ? [...oldParent.path, ...from.path.slice(oldParent.path.length)] : from.path })
  }
  const stands = (rename: Rename) =>
    holds(live, old(rename)) &&
    !holds(live, keyOf(rename.to)) &&
    !holds(wanted, keyOf(rename.from)) &&
    takenBy(rename, all, live) !== 'none'
  for (const [flag, renames] of groupBy(said, (rename) => rename.flag))
    if (!renames.some(stands)) refuseUseless(flag, renames, all, live, wanted, old)
  // Once, however often it was asked for.
  const standing = [...groupBy(all.filter(stands), ({ to }) => keyOf(to)).values()].flatMap(([first]) => (first ? [first] : []))
  // Tables before their columns: a column is then found under its table's new name.
  return standing.sort((a, b) => a.to.path.length - b.to.path.length || (keyOf(a.to) < keyOf(b.to) ? -1 : 1))
}

/** Directives about a part of what the database has, where it has the part neither under the old name nor under the new one. */
export function unmetRenames(statements: readonly Statement[], live: Catalog, wanted: Catalog, home: string): LoadWarning[] {
  return directivesOf(statements).flatMap((directive) => {
    const renames = renamesOfDirective(directive, wanted, home)
    const [first] = renames
    const parent = first && parentOf(first.to, wanted)
    if (first === undefined || parent === undefined || !live.objects.has(parent)) return []
    if (renames.some(({ from, to }) => holds(live, keyOf(from)) || holds(live, keyOf(to)))) return []
    const message = `renamed from ${directive.argument}: the database has no ${describe(first.from)}; ${describe(first.to)} is new`
    return [{ statement: { ...directive.statement, line: directive.line, column: 1 }, message: visible(message) }]
  })
}

interface PlacedDirective extends Directive {
  readonly statement: Statement
}

function directivesOf(statements: readonly Statement[]): PlacedDirective[] {
  return statements.flatMap((statement) =>
    statement.directives.filter(({ name }) => name === 'renamed').map((directive) => ({ ...directive, statement })),
  )
}

function renamesOfDirective({ statement, argument, column, line }: PlacedDirective, wanted: Catalog, home: string): Rename[] {
  if (statement.subject === null) return []
  const { name, space } = statement.subject
  const root = name.length === 1 && space !== 'schema' ? [home, ...name] : name
  const to = column === undefined ? root : [...root, column]
  const old = namesIn(argument)
  const place = { file: statement.file, line }
  if (old === null)
    throw new UserError('bad-rename', visible(`renamed from ${argument}: that is not a name.`), {
      location: place,
      next: 'Write the old name, in double quotes where it holds more than letters, digits and _ (a quote within is doubled).',
    })
  const elsewhere =
    column === undefined && old.length > 1 && old.length <= to.length && !keepsPlace(textsOf(old), to) && !namesMove(old, to)
  if (elsewhere || old.length > to.length)
    throw new UserError('bad-rename', visible(`renamed from ${argument}: it does not stand where ${quoteName(...to)} does.`), {
      location: place,
      next: 'A rename of a part keeps its table; write the old name alone, in double quotes where it holds a dot.',
    })
  return resolveAll(to, old, wanted)
}

/** The names before the last one are those before the new one. */
function keepsPlace(old: readonly string[], to: readonly string[]): boolean {
  return old.slice(0, -1).every((name, i) => name.toLowerCase() === to.slice(-old.length, -1)[i]?.toLowerCase())
}

/** The names are those of something whole that is in another schema. */
function namesMove(old: readonly WrittenName[], to: readonly string[]): boolean {
  return old.length === 2 && to.length === 2 && !keepsPlace(textsOf(old), to)
}

function textsOf(names: readonly WrittenName[]): readonly string[] {
  return names.map(({ text }) => text)
}

/** For each way in which the old name can be meant. */
function resolveAll(to: readonly string[], old: readonly WrittenName[], wanted: Catalog, kind?: string): Rename[] {
  const [first, last] = [old[0], old.at(-1)]
  if (first === undefined || last === undefined) return []
  const names = spellings(last)
  if (!namesMove(old, to)) return names.flatMap((name) => resolve([...to.slice(0, -1), name], to, wanted, kind))
  // What is part of another goes where that goes.
  const whole = ({ to: id }: Rename) => parentOf(id, wanted) === undefined
  return spellings(first).flatMap((schema) => names.flatMap((name) => resolve([schema, name], to, wanted, kind).filter(whole)))
}

/** The object that a name inside it belongs to; undefined for an object's own name. */
export function wholeOf({ kind, path }: ObjectId, catalog: Catalog): CatalogObject | undefined {
  return kindOf(kind).names ? catalog.objects.get(keyOf({ kind, path: path.slice(0, -1) })) : undefined
}

/** The key of what it is part of. */
function parentOf(id: ObjectId, catalog: Catalog): string | undefined {
  return wholeOf(id, catalog)?.key ?? catalog.objects.get(keyOf(id))?.parent
}

/** Is there such an object, or such a name inside one? */
function holds(catalog: Catalog, key: string): boolean {
  const id = idOf(key)
  const whole = wholeOf(id, catalog)
  return catalog.objects.has(key) || (whole !== undefined && namesInside(whole).includes(id.path.at(-1) ?? ''))
}

function namesInside(object: CatalogObject): readonly string[] {
  return kindOf(object.id.kind).names?.of(object) ?? []
}

/** What a directive or a flag asks for: one rename for each kind of object that the files have under the new name. */
function resolve(old: readonly string[], to: readonly string[], wanted: Catalog, kind?: string): Rename[] {
  const inside = [...wanted.objects.values()].filter(
    (object) =>
      (kind === undefined || object.id.kind === kind) &&
      object.id.path.length === to.length - 1 &&
      object.id.path.every((name, i) => name === to[i]) &&
      namesInside(object).includes(to.at(-1) ?? ''),
  )
  return [...objectsNamed(old, to, wanted, kind), ...inside.map(({ id }) => renameOf({ kind: id.kind, path: to }, old))]
}

function objectsNamed(old: readonly string[], to: readonly string[], wanted: Catalog, kind?: string): Rename[] {
  return [...wanted.objects.values()]
    .filter(
      ({ id }) =>
        (kind === undefined || id.kind === kind) &&
        !kindOf(id.kind).global &&
        names(id).length === to.length &&
        names(id).every((name, i) => name === to[i]) &&
        renamable(id),
    )
    .map(({ id }) => renameOf(id, old))
}

function renameOf(to: ObjectId, old: readonly string[]): Rename {
  return { to, from: { kind: to.kind, path: [...old, ...to.path.slice(old.length)] } }
}

interface SaidRename extends Rename {
  readonly flag: string
}

/** Of what goes to another schema only with a relation that has it: the rename that moves that; null where it goes by itself. */
export function takenBy({ from, to }: Rename, all: readonly Rename[], live: Catalog): Rename | 'none' | null {
  const object = isMove({ from, to }) ? live.objects.get(keyOf(from)) : undefined
  const whole = object && kindOf(from.kind).movesWith?.(object, contextOf(live))
  if (!whole) return null
  return all.find((other) => isMove(other) && other.to.path[0] === to.path[0] && equal([...other.from.path], [...whole])) ?? 'none'
}

/** From one schema to another, under the same name or not. */
export function isMove({ from, to }: Rename): boolean {
  return from.path.length > 1 && from.path[0] !== to.path[0]
}

/** As `plan --rename` takes it. */
export function flagOf({ from, to }: Rename): string {
  const at = from.path.findIndex((name, i) => name !== to.path[i])
  if (isMove({ from, to })) return `${to.kind}:${quoteName(...names(from))}=${quoteName(...names(to))}`
  return `${to.kind}:${quoteName(...to.path.slice(0, at), from.path[at] ?? '')}=${quoteIdentifier(to.path[at] ?? '')}`
}

const FLAG = /^(?:([a-z ]+):)?((?:"(?:[^"]|"")*"|'(?:[^']|'')*'|[^"'=])+)=((?:"(?:[^"]|"")*"|'(?:[^']|'')*'|[^"'=])+)$/

/** `public.a=b`, `public.t.c=public.t.d`, `table:a=b`. Throws UserError where it is none, or the files do not state the new name. */
function readRename(flag: string, wanted: Catalog, home: string): SaidRename[] {
  const [, kind, left = '', right = ''] = FLAG.exec(flag) ?? []
  const [old, name] = [namesIn(left), namesIn(right)]
  if (old === null || name === null || (kind !== undefined && !KINDS.some((known) => known.name === kind && (known.rename || known.names))))
    throw badRename(
      flag,
      'is not understood',
      'Write --rename old=new, such as public.a=public.b, public.t.c=d or table:a=b; a name with a dot, a quote or = in it in double quotes.',
    )
  const before = textsOf(old).slice(0, -1)
  const ends = name.length > 1 ? [textsOf(name)] : spellings(name[0] ?? { text: '', quoted: true }).map((last) => [...before, last])
  const places = ends.flatMap((end) => [end, [home, ...end]])
  const to = places.find((place) => resolveAll(place, old, wanted, kind).length > 0)
  if (to === undefined)
    throw badRename(
      flag,
      `: the schema files state no ${right}`,
      'Name the new object as the files do, with its schema; its old name comes first.',
    )
  if (old.length > 1 && !keepsPlace(textsOf(old), to) && !namesMove(old, to))
    throw badRename(
      flag,
      'does not keep what stands before the name',
      'A rename of a part keeps its table; name a column under the new name of its table.',
    )
  return resolveAll(to, old, wanted, kind).map((rename) => ({ ...rename, flag }))
}

function rememberedRename(flag: string, wanted: Catalog, home: string): Rename[] {
  try {
    return readRename(flag, wanted, home)
  } catch (error) {
    if (error instanceof UserError) return []
    throw error
  }
}

/** Done already is well; a name that is nowhere, or one that stays, is a mistake. */
function refuseUseless(
  flag: string,
  renames: readonly Rename[],
  all: readonly Rename[],
  live: Catalog,
  wanted: Catalog,
  old: (rename: Rename) => string,
): void {
  if (renames.some((rename) => holds(live, keyOf(rename.to)) && !holds(live, old(rename)))) return
  const stays = renames.find(({ from }) => holds(wanted, keyOf(from)))
  if (stays) throw badRename(flag, `: the schema files still state ${describe(stays.from)}`, 'Take the old one out of the files.')
  const held = renames.find((rename) => takenBy(rename, all, live) === 'none')
  if (held) throw badRename(flag, `: a column owns ${describe(held.from)}, which stays with it`, 'Move the table of that column, too.')
  const both = renames.find((rename) => holds(live, old(rename)))
  if (both) throw badRename(flag, `: the database has ${describe(both.to)} already`, 'Leave the flag out.')
  const [missing] = renames
  throw badRename(
    flag,
    `: the database has no ${missing ? describe(missing.from) : 'such object'}`,
    'Name the old object as the database does.',
  )
}

function badRename(flag: string, what: string, next: string): UserError {
  return new UserError('bad-rename', visible(`--rename ${flag}${what.startsWith(':') ? what : ` ${what}`}.`), { next })
}

/** Without a routine's arguments, which no one writes in a directive. */
function names(id: ObjectId): readonly string[] {
  return kindOf(id.kind).mentions ? id.path.slice(0, 2) : id.path
}

/** Parts that go by their owner's name (a default, an ownership) have no name of their own. */
function renamable(id: ObjectId): boolean {
  return kindOf(id.kind).rename !== undefined
}
