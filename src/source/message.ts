/** Something to tell about a place in the schema files. `excerpt` is its line and, below it, a caret; '' where there is no text to show. */
export interface SourceMessage {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly message: string
  readonly hint: string | null
  readonly excerpt: string
}

/** The schema files cannot be read as they are; everything that was found is in `messages`, at most 20. */
export class SourceError extends Error {
  override readonly name = 'SourceError'
  readonly messages: readonly SourceMessage[]

  constructor(messages: readonly SourceMessage[]) {
    super(messages.slice(0, MOST).map(formatMessage).join('\n\n'))
    this.messages = messages.slice(0, MOST)
  }
}

const MOST = 20

/** `file:line:column: message`, then the excerpt and what to do next on lines of their own. */
export function formatMessage({ file, line, column, message, hint, excerpt }: SourceMessage): string {
  return [
    `${file}:${line}:${column}: ${message}`,
    ...(excerpt ? [indent(excerpt)] : []),
    ...(hint ? [`Next: ${sentence(hint)}`] : []),
  ].join('\n')
}

/** A hint as the next step of an error reads. */
export function sentence(hint: string): string {
  return `${hint.charAt(0).toUpperCase()}${hint.slice(1)}${/[.?!…]$/.test(hint) ? '' : '.'}`
}

/** Shows places of a text: the line at 1-based `line`, and a caret below the 1-based `column`; a long line is cut around the caret. */
export function excerptsOf(text: string): (line: number, column: number) => string {
  let lines: string[] | undefined
  // Kept from one call to the next: thousands of warnings may stand on one long line.
  let last: { line: number; characters: readonly string[] } = { line: 0, characters: [] }
  return (line, column) => {
    lines ??= text.split('\n')
    if (last.line !== line) last = { line, characters: [...withoutSecrets(lines[line - 1] ?? '')] }
    return excerpt(last.characters, column)
  }
}

function excerpt(characters: readonly string[], column: number): string {
  const from = characters.length > WIDTH ? Math.max(0, Math.min(column - WIDTH / 2, characters.length - WIDTH)) : 0
  const cut = characters.slice(from, from + WIDTH)
  const pad = cut.slice(0, Math.max(0, column - 1 - from)).map((character) => (character === '\t' ? '\t' : ' '))
  return `${cut.join('').trimEnd()}\n${pad.join('')}^`
}

/** For the eye only: what is shown of a file goes to terminals and logs. */
function withoutSecrets(line: string): string {
  return line.replace(/(\bpassword\b.{0,200}?)(?:(?:e|u&)?'(?:\\.|''|[^'])*'?|\$\w*\$.*?(?:\$\w*\$|$))/gi, "$1'…'")
}

const WIDTH = 120

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')
}
