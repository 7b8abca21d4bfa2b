/** Derives something from what does not change, once for each. */
export function once<K extends object, T>(derive: (of: K) => T): (of: K) => T {
  const known = new WeakMap<K, { readonly value: T }>()
  return (of) => {
    const found = known.get(of) ?? { value: derive(of) }
    known.set(of, found)
    return found.value
  }
}
