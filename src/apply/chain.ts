import { groupBy } from '../catalog/group.js'
import type { Entry } from './journal.js'

/** What the chain needs to know of a plan file. */
export interface Link {
  readonly id: string
  readonly parent: string | null
}

/** Where a database stands among the plans that exist. */
export interface Chain<L extends Link> {
  /** Applied or stamped, and not reverted; oldest first. */
  readonly inForce: readonly Entry[]
  readonly current: Entry | null
  /** Cut short in the middle: `apply` resumes it, `revert` takes it back. */
  readonly half: Entry | null
  /** To be applied, each after its parent. */
  readonly pending: readonly L[]
  /** Their parent is neither in force nor pending. */
  readonly stranded: readonly L[]
  /** Plans with the same parent, at least one of them pending: made side by side. */
  readonly forks: readonly { readonly parent: string | null; readonly plans: readonly string[] }[]
  /** Plans in force or pending that no other follows. */
  readonly heads: readonly string[]
}

export function isInForce({ status }: Entry): boolean {
  return status === 'applied' || status === 'stamped'
}

/** Lays plan files and journal side by side. Linear in both. */
export function chainOf<L extends Link>(links: readonly L[], entries: readonly Entry[]): Chain<L> {
  const inForce = entries.filter(isInForce)
  const done = new Set(inForce.map(({ id }) => id))
  const half = entries.find(({ status }) => status === 'applying' || status === 'reverting') ?? null
  const open = links.filter(({ id }) => !done.has(id)).sort((a, b) => (a.id < b.id ? -1 : 1))
  const children = groupBy(open, ({ parent }) => parent ?? '')
  const pending: L[] = []
  const follow = (id: string) => {
    for (const child of children.get(id) ?? []) pending.push(child)
  }
  for (const id of ['', ...done]) follow(id)
  for (let i = 0; i < pending.length; i++) follow(pending[i]?.id ?? '')
  const reached = new Set(pending)
  const standing: Link[] = [...inForce, ...pending]
  const forks = [...groupBy(standing, ({ parent }) => parent ?? '')]
    .filter(([, siblings]) => siblings.length > 1 && siblings.some(({ id }) => !done.has(id)))
    .map(([parent, siblings]) => ({ parent: parent === '' ? null : parent, plans: siblings.map(({ id }) => id) }))
  const parents = new Set(standing.map(({ parent }) => parent))
  return {
    inForce,
    current: inForce.at(-1) ?? null,
    half,
    pending,
    stranded: open.filter((link) => !reached.has(link)),
    forks,
    heads: standing.map(({ id }) => id).filter((id) => !parents.has(id)),
  }
}
