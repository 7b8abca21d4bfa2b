import type { Edges } from './edges.js'

/** Strongly connected components of more than one node (Tarjan), over the heads. Iterative: catalogs are deep. */
export function components(size: number, edges: Edges, head: (id: number) => number): number[][] {
  const next = new Map<number, number[]>()
  for (const [first, then] of edges) {
    const [a, b] = [head(first), head(then)]
    if (a !== b) next.set(a, pushed(next.get(a), b))
  }
  const index = new Int32Array(size).fill(-1)
  const low = new Int32Array(size)
  const onStack = new Uint8Array(size)
  const stack: number[] = []
  const result: number[][] = []
  let counter = 0
  for (let root = 0; root < size; root++) {
    if (index[root] !== -1 || head(root) !== root) continue
    const work: [node: number, edge: number][] = [[root, 0]]
    while (work.length > 0) {
      const frame = work[work.length - 1]
      if (!frame) break
      const [node] = frame
      if (frame[1] === 0) {
        index[node] = low[node] = counter++
        stack.push(node)
        onStack[node] = 1
      }
      const targets = next.get(node) ?? []
      const target = targets[frame[1]++]
      if (target !== undefined) {
        if (index[target] === -1) work.push([target, 0])
        else if (onStack[target]) low[node] = Math.min(low[node] ?? 0, index[target] ?? 0)
        continue
      }
      work.pop()
      const above = work[work.length - 1]?.[0]
      if (above !== undefined) low[above] = Math.min(low[above] ?? 0, low[node] ?? 0)
      if (low[node] !== index[node]) continue
      const component: number[] = []
      for (let member = stack.pop(); member !== undefined; member = stack.pop()) {
        onStack[member] = 0
        component.push(member)
        if (member === node) break
      }
      if (component.length > 1) result.push(component)
    }
  }
  return result
}

function pushed(list: number[] | undefined, item: number): number[] {
  if (list === undefined) return [item]
  list.push(item)
  return list
}
