import { quoteLiteral, quoteName } from '../../sql/quote.js'
import { attributesOf, parameterName, when } from './attributes.js'
import type { Routine } from './document.js'
import { type Draft, fragment, fragmentList, name, type Sql, sql } from './draft.js'
import type { Entry, Text } from './shape.js'

/** CREATE FUNCTION or CREATE PROCEDURE, of one or of all that share the name. */
export function routineDrafts(
  sort: 'function' | 'procedure',
  { name: own, at, value }: Entry<Routine | { readonly list: readonly Routine[] }>,
  schema: string,
): Draft[] {
  const routines = 'list' in value ? value.list : [value]
  return routines.flatMap(({ keys, at: place }) => {
    const path = sql`${quoteName(schema)}.${name({ text: own, at })}(${keys.arguments && fragmentList(keys.arguments)})`
    return [
      {
        pieces: sql`create ${sort} ${path}${keys.returns ? sql` returns ${fragment(keys.returns)}` : ''}${options(keys)}\nas ${body(keys.body)}`,
        at: routines.length > 1 ? place : at,
      },
      // COMMENT, ALTER and GRANT refuse the defaults among the arguments; where the name is the only one, they need no arguments.
      ...attributesOf({ sort, path: routines.length > 1 ? path : sql`${quoteName(schema, own)}` }, keys),
    ]
  })
}

function options({ language, volatility, strict, security, leakproof, window, parallel, cost, rows, support, set }: Routine['keys']): Sql {
  return [
    ...(language ? sql`\nlanguage ${name(language)}` : []),
    ...sql`${volatility ? ` ${volatility.text}` : ''}${when(strict, ' strict')}${security ? ` security ${security.text}` : ''}`,
    ...sql`${when(leakproof, ' leakproof')}${when(window, ' window')}${parallel ? ` parallel ${parallel.text}` : ''}`,
    ...(cost ? sql` cost ${fragment(cost)}` : []),
    ...(rows ? sql` rows ${fragment(rows)}` : []),
    ...(support ? sql` support ${fragment(support)}` : []),
    ...(set?.entries ?? []).flatMap(({ name: key, value }) => sql` set ${parameterName(key)} to ${setting(key, value)}`),
  ]
}

// A search_path is a list of names; quoted as one literal it would be one odd name.
function setting(key: string, value: Text): Sql {
  if (key !== 'search_path') return [{ text: quoteLiteral(value.text), at: value.at }]
  const names = value.text
    .split(',')
    .map((schema) => schema.trim())
    .map((schema) => (/^".*"$/.test(schema) ? schema.slice(1, -1).replaceAll('""', '"') : schema))
  return [{ text: names.map(quoteLiteral).join(', '), at: value.at }]
}

/** The body between dollar signs, by a tag that the body does not hold. */
function body(value: Text | undefined): Sql {
  const source = value?.text ?? ''
  let tag = '$body$'
  for (let count = 1; source.includes(tag.slice(0, -1)); count++) tag = `$body${count}$`
  const text = source.includes('\n') && !source.startsWith('\n') ? `\n${source}` : source
  return [{ text: tag + text + tag, ...(value && { at: value.at }) }]
}
