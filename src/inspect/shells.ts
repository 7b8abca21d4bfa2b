import type { Catalog, Needs } from '../catalog/catalog.js'
import type { Step } from '../diff/steps.js'
import { quoteName } from '../sql/quote.js'

/**
 * A base type and its functions need each other. A shell, CREATE TYPE with a name alone, breaks the circle: without the needs of the
 * functions the order has a beginning, and `addShells` puts the shells before them.
 */
export function withoutCircles(catalog: Catalog): { readonly catalog: Catalog; readonly shells: ReadonlyMap<string, readonly string[]> } {
  const shells = new Map<string, readonly string[]>()
  for (const { id, key } of catalog.objects.values()) {
    const functions =
      id.kind === 'base type' ? [...(catalog.needs.get(key)?.keys() ?? [])].filter((needed) => catalog.needs.get(needed)?.has(key)) : []
    if (functions.length > 0) shells.set(key, functions)
  }
  if (shells.size === 0) return { catalog, shells }
  const needs: Needs = new Map(
    [...catalog.needs].map(([key, row]) => [key, new Map([...row].filter(([needed]) => !shells.get(needed)?.includes(key)))]),
  )
  return { catalog: { ...catalog, needs }, shells }
}

/** Each shell stands before the first of the functions that are waiting for it. */
export function addShells(steps: readonly Step[], catalog: Catalog, shells: ReadonlyMap<string, readonly string[]>): Step[] {
  const due = new Map(shells)
  return steps.flatMap((step) => {
    const now = [...due].filter(([, functions]) => functions.some((key) => step.objects.includes(key))).map(([key]) => key)
    for (const key of now) due.delete(key)
    return [...now.map((key) => shell(key, catalog)), step]
  })
}

function shell(key: string, catalog: Catalog): Step {
  const path = catalog.objects.get(key)?.id.path ?? []
  const sql = [`create type ${quoteName(...path)}`]
  return {
    title: `create shell of type ${path.join('.')}`,
    objects: [key],
    sql,
    verb: 'create',
    hazards: [],
    impact: {},
    transactional: true,
  }
}
