import { quoteIdentifier, quoteLiteral, quoteName } from './quote.js'

/** A table's own rows, as `from` has them: no key, index or foreign key reaches what inherits; all rows of a partitioned table are its partitions'. */
export function ownRows(path: readonly string[], isPartitioned: boolean): string {
  return `${isPartitioned ? '' : 'only '}${quoteName(...path)}`
}

/** An expression by which people find a row of the table that is called `alias`: these columns, which are a key, or else its place. */
export function rowLabel(key: readonly string[] | null, alias: string): string {
  return key === null || key.length === 0
    ? `'row ' || ${alias}.ctid::text`
    : key.map((name) => `${quoteLiteral(`${name} `)} || ${alias}.${quoteIdentifier(name)}::text`).join(` || ', ' || `)
}
