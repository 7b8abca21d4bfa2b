import { quoteLiteral } from '../../src/sql/quote.js'

/** The longest that PostgreSQL keeps: 63 bytes, of one, two and four bytes a character. */
const LONG = [`${'n'.repeat(62)}a`, `${'é'.repeat(31)}x`, `${'🐘'.repeat(15)}abc`]

/** Names that PostgreSQL takes, and that something on the way might take for something else. */
export const NAMES: readonly string[] = [
  'say "hi"',
  `it's`,
  'back\\slash\\',
  '$$;$function$;$archive$',
  'new\nline;\n\\! echo psql',
  '-- comment',
  '/* open',
  'close */',
  'x"; drop table y;--',
  `'); drop schema public cascade; --`,
  'cafe\u0301 \u00e9',
  '\u05e9\u05dc\u05d5\u05dd \u202e rtl',
  '🐘👩‍👩‍👧',
  'ｓｅｌｅｃｔ；',
  ...LONG,
  'select',
  'table',
  'user',
  'Upper Case',
  '1st',
  '100% %I %1$s',
  ' ',
  '   ',
  'null',
  'true',
  '- x',
  '{a: b}',
  '# x',
  'constructor',
  '__proto__',
  'toString',
  'a.b',
  'a,b;c',
  '[x]',
  '(x)',
  'tab\there',
  'cr\r\nlf\r',
  'key: value: ',
  '&a *b !c',
  '-- @renamed from x',
  '\ufeffbom\u2028\u0085',
  '\u0001\u007f',
  '2020-01-01',
  '0x1e3',
  '~',
  `:name :'name' :"name"`,
  '${HOME} \\gexec',
  '../../up',
  `${'n'.repeat(62)}b`,
  '.hidden',
]

/**
 * Puts hostile names into a template: `«group key»` becomes a quoted name, `‹group key›` the same name as a string, `‹qualified x.group key›` as a
 * string that holds a name with its schema. Within a group no name is given twice; the rotation tells where each group starts.
 */
export function namer(rotation: number): {
  readonly nameOf: (group: string, key: string) => string
  readonly fill: (template: string) => string
} {
  const groups = new Map<string, { readonly start: number; readonly names: Map<string, string> }>()
  const nameOf = (group: string, key: string): string => {
    const { start, names } = groups.get(group) ?? { start: rotation + 7 * groups.size, names: new Map<string, string>() }
    groups.set(group, { start, names })
    const name = names.get(key) ?? nameAt(start, names.size)
    names.set(key, name)
    return name
  }
  const fill = (template: string): string =>
    template
      .replace(/«(\S+) ([^»]+)»/g, (_, group: string, key: string) => quoted(nameOf(group, key)))
      .replace(/‹qualified (\w+)\.(\S+) ([^›]+)›/g, (_, schema: string, group: string, key: string) =>
        quoteLiteral(`${quoted(nameOf('schema', schema))}.${quoted(nameOf(`${schema}.${group}`, key))}`),
      )
      .replace(/‹(\S+) ([^›]+)›/g, (_, group: string, key: string) => quoteLiteral(nameOf(group, key)))
  return { nameOf, fill }
}

function nameAt(start: number, i: number): string {
  const name = NAMES[(start + i) % NAMES.length] ?? ''
  return i < NAMES.length ? name : `${Math.floor(i / NAMES.length)}${name}`.slice(0, 60)
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
