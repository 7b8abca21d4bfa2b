import { readFileSync } from 'node:fs'

/** What the build wrote down of every command, so that help is told without loading any. */
export interface HelpPages {
  readonly bin: string
  readonly description: string
  readonly commands: { readonly [name: string]: HelpPage }
}

export interface HelpPage {
  readonly summary: string
  readonly description: string
  readonly args: readonly { readonly usage: string; readonly about: string }[]
  readonly flags: readonly { readonly usage: string; readonly about: string }[]
  readonly examples: readonly { readonly about: string; readonly command: string }[]
}

/** The text that these arguments ask for; otherwise the arguments to run: no help is there for a command that there is none of. */
export function helpAsked(argv: readonly string[], columns: number): string | readonly string[] {
  const end = argv.indexOf('--')
  const words = end === -1 ? argv : argv.slice(0, end)
  const asked = argv.length === 0 || words.includes('--help') || words[0] === 'help'
  if (!asked) return argv
  const [subject, second] = words.filter((word) => word !== '--help' && word !== 'help')
  const pages = JSON.parse(readFileSync(new URL('./help.json', import.meta.url), 'utf8')) as HelpPages
  const width = Math.max(40, Math.min(columns, 120))
  if (subject === undefined || subject.startsWith('-')) return rootHelp(pages, width)
  const name = [`${subject} ${second}`, subject].find((candidate) => Object.hasOwn(pages.commands, candidate))
  const page = name === undefined ? undefined : pages.commands[name]
  return name === undefined || page === undefined ? [subject] : commandHelp(pages.bin, name, page, width)
}

function rootHelp({ bin, description, commands }: HelpPages, width: number): string {
  const rows = Object.entries(commands).map(([name, { summary }]) => ({ usage: name, about: summary }))
  return sections([
    ['', wrap(description, width)],
    ['USAGE', [`  $ ${bin} COMMAND [FLAGS]`]],
    ['COMMANDS', table(rows, width)],
    ['', wrap(`${bin} COMMAND --help tells the flags of a command.`, width)],
  ])
}

function commandHelp(bin: string, name: string, { summary, description, args, flags, examples }: HelpPage, width: number): string {
  const usage = [bin, name, ...args.map((arg) => arg.usage), ...(flags.length > 0 ? ['[FLAGS]'] : [])].join(' ')
  return sections([
    ['', wrap(summary, width)],
    ['USAGE', [`  $ ${usage}`]],
    ['ARGUMENTS', table(args, width)],
    ['FLAGS', table(flags, width)],
    ['DESCRIPTION', wrap(description, width - 2).map((line) => `  ${line}`)],
    ['EXAMPLES', examples.flatMap(({ about, command }) => [...(about === '' ? [] : [`  ${about}`]), `  $ ${command}`])],
  ])
}

function sections(parts: readonly (readonly [title: string, lines: readonly string[]])[]): string {
  return parts
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => [...(title === '' ? [] : [title]), ...lines].join('\n'))
    .join('\n\n')
}

function table(rows: readonly { readonly usage: string; readonly about: string }[], width: number): string[] {
  const indent = Math.max(0, ...rows.map(({ usage }) => usage.length)) + 4
  return rows.flatMap(({ usage, about }) => {
    const [first = '', ...rest] = wrap(about, width - indent)
    return [`  ${usage.padEnd(indent - 2)}${first}`.trimEnd(), ...rest.map((line) => ' '.repeat(indent) + line)]
  })
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1)
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return text === '' ? [] : lines
}
