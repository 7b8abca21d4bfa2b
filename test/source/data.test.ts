import { expect, test } from '@jest/globals'
import { readData } from '../../src/source/data/data-file.js'

function read(text: string, format: 'yaml' | 'csv' = 'yaml') {
  return readData({ file: `data/public.t.${format}`, text, format, data: true })
}

test('columns may be called as what any JavaScript object has', () => {
  const { data } = read('rows:\n- { constructor: a, __proto__: b }\n- { toString: c }')
  expect(data?.rows.map(({ cells }) => Object.entries(cells))).toEqual([
    [
      ['constructor', 'a'],
      ['__proto__', 'b'],
    ],
    [['toString', 'c']],
  ])
  expect(data?.rows.map(({ cells }) => 'constructor' in cells)).toEqual([true, false])
  expect(Object.entries(read('__proto__,b\n1,2', 'csv').data?.rows[0]?.cells ?? {})).toEqual([
    ['__proto__', '1'],
    ['b', '2'],
  ])
})

test('numbers within lists and mappings are what the file says, or refused', () => {
  expect(read('rows:\n- { a: [0.1, 1e-7, 0.10000000000000001, -3, 0x1F, 100000000000000000000] }').data?.rows[0]?.cells.a).toEqual([
    0.1, 1e-7, 0.1, -3, 31, 1e20,
  ])
  for (const number of ['12345678901234567890', '0.12345678901234567890', '.inf', '1e999'])
    expect(read(`rows:\n- a: 1\n- { a: { b: [${number}] } }`).errors).toMatchObject([{ file: 'data/public.t.yaml', line: 3 }])
})

test('an alias is refused wherever it stands, with its place', () => {
  expect(read('rows:\n- { a: &x [1] }\n- { a: [2, *x] }').errors).toMatchObject([{ line: 3, column: 12 }])
})
