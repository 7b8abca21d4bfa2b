import { type Catalog, dependentsOf } from '../catalog/catalog.js'
import { describe, keyOf } from '../catalog/id.js'
import { type Comparison, contextOf } from '../diff/compare.js'
import type { Probe } from '../diff/steps.js'
import { codeOf } from '../errors.js'
import type { LiveContext, Refusal } from '../kinds/kind.js'
import { kindOf } from '../kinds/registry.js'
import type { Session } from '../postgres/session.js'
import type { PlanStep } from './plan.js'

/** Rows are counted up to here, and no further. */
const MOST = 10_000
const SAMPLE = 3
/** Milliseconds for one question. */
const PATIENCE = 5000

/** By the keys of what is changed: rows of tables that are there now, which would refuse it. */
export function probesOf({ changes }: Comparison, now: Catalog): Map<string, readonly Probe[]> {
  const live = liveContext(now, changes)
  const found = new Map<string, readonly Probe[]>()
  for (const { key, before, after } of changes.values()) {
    // As the renames leave it: a label that only has another name is not removed.
    const there = now.objects.has(key) ? before : undefined
    const refusals = after === undefined ? [] : (kindOf(after.id.kind).refusals?.(there, after, live) ?? [])
    if (refusals.length > 0) found.set(key, refusals.map(probe))
  }
  return found
}

function liveContext(catalog: Catalog, changes: Comparison['changes']): LiveContext {
  return {
    ...contextOf(catalog),
    coming: (id) => {
      const change = changes.get(keyOf(id))
      return change?.before ? undefined : change?.after
    },
    comingOf: (id) => [...changes.values()].flatMap(({ after }) => (after?.parent === keyOf(id) ? after : [])),
    at: (key) => catalog.objects.get(key),
    users: (key) => [...(dependentsOf(catalog.needs).get(key)?.keys() ?? [])].flatMap((user) => catalog.objects.get(user) ?? []),
  }
}

function probe({ what, table, from, label }: Refusal): Probe {
  return {
    what: `of ${describe(table)} ${what}`,
    query: countQuery(label, from),
  }
}

/** Counts the rows that a from clause has, within the bound, with the first of them. */
export function countQuery(label: string, from: string): string {
  return `select count(*)::int as count, (array_agg(label))[1:${SAMPLE}] as sample\nfrom (select ${label} as label from ${from} limit ${MOST + 1}) refused`
}

export interface Finding {
  readonly step: string
  readonly what: string
  /** At most 10,001, which stands for more than 10,000; null where there was no answer in time. */
  readonly rows: number | null
  readonly sample: readonly string[]
}

/** Those of these steps that find the rows as they are now: no hand-written step changes them before. */
export function beforeWritten(steps: readonly PlanStep[]): readonly PlanStep[] {
  const first = steps.findIndex(({ byHand }) => byHand === true)
  return first === -1 ? steps : steps.slice(0, first)
}

/** What the live rows answer, each question in a short read-only transaction of its own, or inside the one that is open. */
export async function findRefusals(
  session: Session,
  steps: readonly Pick<PlanStep, 'title' | 'preflight'>[],
  inside: keyof typeof ASIDE = 'transaction',
): Promise<Finding[]> {
  const findings: Finding[] = []
  const asked = new Set<string>()
  for (const step of steps)
    for (const { what, query } of step.preflight ?? []) {
      if (asked.has(query)) continue
      asked.add(query)
      const answer = await ask(session, query, inside)
      if (answer === 'no question' || answer?.count === 0) continue
      findings.push({ step: step.title, what, rows: answer?.count ?? null, sample: answer?.sample ?? [] })
    }
  return findings
}

interface Answer {
  readonly count: number
  readonly sample: readonly string[] | null
}

const ASIDE = {
  transaction: { begin: 'begin read only', end: 'rollback' },
  savepoint: { begin: 'savepoint schemactl_question', end: 'rollback to savepoint schemactl_question' },
} as const

/** What a query by `countQuery` answers; null where it takes too long, or waits for somebody's lock. */
export async function ask(
  session: Session,
  query: string,
  inside: keyof typeof ASIDE = 'transaction',
): Promise<Answer | 'no question' | null> {
  const { begin, end } = ASIDE[inside]
  await session.execute(`${begin}; set local search_path = ''; set local statement_timeout = ${PATIENCE}; set local lock_timeout = 1000`)
  try {
    const [answer] = await session.query<Answer>(query)
    return answer ?? null
  } catch (error) {
    const state = codeOf(error) ?? ''
    if (TOO_LONG.has(state)) return null
    // It names what the plan itself brings (a schema, too), may not be read, or computes what cannot be (a value that its domain
    // does not take): the step itself will tell.
    if (/^(22|23|3F|42|0A|P0|HV)/.test(state) || ELSEWHERE.has(state)) return 'no question'
    throw error
  } finally {
    await session.execute(end)
  }
}

/** Of foreign tables: no handler to read them, and no connection to their server. */
const ELSEWHERE = new Set(['55000', '08001'])

/** query_canceled and lock_not_available. */
const TOO_LONG = new Set(['57014', '55P03'])
