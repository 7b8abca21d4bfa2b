import type { CatalogObject } from '../catalog/catalog.js'
import { listOf } from '../catalog/written.js'
import { quoteIdentifier, quoteLiteral } from '../sql/quote.js'

/** ` with (fillfactor = '70')` of pg_class.reloptions (`{fillfactor=70}`); empty without options. */
export function withOptions(options: readonly string[]): string {
  return options.length === 0 ? '' : ` with (${options.map(setting).join(', ')})`
}

/** SQL: the columns `options` and `written` of a kind's query. `list` is an array of reloptions that may be null. */
export function optionColumns(list: string): string {
  return `array(select o from pg_catalog.unnest(${list}) o order by o) as options,
           case when pg_catalog.array_length(${list}, 1) > 1 then pg_catalog.json_build_object('options', ${list}) end as written`
}

/** Reloptions in the order in which they are to stand. */
export function optionsOf(object: CatalogObject<{ readonly options: readonly string[] }>): readonly string[] {
  return listOf(object, 'options')
}

/** `… set (…)` and `… reset (…)` that lead from one list of reloptions to another. */
export function alterOptions(alter: string, after: readonly string[], before: readonly string[]): string[] {
  const gone = before.map(optionNameOf).filter((name) => !after.some((option) => optionNameOf(option) === name))
  const come = restated(after, before)
  return [
    ...(gone.length > 0 ? [`${alter} reset (${gone.map(optionName).join(', ')})`] : []),
    ...(come.length > 0 ? [`${alter} set (${come.map(setting).join(', ')})`] : []),
  ]
}

/** SET takes what it names out of the list and appends it: all but the longest beginning that can stay as it is. */
function restated(after: readonly string[], before: readonly string[]): readonly string[] {
  if (after.every((option) => before.includes(option))) return []
  for (let length = after.length - 1; length > 0; length--) {
    const names = after.slice(0, length).map(optionNameOf)
    const stay = before.filter((option) => names.includes(optionNameOf(option)))
    if (stay.length === length && stay.every((option, i) => option === after[i])) return after.slice(length)
  }
  return after
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
