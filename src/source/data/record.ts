/** What each name stands for, and nothing else: a column may well be called `constructor`, which any other object seems to have. */
export function recordOf<T>(entries: Iterable<readonly [name: string, value: T]>): { readonly [name: string]: T } {
  return Object.assign(Object.create(null), Object.fromEntries(entries))
}
