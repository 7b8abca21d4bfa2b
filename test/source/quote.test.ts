import { expect, test } from '@jest/globals'
import { isQualified, namesOf, quoteIdentifier, quoteLiteral, quoteName, withoutQuoted } from '../../src/sql/quote.js'

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

test('names are read back as PostgreSQL prints them', () => {
  expect(namesOf(quoteName('a.b', 'say "hi"', 'ñandú', 'plain'))).toEqual(['a.b', 'say "hi"', 'ñandú', 'plain'])
  expect(['', 'a.', 'numeric(10,2)', 'double precision', 'a[]'].map(namesOf)).toEqual([null, null, null, null, null])
  expect(['timetable.kind', '"a(b"."c"', 'public.vector(3)'].every(isQualified)).toBe(true)
  expect(['numeric(10,2)', '"char"', 'timestamp with time zone', 'a'].some(isQualified)).toBe(false)
})

test('what stands in quotes is not taken for words of a statement', () => {
  expect(withoutQuoted(`alter table "concurrently;\n" add check (a <> E'\\';' and b <> 'x''y\\')`)).toBe(
    `alter table '' add check (a <> '' and b <> '')`,
  )
  expect(withoutQuoted(`do $a$ begin $$;$$; end $a$`)).toBe(`do ''`)
})
