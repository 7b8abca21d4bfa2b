/** The columns of `PRIMARY KEY (a, "B c")`; null where the text says anything else of them. */
export function keyColumns(text: string): string[] | null {
  const [, names = ''] = /^PRIMARY KEY \(((?:"(?:[^"]|"")*"|[^")])*)\)/.exec(text) ?? []
  return namesIn(names)
}

/** A list of plain column names; null where it is more than that. */
export function namesIn(list: string): string[] | null {
  const names = list.match(/"(?:[^"]|"")+"|[^\s,"]+/g) ?? []
  const plain = names.every((name) => /^(?:"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*)$/u.test(name))
  if (names.length === 0 || !plain || names.join(', ') !== list) return null
  return names.map((name) => (name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name))
}
