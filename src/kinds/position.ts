import { quoteLiteral } from '../sql/quote.js'

/** How a sequence counts. */
interface Counting {
  readonly increment: string
  readonly start: string
  readonly min: string
  readonly max: string
}

/** A sequence that comes for a column with values goes on after them; names as SQL writes them. */
export function goOn(sequence: string, table: string, column: string, { increment, start, min, max }: Counting): string {
  const last = increment.startsWith('-') ? `min(${column})` : `max(${column})`
  const [first, bound] = increment.startsWith('-') ? [`<= ${start}`, `>= ${min}`] : [`>= ${start}`, `<= ${max}`]
  return `select pg_catalog.setval(${quoteLiteral(sequence)}, ${last}) from ${table} having ${last} ${first} and ${last} ${bound}`
}
