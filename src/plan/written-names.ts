/** A name as people write it; what stands in quotes is meant letter by letter. */
export interface WrittenName {
  readonly text: string
  readonly quoted: boolean
}

const NAME = /\s*(?:"((?:[^"]|"")+)"|'((?:[^']|'')+)'|([^"'.]+))\s*/y

/** `a."B c"` as names; a label may stand as it does in SQL, `'b c'`. Null where the text is no path of names. */
export function namesIn(text: string): WrittenName[] | null {
  const names: WrittenName[] = []
  for (let at = 0; ; at++) {
    NAME.lastIndex = at
    const [all = '', double, single, plain] = NAME.exec(text) ?? []
    const name = double?.replaceAll('""', '"') ?? single?.replaceAll("''", "'") ?? plain?.trim() ?? ''
    if (name === '') return null
    names.push({ text: name, quoted: plain === undefined })
    at += all.length
    if (at === text.length) return names
    if (text[at] !== '.') return null
  }
}

/** How PostgreSQL understands it, and, for those who forget quotes, letter by letter. */
export function spellings({ text, quoted }: WrittenName): readonly string[] {
  return quoted || text.toLowerCase() === text ? [text] : [text.toLowerCase(), text]
}
