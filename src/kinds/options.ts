import { quoteIdentifier, quoteLiteral } from '../sql/quote.js'

/** ` with (fillfactor = '70')` of pg_class.reloptions (`{fillfactor=70}`); empty without options. */
export function withOptions(options: readonly string[]): string {
  return options.length === 0 ? '' : ` with (${options.map(setting).join(', ')})`
}

/** `… set (…)` and `… reset (…)` that lead from one list of reloptions to another. */
export function alterOptions(alter: string, after: readonly string[], before: readonly string[]): string[] {
  const gone = before.map(optionNameOf).filter((name) => !after.some((option) => optionNameOf(option) === name))
  const come = after.filter((option) => !before.includes(option))
  return [
    ...(gone.length > 0 ? [`${alter} reset (${gone.map(optionName).join(', ')})`] : []),
    ...(come.length > 0 ? [`${alter} set (${come.map(setting).join(', ')})`] : []),
  ]
}

/** ` options (host 'x', port '5432')` of foreign-data options; empty without options. */
export function foreignOptions(options: readonly string[]): string {
  return options.length === 0
    ? ''
    : ` options (${options.map((o) => `${quoteIdentifier(optionNameOf(o))} ${quoteLiteral(optionValue(o))}`).join(', ')})`
}

/** `… options (add a '1', set b '2', drop c)` that leads from one list of foreign-data options to another. */
export function alterForeignOptions(alter: string, after: readonly string[], before: readonly string[]): string[] {
  const changes = [
    ...before.filter((o) => !after.some((p) => optionNameOf(p) === optionNameOf(o))).map((o) => `drop ${quoteIdentifier(optionNameOf(o))}`),
    ...after
      .filter((o) => !before.includes(o))
      .map(
        (o) =>
          `${before.some((p) => optionNameOf(p) === optionNameOf(o)) ? 'set' : 'add'} ${quoteIdentifier(optionNameOf(o))} ${quoteLiteral(optionValue(o))}`,
      ),
  ]
  return changes.length === 0 ? [] : [`${alter} options (${changes.join(', ')})`]
}

function setting(option: string): string {
  return `${optionName(optionNameOf(option))} = ${quoteLiteral(optionValue(option))}`
}

/** Options may be qualified: `toast.autovacuum_enabled`. */
function optionName(name: string): string {
  return name.split('.').map(quoteIdentifier).join('.')
}

function optionNameOf(option: string): string {
  return option.slice(0, option.indexOf('='))
}

function optionValue(option: string): string {
  return option.slice(option.indexOf('=') + 1)
}

/** SQL: the word of SET STORAGE for a catalog's letter. */
export function storageWord(letter: string): string {
  return `case ${letter} when 'p' then 'plain' when 'e' then 'external' when 'x' then 'extended' when 'm' then 'main' end`
}
