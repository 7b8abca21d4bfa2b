import { equal } from '../catalog/canonical.js'
import type { Catalog, CatalogObject } from '../catalog/catalog.js'
import { groupBy } from '../catalog/group.js'
import { describe, idOf, keyOf, type ObjectId, visible } from '../catalog/id.js'
import { contextOf } from '../diff/compare.js'
import type { Step } from '../diff/steps.js'
import { UserError } from '../errors.js'
import { KINDS, kindOf } from '../kinds/registry.js'
import { introspect } from '../postgres/introspect.js'
import type { Session } from '../postgres/session.js'
import type { Statement } from '../source/statement.js'
import { overlay, pick } from './replica.js'
import { runSegment } from './run-steps.js'

export interface Rename {
  readonly from: ObjectId
  readonly to: ObjectId
}

export interface Renamed {
  /** The live database as it is after the renames. */
  readonly live: Catalog
  readonly steps: readonly Step[]
  /** New key → the key by which the live database still knows the object. */
  readonly formerly: ReadonlyMap<string, string>
}

/**
 * Renames that the files ask for (`-- @renamed from old`, `renamedFrom:`) or a flag does (`table:public.old=new`), and that are still to be
 * done: the old object is there, the new one is not. A directive may stay in its file for ever.
 */
export function renamesAsked(
  statements: readonly Statement[],
  flags: readonly string[],
  live: Catalog,
  wanted: Catalog,
  home: string,
): Rename[] {
  const asked: Rename[] = []
  for (const statement of statements)
    for (const directive of statement.directives) {
      if (directive.name !== 'renamed' || statement.subject === null) continue
      const root =
        statement.subject.name.length === 1 && statement.subject.space !== 'schema'
          ? [home, ...statement.subject.name]
          : statement.subject.name
      const to = directive.column === undefined ? root : [...root, directive.column]
      asked.push(...resolve(to, namesIn(directive.argument), wanted))
    }
  const said = flags.flatMap((flag) => readRename(flag, wanted, home))
  const all = [...asked, ...said]
  const tables = new Map(all.map(({ from, to }) => [keyOf(to), from]))
  /** The old object under the name that its table has in the live database. */
  const old = ({ from, to }: Rename): string => {
    const whole = wholeOf(to, wanted)
    const parent = whole?.key ?? wanted.objects.get(keyOf(to))?.parent
    const oldParent = parent === undefined ? undefined : tables.get(parent)
    return keyOf({ kind: from.kind, path: oldParent ? [...oldParent.path, ...from.path.slice(oldParent.path.length)] : from.path })
  }
  const stands = (rename: Rename) => holds(live, old(rename)) && !holds(live, keyOf(rename.to)) && !holds(wanted, keyOf(rename.from))
  for (const [flag, renames] of groupBy(said, (rename) => rename.flag))
    if (!renames.some(stands)) refuseUseless(flag, renames, live, wanted, old)
  const standing = all.filter(stands)
  // Tables before their columns: a column is then found under its table's new name.
  return standing.sort((a, b) => a.to.path.length - b.to.path.length || (keyOf(a.to) < keyOf(b.to) ? -1 : 1))
}

/** The object that a name inside it belongs to; undefined for an object's own name. */
function wholeOf({ kind, path }: ObjectId, catalog: Catalog): CatalogObject | undefined {
  return kindOf(kind).names ? catalog.objects.get(keyOf({ kind, path: path.slice(0, -1) })) : undefined
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
function resolve(to: readonly string[], old: readonly string[], wanted: Catalog, kind?: string): Rename[] {
  const inside = [...wanted.objects.values()].filter(
    (object) =>
      (kind === undefined || object.id.kind === kind) &&
      object.id.path.length === to.length - 1 &&
      object.id.path.every((name, i) => name === to[i]) &&
      namesInside(object).includes(to.at(-1) ?? ''),
  )
  return [...objectsNamed(to, old, wanted, kind), ...inside.map(({ id }) => renameOf({ kind: id.kind, path: to }, to.length, old))]
}

function objectsNamed(to: readonly string[], old: readonly string[], wanted: Catalog, kind?: string): Rename[] {
  return [...wanted.objects.values()]
    .filter(
      ({ id }) =>
        (kind === undefined || id.kind === kind) &&
        !kindOf(id.kind).global &&
        names(id).length === to.length &&
        names(id).every((name, i) => name === to[i]) &&
        renamable(id),
    )
    .map(({ id }) => renameOf(id, to.length, old))
}

function renameOf(to: ObjectId, length: number, old: readonly string[]): Rename {
  return { to, from: { kind: to.kind, path: [...to.path.slice(0, length - 1), old.at(-1) ?? '', ...to.path.slice(length)] } }
}

interface SaidRename extends Rename {
  readonly flag: string
}

/** `public.a=b`, `public.t.c=public.t.d`, `table:a=b`. Throws UserError where it is none, or the files do not state the new name. */
function readRename(flag: string, wanted: Catalog, home: string): SaidRename[] {
  const [, kind, left, right] = /^(?:([a-z ]+):)?((?:"(?:[^"]|"")*"|[^"=])+)=((?:"(?:[^"]|"")*"|[^"=])+)$/.exec(flag) ?? []
  const [old, name] = [namesIn(left ?? ''), namesIn(right ?? '')]
  if (
    old.length === 0 ||
    name.length === 0 ||
    (kind !== undefined && !KINDS.some((known) => known.name === kind && (known.rename || known.names)))
  )
    throw badRename(flag, 'is not understood', 'Write --rename old=new, such as public.a=public.b, public.t.c=d or table:a=b.')
  const places =
    name.length > 1
      ? [name, [home, ...name]]
      : [
          [...old.slice(0, -1), ...name],
          [home, ...old.slice(0, -1), ...name],
        ]
  const to = places.find((place) => resolve(place, old, wanted, kind).length > 0)
  if (to === undefined)
    throw badRename(
      flag,
      `: the schema files state no ${right}`,
      'Name the new object as the files do, with its schema; its old name comes first.',
    )
  if (old.length > 1 && old.slice(0, -1).join('.') !== to.slice(-old.length, -1).join('.'))
    throw badRename(
      flag,
      'does not keep what stands before the name',
      'A rename keeps schema and table; name a column under the new name of its table.',
    )
  return resolve(to, old, wanted, kind).map((rename) => ({ ...rename, flag }))
}

/** Done already is well; a name that is nowhere, or one that stays, is a mistake. */
function refuseUseless(flag: string, renames: readonly Rename[], live: Catalog, wanted: Catalog, old: (rename: Rename) => string): void {
  if (renames.some((rename) => holds(live, keyOf(rename.to)) && !holds(live, old(rename)))) return
  const stays = renames.find(({ from }) => holds(wanted, keyOf(from)))
  if (stays) throw badRename(flag, `: the schema files still state ${describe(stays.from)}`, 'Take the old one out of the files.')
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
  return new UserError('bad-rename', `--rename ${flag}${what.startsWith(':') ? what : ` ${what}`}.`, { next })
}

/** `a."B c"` as names; a label may stand as it does in SQL, `'b c'`. */
function namesIn(text: string): string[] {
  if (/^[^"'.]+$/.test(text)) return [text.trim()]
  return (text.match(/"(?:[^"]|"")+"|'(?:[^']|'')+'|[^."\s]+/g) ?? []).map((name) => {
    const [quote = ''] = name
    return /["']/.test(quote) ? name.slice(1, -1).replaceAll(quote + quote, quote) : name
  })
}

/** Without a routine's arguments, which no one writes in a directive. */
function names(id: ObjectId): readonly string[] {
  return kindOf(id.kind).mentions ? id.path.slice(0, 2) : id.path
}

/** Parts that go by their owner's name (a default, an ownership) have no name of their own. */
function renamable(id: ObjectId): boolean {
  return kindOf(id.kind).rename !== undefined
}

/**
 * Runs the renames in the replica and reads what comes of them: PostgreSQL renames in every text by itself. What had its name only
 * from a renamed table (keys, indexes, sequences) is renamed along, where the wanted state has the same thing under another name.
 */
export async function renameIn(
  session: Session,
  start: Catalog,
  live: Catalog,
  wanted: Catalog,
  asked: readonly Rename[],
): Promise<Renamed> {
  const stepOf = (rename: Rename) => renameStep(rename, wanted)
  const steps = asked.map(stepOf)
  await runSegment(session, steps, true)
  let after = await introspect(session)
  const along = followers(after, wanted).map(stepOf)
  if (along.length > 0) {
    await runSegment(session, along, true)
    after = await introspect(session)
  }
  const changed = [...after.objects.values()]
    .filter((object) => !equal(start.objects.get(object.key)?.definition, object.definition))
    .map((object) => object.key)
  // What keeps its definition may need something under its new name.
  const moved = new Set([...changed, ...[...after.needs].filter(([, row]) => changed.some((key) => row.has(key))).map(([key]) => key)])
  const gone = [...start.objects.keys()].filter((key) => !after.objects.has(key))
  return {
    live: overlay(
      live,
      pick(after, (key) => moved.has(key)),
      gone,
    ),
    steps: [...steps, ...along],
    formerly: new Map(asked.map(({ from, to }) => [keyOf(to), keyOf(from)])),
  }
}

function followers(state: Catalog, wanted: Catalog): Rename[] {
  const candidates = new Map<string, CatalogObject[]>()
  const nameless = (object: CatalogObject, catalog: Catalog) => {
    const text = kindOf(object.id.kind).nameless?.(object, contextOf(catalog))
    return text === undefined ? null : `${object.id.kind} ${text}`
  }
  for (const object of wanted.objects.values()) {
    const text = state.objects.has(object.key) ? null : nameless(object, wanted)
    if (text !== null) candidates.set(text, [...(candidates.get(text) ?? []), object])
  }
  const renames: Rename[] = []
  for (const object of state.objects.values()) {
    const text = wanted.objects.has(object.key) ? null : nameless(object, state)
    const to = text === null ? undefined : candidates.get(text)?.shift()
    if (to) renames.push({ from: object.id, to: to.id })
  }
  return renames
}

/** The step, with the table under its new name: tables were renamed before. */
function renameStep({ from, to }: Rename, wanted?: Catalog): Step {
  const kind = kindOf(to.kind)
  const whole = kind.names && (wanted ? wholeOf(to, wanted)?.id : undefined)
  if (kind.names && whole) return renameInside(whole, to.path.at(-1) ?? '', from.path.at(-1) ?? '')
  const at = from.path.findIndex((name, i) => name !== to.path[i])
  const source = { kind: from.kind, path: [...to.path.slice(0, at), from.path[at] ?? '', ...to.path.slice(at + 1)] }
  return {
    title: visible(`rename ${describe(source)} to ${to.path[at]}`),
    objects: [keyOf(to), keyOf(source)],
    sql: [kind.rename?.(source, to.path[at] ?? '') ?? ''],
    verb: 'alter',
    hazards: [],
    impact: kind.holdsData === true ? { lock: 'ACCESS EXCLUSIVE' } : {},
    transactional: true,
  }
}

function renameInside(id: ObjectId, to: string, from: string): Step {
  return {
    title: `rename ${from} to ${to} in ${describe(id)}`,
    objects: [keyOf(id)],
    renames: { from, to },
    sql: [kindOf(id.kind).names?.rename(id, from, to) ?? ''],
    verb: 'alter',
    hazards: [],
    impact: {},
    transactional: true,
  }
}

/** The renames the other way round. */
export function undone(steps: readonly Step[]): Step[] {
  return [...steps].reverse().map(({ objects, renames }) => {
    const [to, from] = objects.map(idOf)
    if (to && renames) return renameInside(to, renames.from, renames.to)
    if (!to || !from) throw new Error('a rename concerns two ids')
    return renameStep({ from: to, to: from })
  })
}
