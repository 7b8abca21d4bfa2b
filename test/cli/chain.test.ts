import { expect, test } from '@jest/globals'
import { chainOf } from '../../src/apply/chain.js'
import type { Entry } from '../../src/apply/journal.js'

const link = (id: string, parent: string | null) => ({ id, parent })
const entry = (id: string, parent: string | null, status: Entry['status'] = 'applied'): Entry => ({
  id,
  parent,
  status,
  title: id,
  digest: '',
  segmentsDone: 1,
  segments: 1,
  at: '',
  by: '',
  host: '',
  tool: '',
  seconds: null,
})
const ids = (links: readonly { readonly id: string }[]) => links.map(({ id }) => id)

test('pending plans come each after its parent, whatever their names', () => {
  const chain = chainOf([link('a', 'z'), link('m', 'a'), link('z', null)], [])
  expect(ids(chain.pending)).toEqual(['z', 'a', 'm'])
  expect(chain.heads).toEqual(['m'])
  expect(chain.current).toBeNull()
})

test('a reverted plan is pending again', () => {
  const chain = chainOf([link('a', null), link('b', 'a')], [entry('a', null), entry('b', 'a', 'reverted')])
  expect(chain.current?.id).toBe('a')
  expect(ids(chain.pending)).toEqual(['b'])
  expect(chain.forks).toEqual([])
})

test('two plans made side by side are noticed, applied or not', () => {
  expect(chainOf([link('a', null), link('b', 'a'), link('c', 'a')], [entry('a', null)]).forks).toEqual([{ parent: 'a', plans: ['b', 'c'] }])
  expect(chainOf([link('b', 'a'), link('c', 'a')], [entry('a', null), entry('b', 'a')]).forks).toEqual([{ parent: 'a', plans: ['b', 'c'] }])
})

test('a plan whose parent is missing, or a circle, is stranded', () => {
  const chain = chainOf([link('b', 'gone'), link('c', 'd'), link('d', 'c')], [])
  expect(ids(chain.stranded)).toEqual(['b', 'c', 'd'])
  expect(ids(chainOf([link('a', 'b'), link('b', 'gone')], []).stranded)).toEqual(['b', 'a'])
  expect(chain.pending).toEqual([])
})

test('a plan that was cut short is told, and stays pending', () => {
  const chain = chainOf([link('a', null)], [entry('a', null, 'applying')])
  expect(chain.half?.id).toBe('a')
  expect(ids(chain.pending)).toEqual(['a'])
})
