/** Does a word match OpenSSH's list of patterns: `*` and `?` stand for others, `!` excludes? */
export function matchesPatternList(word: string, list: string): boolean {
  const patterns = list.split(',').map((pattern) => pattern.trim())
  const [excluding, including] = [
    patterns.filter((pattern) => pattern.startsWith('!')),
    patterns.filter((pattern) => !pattern.startsWith('!')),
  ]
  return including.some((pattern) => matches(word, pattern)) && !excluding.some((pattern) => matches(word, pattern.slice(1)))
}

function matches(word: string, pattern: string): boolean {
  const source = pattern
    .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, 's').test(word)
}
