/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export type Random = () => number

export function randomFrom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

type Mutation = (text: string, random: Random) => Buffer | string

function below(random: Random, limit: number): number {
  return Math.floor(random() * limit)
}

export function pick<T>(random: Random, list: readonly T[]): T {
  const item = list[below(random, list.length)]
  if (item === undefined) throw new Error('there is nothing to pick from')
  return item
}

function onLines(change: (lines: string[], at: number, random: Random) => void): Mutation {
  return (text, random) => {
    const lines = text.split('\n')
    change(lines, below(random, lines.length), random)
    return lines.join('\n')
  }
}

/** Replaces one of the matches. */
function onOne(pattern: RegExp, change: (found: string, random: Random) => string): Mutation {
  return (text, random) => {
    const found = [...text.matchAll(pattern)]
    if (found.length === 0) return `${text} `
    const match = pick(random, found)
    return text.slice(0, match.index) + change(match[0], random) + text.slice(match.index + match[0].length)
  }
}

function inserted(piece: Buffer | string): Mutation {
  return (text, random) => {
    const bytes = Buffer.from(text)
    const at = below(random, bytes.length + 1)
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(piece), bytes.subarray(at)])
  }
}

const TOKENS = [
  ...[
    'null',
    '~',
    'true',
    '[]',
    '{}',
    '{a: b}',
    '- x',
    '-1',
    '1e999',
    '99999999999999999999999',
    '0x7fffffffffffffff',
    '2020-01-01',
    '.inf',
  ],
  ...[
    '*x',
    '&x y',
    '!!binary aGk=',
    '!!timestamp 2020',
    '!x',
    '? x',
    '|',
    '>',
    '"',
    "'",
    '$$',
    '$a$',
    '--',
    '/*',
    '*/',
    '(',
    ')',
    ';',
    ',',
    ':',
  ],
  ...['\\', '\\gexec', '%', '#', '@', '`', '${HOME}', 'select', 'drop table t', '__proto__', 'constructor', 'commit', 'rollback', 'begin'],
]

/** What happens to files, by name. */
export const MUTATIONS: { readonly [name: string]: Mutation } = {
  'a bit flipped': (text, random) => flipped(text, random, 1),
  'some bits flipped': (text, random) => flipped(text, random, 8),
  'a line cut': onLines((lines, at) => lines.splice(at, 1)),
  'a line twice': onLines((lines, at) => lines.splice(at, 0, lines[at] ?? '')),
  'two lines swapped': onLines((lines, at, random) => {
    const other = below(random, lines.length)
    ;[lines[at], lines[other]] = [lines[other] ?? '', lines[at] ?? '']
  }),
  'cut off': (text, random) => Buffer.from(text).subarray(0, below(random, Buffer.byteLength(text))),
  'beginning cut off': (text, random) => Buffer.from(text).subarray(below(random, Buffer.byteLength(text))),
  'a token replaced': onOne(/[\w.]+|[^\s\w]/g, (_, random) => pick(random, TOKENS)),
  'a token put in': (text, random) => inserted(` ${pick(random, TOKENS)} `)(text, random),
  'a word misspelt': onOne(/[A-Za-z_]{3,}/g, (word, random) => {
    const at = below(random, word.length - 1)
    return word.slice(0, at) + (word[at + 1] ?? '') + (word[at] ?? '') + word.slice(at + 2)
  }),
  'a letter lost': onOne(/[A-Za-z_]{3,}/g, (word, random) => {
    const at = below(random, word.length)
    return word.slice(0, at) + word.slice(at + 1)
  }),
  'a number grown': onOne(/\d+/g, (number, random) => `${number}${'9'.repeat(1 + below(random, 400))}`),
  'NUL put in': inserted('\0'),
  'invalid UTF-8 put in': (text, random) =>
    inserted(Buffer.from(pick(random, [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xf8, 0x88]])))(text, random),
  'a byte order mark': (text) => `\ufeff${text}`,
  'UTF-16': (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
  CRLF: (text) => text.replaceAll('\n', '\r\n'),
  'CR alone': (text) => text.replaceAll('\n', '\r'),
  'tabs for indents': (text) => text.replaceAll(/^ +/gm, (spaces) => '\t'.repeat(spaces.length)),
  'one indent changed': onLines((lines, at, random) => {
    lines[at] = ' '.repeat(below(random, 9)) + (lines[at] ?? '').trimStart()
  }),
  'a list for a mapping': onOne(/^( *)([\w-]+:)/gm, (found) => found.replace(/^( *)/, '$1- ')),
  'a mapping for a text': onOne(/: .+$/gm, (found) => `: { a: ${found.slice(2)} }`),
  'a key emptied': onOne(/: .+$/gm, () => ':'),
  'an anchor and its alias': (text, random) =>
    onOne(/: .+$/gm, () => ': *again')(onOne(/: (?=\S)/g, () => ': &again ')(text, random) as string, random),
  'aliases of aliases': (text, random) => onOne(/: .+$/gm, () => ': *i')(`${BOMB}\n${text}`, random),
  'a merge key': onLines((lines, at) => lines.splice(at, 0, `${/^ */.exec(lines[at] ?? '')?.[0]}<<: { constructor: x }`)),
  'deep brackets': (text, random) => inserted(pick(random, ['[', '{a: ', '(', '- ']).repeat(20_000))(text, random),
  'deep operators': (text, random) =>
    inserted(pick(random, ['not ', ' - ', ' || ', 'case when ', 'select (', '/* ']).repeat(5000))(text, random),
  'a word of 200 kB': (text, random) => inserted('x'.repeat(200_000))(text, random),
  'nothing left': () => '',
  noise: (text, random) => Buffer.from(Array.from({ length: text.length }, () => below(random, 256))),
}

const BOMB = [
  'a: &a [x, x, x, x, x, x, x, x, x]',
  ...'bcdefghi'.split('').map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(', ')}]`),
].join('\n')

function flipped(text: string, random: Random, times: number): Buffer {
  const bytes = Buffer.from(text)
  for (let i = 0; i < times; i++) {
    const at = below(random, bytes.length)
    bytes[at] = (bytes[at] ?? 0) ^ (1 << below(random, 8))
  }
  return bytes
}
