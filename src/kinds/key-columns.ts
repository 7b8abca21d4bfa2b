/** The columns of `PRIMARY KEY (a, "B c")`; null where the text says anything else of them. */
export function keyColumns(text: string): string[] | null {
  const [, names = ''] = /^PRIMARY KEY \(((?:"(?:[^"]|"")*"|[^")])*)\)/.exec(text) ?? []
  return namesIn(names)
}

/**
 * What the columns of an index are called, as pg_get_indexdef() prints it: a column by its name, a function by its own; null where another
 * expression is among them.
 */
export function namedColumns(text: string): string[] | null {
  const [, rest = ''] = /^.*? USING \S+ (\(.*)$/s.exec(text) ?? []
  const [list, after] = inParentheses(rest)
  const [included] = / INCLUDE $/.test(after.slice(0, 9)) ? inParentheses(after.slice(9)) : [[]]
  const names = [...list, ...included].map((item) => {
    const [, column, called] =
      /^(?:("(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*)(?= |$)|(?:[a-z_][a-z0-9_]*\.)?([a-z_][a-z0-9_]*)\()/u.exec(item) ?? []
    return column?.replace(/^"(.*)"$/s, '$1').replaceAll('""', '"') ?? called ?? null
  })
  return names.length > 0 && names.every((name) => name !== null) ? names : null
}

/** The items between the parentheses that the text begins with, and what follows. */
function inParentheses(text: string): readonly [items: readonly string[], after: string] {
  const items: string[] = []
  let depth = 0
  let from = 1
  for (const { 0: token, index } of text.matchAll(/"(?:[^"]|"")*"|'(?:[^']|'')*'|[(),]/g)) {
    if (token === '(') depth++
    if (token === ')') depth--
    if (depth === 0 || (depth === 1 && token === ',')) {
      items.push(text.slice(from, index).trim())
      from = index + 1
    }
    if (depth === 0) return [items, text.slice(from)]
  }
  return [[], '']
}

/** A list of plain column names; null where it is more than that. */
export function namesIn(list: string): string[] | null {
  const names = list.match(/"(?:[^"]|"")+"|[^\s,"]+/g) ?? []
  const plain = names.every((name) => /^(?:"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*)$/u.test(name))
  if (names.length === 0 || !plain || names.join(', ') !== list) return null
  return names.map((name) => (name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name))
}
