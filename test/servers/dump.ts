/** One entry of a dump: its statements without the comment that heads it. */
const HEADER = /^--\n-- (?:Name|Data for Name): [^\n]*\n--\n/m
const NOISE =
  /^(?:\\(?:un)?restrict .*|SET .*;|SELECT pg_catalog\.set_config\(.*\);|-- Dumped (?:from|by) .*|-- PostgreSQL database dump(?: complete)?|--)$/

/** A schema dump as a sorted list of its objects, so that two databases compare by what is in them, not by when it was made. */
export function normalizeDump(text: string, options: { readonly columnOrder?: boolean } = {}): string[] {
  return text
    .split(HEADER)
    .map(withoutNoise)
    .filter((entry) => entry !== '')
    .map((entry) => (options.columnOrder === false ? withSortedColumns(entry) : entry))
    .sort()
}

// Noise stands before and after statements only: a SET inside a routine's body is indented or part of its text.
function withoutNoise(entry: string): string {
  const lines = entry.split('\n')
  const isNoise = (line: string | undefined) => line !== undefined && (line === '' || NOISE.test(line))
  while (isNoise(lines[0])) lines.shift()
  while (isNoise(lines.at(-1))) lines.pop()
  return lines.join('\n')
}

const QUOTED = `"(?:[^"]|"")*"|'(?:[^']|'')*'`
const NAME = `(?:"(?:[^"]|"")*"|[^"\\s(])+`
const COLUMNS = new RegExp(
  `^(CREATE (?:UNLOGGED |FOREIGN )?TABLE ${NAME} \\(\\n|CREATE TYPE ${NAME} AS \\(\\n)((?:${QUOTED}|[^"'])*?)(\\n\\))`,
  'gm',
)
const LINE = new RegExp(`(?:${QUOTED}|[^"'\\n])+`, 'g')

const ALTERATIONS = new RegExp(`(?:^ALTER (?:FOREIGN )?TABLE (?:ONLY )?${NAME} ALTER COLUMN (?:${QUOTED}|[^"'\\n])+\\n)+`, 'gm')

/**
 * The lines between the parentheses of CREATE TABLE and of a composite CREATE TYPE, sorted, and those by which their columns are altered. A
 * name may hold line ends of its own.
 */
function withSortedColumns(entry: string): string {
  return entry
    .replace(COLUMNS, (_, open: string, body: string, close: string) => {
      const items = (body.match(LINE) ?? []).map((line) => line.replace(/,$/, ''))
      return `${open}${items.sort().join('\n')}${close}`
    })
    .replace(ALTERATIONS, (lines) => `${(lines.match(LINE) ?? []).sort().join('\n')}\n`)
}
