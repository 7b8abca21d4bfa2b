import { quoteLiteral } from '../sql/quote.js'

interface Bounds {
  readonly start: string
  readonly increment: string
  readonly min: string
  readonly max: string
}

/**
 * What comes before a change of bounds, where the sequence stands outside the new ones: PostgreSQL would refuse it. It goes on at the
 * near end of the new bounds; past the far end it is used up, as before: no value is given out twice. `alter` begins the statement
 * that sets a bound (`alter sequence s`, `alter table t alter column c set`), `name` is the quoted name of the sequence.
 */
export function settle(name: string, alter: string, after: Bounds, before: Bounds): string[] {
  const [min, max] = [BigInt(after.min), BigInt(after.max)]
  const [oldMin, oldMax] = [BigInt(before.min), BigInt(before.max)]
  const down = after.increment.startsWith('-')
  const move = (bound: bigint, called: string, beyond: '<' | '>') =>
    `select pg_catalog.setval(${quoteLiteral(name)}, case when is_called then ${bound} else ${after.start} end, ${called}) from ${name} where last_value ${beyond} ${bound}`
  return [
    ...(min > oldMax ? [`${alter} maxvalue ${max}`] : []),
    ...(max < oldMin ? [`${alter} minvalue ${min}`] : []),
    ...(min > oldMin ? [move(min, down ? 'is_called' : 'false', '<')] : []),
    ...(max < oldMax ? [move(max, down ? 'false' : 'is_called', '>')] : []),
  ]
}
