/** The candidate that `word` is the beginning of, or most likely a misspelling of; undefined where none is close. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const plain = simplify(word)
  const begun = begunBy(plain, candidates)
  if (begun !== undefined) return begun
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: distance(plain, simplify(candidate)) }))
    .sort((left, right) => left.distance - right.distance)
  const [best] = ranked
  return best && best.distance <= Math.max(1, Math.floor(plain.length / 3)) ? best.candidate : undefined
}

/** What to do about a word that is not known: the one that may be meant; where none is close, `list` (it takes) and all that there are. */
export function meantBy(word: string, candidates: readonly string[], list: string): string {
  const near = nearest(word, candidates)
  return near === undefined ? `${list} ${candidates.join(', ')}` : `did you mean ${near}?`
}

/** Of `import` and `import alembic` the first, of `reset` and `revert` neither. */
function begunBy(plain: string, candidates: readonly string[]): string | undefined {
  const [first, ...others] = candidates
    .filter((candidate) => plain.length > 1 && simplify(candidate).startsWith(plain))
    .sort((left, right) => left.length - right.length)
  return first !== undefined && others.every((other) => other.startsWith(first)) ? first : undefined
}

// search_path, search-path and SearchPath are all meant as searchPath.
function simplify(word: string): string {
  return word
    .slice(0, 60)
    .toLowerCase()
    .replaceAll(/[-_\s]/g, '')
}

/** Levenshtein's distance, where two neighbours that changed places count once. */
function distance(left: string, right: string): number {
  let before: readonly number[] = []
  let row: readonly number[] = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let i = 1; i <= left.length; i++) {
    const next = [i]
    for (let j = 1; j <= right.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1)
      const swapped = left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1] ? (before[j - 2] ?? Infinity) + 1 : Infinity
      next.push(Math.min(replaced, swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    before = row
    row = next
  }
  return row[right.length] ?? 0
}
