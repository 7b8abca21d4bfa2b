import { parse } from 'yaml'

/*
 * Most of a long plan file are list items that stand on one line, in the plainest form there is. They are read here, and the YAML parser
 * gets one line in their place.
 */

/** What the file holds, where it is as schemactl writes it: it takes its digest to tell. Throws whatever YAML's parser throws. */
export function parseQuickly(text: string): unknown {
  // Of no use to anybody else: a word that the file does not have.
  let word = 'items'
  while (text.includes(word)) word += '_'
  const runs: (readonly unknown[])[] = []
  const lines: string[] = []
  let run: unknown[] = []
  let indent = ''
  const end = () => {
    if (run.length > 0) lines.push(`${indent}- ${word}${runs.push(run) - 1}`)
    run = []
  }
  for (const line of text.split('\n')) {
    const [, space = '', kind, rest = ''] = ITEM.exec(line) ?? []
    const item = kind === undefined ? null : kind === '[' ? namesIn(rest) : printIn(rest)
    if (item === null || space !== indent) end()
    if (item === null) lines.push(line)
    else {
      indent = space
      run.push(item)
    }
  }
  end()
  return withRuns(parse(lines.join('\n'), { prettyErrors: false, logLevel: 'error' }), word, runs)
}

const ITEM = /^( *)- (\[|\{object: \[)([^[\]]*\].*)$/

/** `table, public, t]` */
function namesIn(rest: string): readonly string[] | null {
  return rest.endsWith(']') ? scalarsIn(rest.slice(0, -1)) : null
}

/** `table, public, t], before: null, after: 1df8398f3afb4b9b}` */
function printIn(rest: string): object | null {
  const [, list, ...found] = PRINT.exec(rest) ?? []
  const object = list === undefined ? null : scalarsIn(list)
  const prints = ['before', 'after', 'restored'].flatMap((which, i) => (found[i] === undefined ? [] : [[which, found[i]] as const]))
  if (object === null || prints.some(([, print]) => NUMBER.test(print))) return null
  return { object, ...Object.fromEntries(prints.map(([which, print]) => [which, print === 'null' ? null : print])) }
}

const PRINT = /^([^\]]*)\](?:, before: (null|[0-9a-f]{16}))?(?:, after: (null|[0-9a-f]{16}))?(?:, restored: (null|[0-9a-f]{16}))?\}$/

/** Of digits alone, or with an exponent, it is no text to YAML. */
const NUMBER = /^[0-9]+(?:e[0-9]+)?$/

/** Words that are texts to YAML; null where one of them is more than that. */
function scalarsIn(list: string): readonly string[] | null {
  const words = list.split(', ').map((word) => (word === '""' ? '' : word))
  return words.every((word) => word === '' || (PLAIN.test(word) && !NOT_TEXT.test(word))) ? words : null
}

const PLAIN = /^[A-Za-z_][A-Za-z0-9_$]*(?: [A-Za-z_][A-Za-z0-9_$]*)*$/
const NOT_TEXT = /^(?:null|true|false)$/i

function withRuns(value: unknown, word: string, runs: readonly (readonly unknown[])[]): unknown {
  if (Array.isArray(value)) {
    const runOf = (item: unknown) => (typeof item === 'string' && item.startsWith(word) ? runs[Number(item.slice(word.length))] : undefined)
    return value.flatMap((item) => runOf(item) ?? [withRuns(item, word, runs)])
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, withRuns(part, word, runs)]))
}
