import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { acyclic, anyOrder } from '../../src/diff/acyclic.js'

const edges = fc.array(fc.tuple(fc.nat(11), fc.nat(11)), { maxLength: 60 })

test('an edge is added exactly where the other end does not lead back', () => {
  fc.assert(
    fc.property(edges, edges, (given, asked) => {
      const after = new Map<number, Set<number>>()
      const put = (a: number, b: number) => after.set(a, (after.get(a) ?? new Set()).add(b))
      for (const [a, b] of given) if (a < b) put(a, b)
      const plain = new Map([...after].map(([a, row]) => [a, new Set(row)]))
      const leads = (from: number, to: number) => {
        const seen = new Set([from])
        for (const node of seen) for (const next of plain.get(node) ?? []) seen.add(next)
        return seen.has(to)
      }
      const add = acyclic(anyOrder(Array(12).keys(), after), after)
      for (const [a, b] of asked) {
        expect(add(a, b)).toBe(!leads(b, a))
        if (!leads(b, a)) plain.set(a, (plain.get(a) ?? new Set()).add(b))
      }
      expect(anyOrder(Array(12).keys(), after)).toHaveLength(12)
    }),
  )
})
