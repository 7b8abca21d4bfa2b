/** The candidate that `word` is most likely a misspelling of; undefined where none is close. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const plain = simplify(word)
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: distance(plain, simplify(candidate)) }))
    .sort((left, right) => left.distance - right.distance)
  const [best] = ranked
  return best && best.distance <= Math.max(1, Math.floor(plain.length / 3)) ? best.candidate : undefined
}

// primary_key, primary-key and PrimaryKey are all meant as primaryKey.
function simplify(word: string): string {
  return word
    .slice(0, 60)
    .toLowerCase()
    .replaceAll(/[-_\s]/g, '')
}

/** Levenshtein's distance. */
function distance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let i = 1; i <= left.length; i++) {
    const next = [i]
    for (let j = 1; j <= right.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[right.length] ?? 0
}
