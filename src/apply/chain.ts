import { groupBy } from '../catalog/group.js'
import type { Entry } from './journal.js'

/** What the chain needs to know of a plan file. */
export interface Link {
  readonly id: string
  readonly parent: string | null
}

/** What the chain needs to know of a plan in the journal. */
export type Standing = Pick<Entry, 'id' | 'parent' | 'status'>

/** Where a database stands among the plans that exist. */
export interface Chain<L extends Link, E extends Standing = Entry> {
  /** Applied or stamped, and not reverted; oldest first. */
  readonly inForce: readonly E[]
  readonly current: E | null
  /** Cut short in the middle: `apply` resumes it, `revert` takes it back. */
  readonly half: E | null
  /** To be applied, each after its parent. */
  readonly pending: readonly L[]
  /** Their parent is neither in force nor pending; first those whose parent is missing altogether. */
  readonly stranded: readonly L[]
  /** Plans with the same parent, at least one of them pending: made side by side. */
  readonly forks: readonly { readonly parent: string | null; readonly plans: readonly string[] }[]
  /** Plans in force or pending that no other follows. */
  readonly heads: readonly string[]
}

export function isInForce({ status }: Pick<Entry, 'status'>): boolean {
  return status === 'applied' || status === 'stamped'
}

/** Lays plan files and journal side by side. Linear in both. */
export function chainOf<L extends Link, E extends Standing>(links: readonly L[], entries: readonly E[]): Chain<L, E> {
  const inForce = entries.filter(isInForce)
  const done = new Set(inForce.map(({ id }) => id))
  const half = entries.find(({ status }) => status === 'applying' || status === 'reverting') ?? null
  const open = links.filter(({ id }) => !done.has(id)).sort(byId)
  const children = groupBy(open, ({ parent }) => parent ?? '')
  const pending: L[] = [...children].flatMap(([parent, links]) => (parent === '' || done.has(parent) ? links : [])).sort(byId)
  for (let i = 0; i < pending.length; i++) pending.push(...(children.get(pending[i]?.id ?? '') ?? []))
  const reached = new Set(pending)
  const standing: Link[] = [...inForce, ...pending]
  // Where nothing is open, nothing forks.
  const forks = [
    ...groupBy(
      standing.filter(({ parent }) => children.has(parent ?? '')),
      ({ parent }) => parent ?? '',
    ),
  ]
    .filter(([, siblings]) => siblings.length > 1 && siblings.some(({ id }) => !done.has(id)))
    .map(([parent, siblings]) => ({ parent: parent === '' ? null : parent, plans: siblings.map(({ id }) => id) }))
  const parents = new Set(standing.map(({ parent }) => parent))
  return {
    inForce,
    current: inForce.at(-1) ?? null,
    half,
    pending,
    stranded: rootsFirst(open.filter((link) => !reached.has(link))),
    forks,
    heads: standing.map(({ id }) => id).filter((id) => !parents.has(id)),
  }
}

function rootsFirst<L extends Link>(links: readonly L[]): L[] {
  const ids = new Set(links.map(({ id }) => id))
  const follows = ({ parent }: L) => parent !== null && ids.has(parent)
  return [...links.filter((link) => !follows(link)), ...links.filter(follows)]
}

function byId(a: Link, b: Link): number {
  return a.id < b.id ? -1 : 1
}
