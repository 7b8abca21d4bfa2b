import { expect, test } from '@jest/globals'
import { quoteIdentifier, quoteLiteral, quoteName } from '../../src/sql/quote.js'

test('identifiers are quoted only where they must be', () => {
  expect(['documentos', 'a$1', 'name', 'Weird', 'a b', 'select', 'between', 'left', 'ñ', 'x"y', '1a', ''].map(quoteIdentifier)).toEqual([
    'documentos',
    'a$1',
    'name',
    '"Weird"',
    '"a b"',
    '"select"',
    '"between"',
    '"left"',
    '"ñ"',
    '"x""y"',
    '"1a"',
    '""',
  ])
  expect(quoteName('public', 'Order')).toBe('public."Order"')
})

test('literals read the same whatever standard_conforming_strings is', () => {
  expect(["it's", 'a\\b', "\\'"].map(quoteLiteral)).toEqual(["'it''s'", "E'a\\\\b'", "E'\\\\'''"])
})
