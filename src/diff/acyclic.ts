type Links = Map<number, Set<number>>

/**
 * What adds an edge to a graph without circles, unless it would close one: false. `order` fits the edges of `after`, which grows. Nodes
 * keep places in an order that fits all edges, so that most are added without a walk, and no walk leaves what lies between the two ends
 * (Pearce and Kelly, 2006).
 */
export function acyclic(order: readonly number[], after: Links): (first: number, then: number) => boolean {
  const place = new Map(order.map((node, i) => [node, i]))
  const at = (node: number) => place.get(node) ?? 0
  const before: Links = new Map()
  for (const [first, row] of after) for (const then of row) link(before, then, first)
  return (first, then) => {
    if (first === then) return false
    if (at(first) > at(then)) {
      const ahead = reached(then, after, (node) => at(node) <= at(first))
      if (ahead.has(first)) return false
      const behind = reached(first, before, (node) => at(node) >= at(then))
      const moved = [behind, ahead].flatMap((nodes) => [...nodes].sort((a, b) => at(a) - at(b)))
      const places = moved.map(at).sort((a, b) => a - b)
      for (const [i, node] of moved.entries()) place.set(node, places[i] ?? 0)
    }
    link(after, first, then)
    link(before, then, first)
    return true
  }
}

/** Some order that fits the edges; what is in a circle is not part of it. */
export function anyOrder(nodes: Iterable<number>, after: ReadonlyMap<number, ReadonlySet<number>>): number[] {
  const waits = new Map([...nodes].map((node) => [node, 0]))
  for (const row of after.values()) for (const then of row) waits.set(then, (waits.get(then) ?? 0) + 1)
  const result = [...waits].filter(([, left]) => left === 0).map(([node]) => node)
  // What is added while it is walked is walked, too.
  for (const node of result)
    for (const then of after.get(node) ?? []) {
      const left = (waits.get(then) ?? 0) - 1
      waits.set(then, left)
      if (left === 0) result.push(then)
    }
  return result
}

function reached(from: number, links: Links, within: (node: number) => boolean): Set<number> {
  const seen = new Set([from])
  for (const node of seen) for (const next of links.get(node) ?? []) if (within(next)) seen.add(next)
  return seen
}

function link(links: Links, from: number, to: number): void {
  const row = links.get(from)
  if (row) row.add(to)
  else links.set(from, new Set([to]))
}
