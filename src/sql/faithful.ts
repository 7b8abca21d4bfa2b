/**
 * An expression of PostgreSQL's own printing in the words by which it is read as what it was. `x in ('a', 'b')` of a varchar is printed
 * as `(x)::text = any ((array['a'::character varying, …])::text[])`, which reads as a cast of every element (14 to 18): a table that is
 * made anew would print otherwise than before. Without the outer cast it is the same tree again. Nothing inside of a string is taken for
 * it: there, quotes are doubled.
 */
export function faithful(printed: string): string {
  return printed.includes('])::text[]') ? printed.replaceAll(PRINTED_LIST, '$1 (ARRAY[$2])') : printed
}

const PRINTED_LIST = /\b(ANY|ALL) \(\(ARRAY\[('(?:[^']|'')*'::character varying(?:, '(?:[^']|'')*'::character varying)*)\]\)::text\[\]\)/g
