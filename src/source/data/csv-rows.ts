import type { DataRow, Wrong } from './data-file.js'
import { recordOf } from './record.js'

/** As COPY … CSV HEADER reads it: the first line names the columns; what is empty and not quoted is NULL. */
export function readCsv(text: string, wrong: Wrong[]): DataRow[] {
  const [header, ...records] = parse(text, wrong)
  if (!header) {
    if (wrong.length === 0) wrong.push({ line: 1, column: 1, message: 'the file is empty', hint: 'its first line names the columns' })
    return []
  }
  const columns = header.fields.map((field) => field ?? '')
  const twice = columns.find((column, i) => columns.indexOf(column) !== i)
  if (twice !== undefined) wrong.push({ line: 1, column: 1, message: `the column ${twice} is named twice`, hint: null })
  return records.map(({ line, fields }) => {
    if (fields.length !== columns.length)
      wrong.push({
        line,
        column: 1,
        message: `${fields.length} ${fields.length === 1 ? 'field' : 'fields'}, where the header names ${columns.length}`,
        hint: fields.length > columns.length ? 'put a field that holds a comma, such as a vector, in double quotes' : null,
      })
    return { line, cells: recordOf(columns.map((column, i) => [column, fields[i] ?? null])) }
  })
}

interface Record {
  readonly line: number
  readonly fields: readonly (string | null)[]
}

// A field, quoted or not, and what ends it.
const FIELD = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/y

function parse(text: string, wrong: Wrong[]): Record[] {
  const records: Record[] = []
  let fields: (string | null)[] = []
  let line = 1
  let start = 1
  FIELD.lastIndex = 0
  while (FIELD.lastIndex < text.length || fields.length > 0) {
    const at = FIELD.lastIndex
    const found = FIELD.exec(text)
    if (found === null) {
      const column = at - text.lastIndexOf('\n', at - 1)
      wrong.push({ line, column, message: 'a quoted field is not closed, or text follows it', hint: 'write a quote within a field twice' })
      return records
    }
    const [whole, quoted, plain = '', end = ''] = found
    fields.push(quoted === undefined ? (plain === '' ? null : plain) : quoted.replaceAll('""', '"'))
    line += whole.split(/\r\n|\n|\r/).length - 1
    if (end === ',') continue
    // A line with nothing on it is no row.
    if (fields.length > 1 || fields[0] !== null) records.push({ line: start, fields })
    fields = []
    start = line
  }
  return records
}
