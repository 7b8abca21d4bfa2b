import { expect, test } from '@jest/globals'
import { nearest } from '../../src/config/nearest.js'

const COMMANDS = ['apply', 'history', 'import', 'import alembic', 'plan', 'plan sign', 'reset', 'revert', 'status']

test.each([
  ['stat', 'status'],
  ['hist', 'history'],
  ['imp', 'import'],
  ['aply', 'apply'],
  ['revret', 'revert'],
  ['re', undefined],
  ['s', undefined],
  ['frobnicate', undefined],
])('%s: %s', (word, meant) => {
  expect(nearest(word, COMMANDS)).toBe(meant)
})
