import { canonical } from '../catalog/canonical.js'
import type { Catalog, CatalogObject } from '../catalog/catalog.js'
import { groupBy } from '../catalog/group.js'
import { describe, visible } from '../catalog/id.js'
import { contextOf } from '../diff/compare.js'
import { mayRebuild } from '../diff/steps.js'
import { kindOf } from '../kinds/registry.js'
import { quoteIdentifier, quoteName } from '../sql/quote.js'
import { flagOf, isMove } from './asked-renames.js'
import type { SourceIndex } from './source-lines.js'

export interface LikelyRename {
  /** As `describe` says it. */
  readonly from: string
  readonly to: string
  /** What `plan --rename` takes. */
  readonly rename: string
  /** The line of a schema file above which the directive belongs; null where one line says too much. */
  readonly line: string | null
  readonly directive: string
}

/**
 * What goes and would lose rows, and what comes in the same place and is alike in all but its name; only where neither has a second
 * candidate. Told, never done: nobody but the author knows.
 */
export function findLikelyRenames(live: Catalog, wanted: Catalog, source: SourceIndex): LikelyRename[] {
  const inPlace = alone(candidates(live, wanted, placeOf), candidates(wanted, live, placeOf))
  const objects = [...inPlace, ...movedAlike(live, wanted, new Set(inPlace.flat()))]
  const said = objects.map(([from, to]) => likelyRename(from, to, source))
  return [...said, ...[...live.objects.values()].flatMap((object) => renamedInside(object, wanted.objects.get(object.key)))]
}

/** What has exactly one candidate, and is the only one for it. */
function alone(gone: Map<string, CatalogObject[]>, come: Map<string, CatalogObject[]>): [CatalogObject, CatalogObject][] {
  return [...gone].flatMap(([likeness, olds]) => {
    const news = come.get(likeness) ?? []
    const [[from], [to]] = [olds, news]
    return from && to && olds.length === 1 && news.length === 1 ? [[from, to] as [CatalogObject, CatalogObject]] : []
  })
}

/** The same name in another schema. */
function movedAlike(live: Catalog, wanted: Catalog, known: ReadonlySet<CatalogObject>): [CatalogObject, CatalogObject][] {
  const name = ({ id, parent }: CatalogObject) => (parent === undefined && id.path.length === 2 ? [id.path.at(-1) ?? ''] : null)
  const pairs = alone(candidates(live, wanted, name), candidates(wanted, live, name))
  return pairs.filter(([from, to]) => !known.has(from) && !known.has(to))
}

function placeOf({ id }: CatalogObject): readonly string[] {
  return id.path.slice(0, -1)
}

/** One name inside the object that goes, where one comes at the same place. */
function renamedInside(before: CatalogObject, after: CatalogObject | undefined): LikelyRename[] {
  const names = kindOf(before.id.kind).names
  if (!names || !after) return []
  const [olds, news] = [names.of(before), names.of(after)]
  const places = olds.flatMap((old, i) => (news[i] === old ? [] : [i]))
  const [place = -1] = places
  const [old, name] = [olds[place], news[place]]
  if (olds.length !== news.length || places.length !== 1 || old === undefined || name === undefined || olds.includes(name)) return []
  const whole = describe(before.id)
  const within = (last: string) => ({ kind: before.id.kind, path: [...before.id.path, last] })
  const rename = flagOf({ from: within(old), to: within(name) })
  return [{ from: `${old} in ${whole}`, to: name, rename, line: null, directive: `-- @renamed from ${quoteIdentifier(old)}` }]
}

/** Objects that hold rows and that the other state lacks, though it has what they are part of; by likeness and, where `place` has one, place. */
function candidates(
  catalog: Catalog,
  other: Catalog,
  place: (object: CatalogObject) => readonly string[] | null,
): Map<string, CatalogObject[]> {
  const { children } = contextOf(catalog)
  const alike = (object: CatalogObject) => kindOf(object.id.kind).likeness?.(object) ?? object.definition
  const found = [...catalog.objects.values()]
    .filter((object) => {
      const kind = kindOf(object.id.kind)
      const partner = object.parent === undefined || other.objects.has(object.parent)
      return kind.rename && kind.hazard?.(object, undefined) && partner && !other.objects.has(object.key) && place(object) !== null
    })
    .sort((a, b) => (a.key < b.key ? -1 : 1))
  return groupBy(found, (object) => {
    const parts = children(object.id).filter((part) => kindOf(part.id.kind).holdsData !== undefined && !mayRebuild(part))
    const inside = parts.map((part) => canonical([part.id.kind, part.id.path.at(-1) ?? '', alike(part)])).sort()
    return canonical([object.id.kind, [...(place(object) ?? [])], alike(object), inside])
  })
}

function likelyRename({ id: from }: CatalogObject, { id: to, key }: CatalogObject, source: SourceIndex): LikelyRename {
  const before = from.path.at(-1) ?? ''
  const moves = isMove({ from, to })
  // A comment ends with its line, and the flag can say any name.
  const line = visible(before) === before ? source.directiveAt(key) : null
  return {
    from: describe(from),
    to: describe(to),
    rename: flagOf({ from, to }),
    line,
    directive: /\.ya?ml:\d+$/.test(line ?? '')
      ? moves
        ? `movedFrom: ${inYaml(from.path[0] ?? '')}`
        : `renamedFrom: ${inYaml(before)}`
      : `-- @renamed from ${moves ? quoteName(...from.path) : quoteIdentifier(before)}`,
  }
}

/** Letter by letter, as YAML files spell names. */
function inYaml(name: string): string {
  return quoteIdentifier(name) === name ? name : JSON.stringify(name)
}

/** As a shell reads it as one word, on one line. */
function inShell(word: string): string {
  if (/^[\w.:=]+$/.test(word)) return word
  const text = visible(word)
  if (text === word) return `'${word.replaceAll("'", "'\\''")}'`
  return `$'${visible(word.replaceAll('\\', '\\\\').replaceAll("'", "\\'"))}'`
}

/** Lines for people, to be pasted. */
export function renameHint(renames: readonly LikelyRename[]): string[] {
  if (renames.length === 0) return []
  const lines = renames.map(({ from, to, rename, line, directive }) => {
    const flag = `--rename ${inShell(rename)}`
    const written = directive.startsWith('--') ? `above ${line}:  ${directive}` : `in ${line}:  ${directive}`
    return `  ${from} → ${to}\n    ${line === null ? flag : `${written}\n    or:  ${flag}`}`
  })
  return [`Renamed, not dropped? Then say so, and plan again:`, ...lines]
}
