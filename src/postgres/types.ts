import pg from 'pg'

type Parser = (text: string) => unknown

// @types/pg names the parsers of scalars only; pg has them for arrays as well.
const parserOfPg = (oid: number): Parser => pg.types.getTypeParser(oid as Parameters<typeof pg.types.getTypeParser>[0])

/** Types that come as PostgreSQL's text inside an array: char[], name[], text[], bpchar[], varchar[], int8[], aclitem[], numeric[], uuid[]. */
const ARRAYS_OF_TEXT = [1002, 1003, 1009, 1014, 1015, 1016, 1034, 1231, 2951]

/** bool, int2, int4, oid, json, float4, float8, jsonb, and arrays of bool, int2, int4, oid, float4, float8: as pg reads them. */
const AS_PG_READS = [16, 21, 23, 26, 114, 700, 701, 3802, 1000, 1005, 1007, 1028, 1021, 1022]

const numbers: Parser = (text) => (text === '' ? [] : text.split(' ').map(Number))
const identity: Parser = (text) => text

const PARSERS = new Map<number, Parser>([
  ...ARRAYS_OF_TEXT.map((oid) => [oid, parserOfPg(1009)] as const),
  ...AS_PG_READS.map((oid) => [oid, parserOfPg(oid)] as const),
  // int2vector and oidvector, written with blanks between.
  [22, numbers],
  [30, numbers],
])

/** Reads what JavaScript holds exactly and leaves the rest as text: pg's own Date would lose microseconds and zones. */
export const TYPES: pg.CustomTypesConfig = {
  getTypeParser: (oid: number) => PARSERS.get(oid) ?? identity,
}
