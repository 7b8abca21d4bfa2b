import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { chainOf, isInForce } from '../apply/chain.js'
import type { Journal } from '../apply/journal.js'
import { tableOf } from '../plan/declared-table.js'
import { ledTo } from '../plan/pending-rows.js'
import { rowsDigest } from '../plan/row-changes.js'
import { type RowDifference, rowDifferences } from '../plan/row-steps.js'
import { rowsToChange } from '../plan/rows-stage.js'
import { firstShadow, wantedState } from '../plan/stage.js'
import { introspect } from '../postgres/introspect.js'
import type { Session } from '../postgres/session.js'
import { requestOf } from './plan-stage.js'
import { grouped } from './quantity.js'
import { readSchema } from './schema-files.js'
import type { Workspace } from './workspace.js'

/**
 * Declared rows that the tables do not hold as declared. A journal knows only what plans changed: where the last of them led to other
 * rows than the files declare by now, what was agreed cannot be told, and the table is passed over.
 */
export async function rowsDrift(
  workspace: Workspace,
  session: Session,
  journal: Journal,
  agreed: 'plans' | 'files',
  say: (text: string) => void,
): Promise<RowDifference[]> {
  if (!workspace.schema.some((path) => existsSync(join(path, 'data')))) return []
  const source = await readSchema(workspace)
  if (!source.data?.length) return []
  const entries = await journal.entries()
  const request = await requestOf(workspace, session, journal, source, { current: chainOf([], entries).current, pending: [] }, null, say)
  const live = await introspect(session)
  const shadow = firstShadow(() => request.shadow(live))
  try {
    const { wanted, rows } = await wantedState(shadow, request, live)
    const plans = agreed === 'plans' ? await Promise.all(entries.filter(isInForce).map(({ id }) => journal.plan(id))) : []
    const told = rows.filter((one) => agreed === 'files' || ledTo(tableOf(one, wanted.catalog).key, plans)?.wanted === rowsDigest(one))
    const asked = { session, rows: told, live, renamed: { formerly: new Map() }, target: wanted.catalog, pending: null }
    return (await rowsToChange(asked)).flatMap(rowDifferences)
  } finally {
    await shadow.close()
  }
}

export function rowsDriftText(rows: readonly RowDifference[]): string {
  return rows
    .map(({ table, what, count, sample }) => {
      const more = count > sample.length ? [`  and ${grouped(count - sample.length)} more`] : []
      return [`rows of ${table}: ${grouped(count)} ${WORDS[what]}`, ...sample.map((line) => `  ${line}`), ...more].join('\n')
    })
    .join('\n')
}

const WORDS: { readonly [what in RowDifference['what']]: string } = {
  missing: 'declared, but missing',
  different: 'not as declared (found → declared)',
  undeclared: 'there, but not declared',
}
