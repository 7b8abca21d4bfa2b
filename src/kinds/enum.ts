import type { CatalogObject } from '../catalog/catalog.js'
import { quoteIdentifier, quoteLiteral, quoteName } from '../sql/quote.js'
import { kind, NOT_SYSTEM } from './kind.js'
import { labelRefusals } from './refusals.js'

type Enum = {
  /** By rank: enumsortorder itself has gaps and fractions that tell only how the type came about. */
  readonly labels: readonly string[]
}

export const enumType = kind<Enum>({
  name: 'enum',
  query: `
    select 'pg_catalog.pg_type'::pg_catalog.regclass::oid as classid, t.oid, 0 as subid,
           array[n.nspname, t.typname]::text[] as path,
           array(select e.enumlabel::text from pg_catalog.pg_enum e where e.enumtypid = t.oid order by e.enumsortorder) as labels
    from pg_catalog.pg_type t
    join pg_catalog.pg_namespace n on n.oid = t.typnamespace
    where t.typtype = 'e' and ${NOT_SYSTEM}`,
  target: (id) => `type ${quoteName(...id.path)}`,
  create: (object) => `create type ${quoteName(...object.id.path)} as enum (${object.definition.labels.map(quoteLiteral).join(', ')})`,
  alter: { labels: (after, before) => (onlyAdds(after, before) ? addLabels(after, before) : null) },
  swappable: true,
  rename: (id, newName) => `alter type ${quoteName(...id.path)} rename to ${quoteIdentifier(newName)}`,
  names: {
    of: ({ definition }) => definition.labels,
    rename: (id, from, to) => `alter type ${quoteName(...id.path)} rename value ${quoteLiteral(from)} to ${quoteLiteral(to)}`,
  },
  occupies: (object) => [`type ${quoteName(...object.id.path)}`],
  hazard: (before, after) =>
    after === undefined || before.definition.labels.every((label) => after.definition.labels.includes(label)) ? null : 'remove-label',
  refusals: (before, after, live) =>
    before === undefined
      ? []
      : labelRefusals(
          before.definition.labels.filter((label) => !after.definition.labels.includes(label)),
          live.users(before.key),
          live,
        ),
  halfway: (before, after) => ({ labels: union(before?.definition.labels ?? [], after?.definition.labels ?? []) }),
  transactional: (before, after) => (before !== undefined && after !== undefined && onlyAdds(after, before) ? 'commit-after' : true),
})

/** The labels of the one in their order, each new one of the other behind that which it follows there. */
function union(labels: readonly string[], others: readonly string[]): string[] {
  const all = [...labels]
  others.forEach((label, rank) => {
    if (!all.includes(label)) all.splice(all.indexOf(others[rank - 1] ?? '') + 1, 0, label)
  })
  return all
}

/** PostgreSQL can neither drop a label nor move one. */
function onlyAdds(after: CatalogObject<Enum>, before: CatalogObject<Enum>): boolean {
  const kept = after.definition.labels.filter((label) => before.definition.labels.includes(label))
  return (
    kept.length < after.definition.labels.length &&
    kept.length === before.definition.labels.length &&
    kept.every((label, rank) => label === before.definition.labels[rank])
  )
}

function addLabels(after: CatalogObject<Enum>, before: CatalogObject<Enum>): string[] {
  const known = before.definition.labels
  const { labels } = after.definition
  return labels.flatMap((label, rank) =>
    known.includes(label)
      ? []
      : [`alter type ${quoteName(...after.id.path)} add value ${quoteLiteral(label)}${place(labels, rank, known)}`],
  )
}

/** Labels are added from first to last, so that the one before is always there. */
function place(labels: readonly string[], rank: number, known: readonly string[]): string {
  const next = labels.slice(rank).find((label) => known.includes(label))
  if (next === undefined) return ''
  const previous = labels[rank - 1]
  return previous === undefined ? ` before ${quoteLiteral(next)}` : ` after ${quoteLiteral(previous)}`
}
