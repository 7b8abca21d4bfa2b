import type { Plan } from '../plan/plan.js'
import { quoteIdentifier } from '../sql/quote.js'

/** What apply or revert would run, as a script for psql. It keeps no journal: `schemactl stamp` tells the database afterwards. */
export function planScript(plan: Plan, down: boolean): string {
  const segments = plan.segments.map((segment) => ({
    transactional: segment.transactional || down,
    steps: segment.steps.map((step) => ({ title: step.title, sql: down ? step.down : step.up })),
  }))
  const ordered = down ? segments.reverse().map(({ steps, ...segment }) => ({ ...segment, steps: steps.reverse() })) : segments
  const blocks = ordered.map(({ transactional, steps }) => {
    const body = steps
      .filter(({ sql }) => sql.length > 0)
      .map(({ title, sql }) => `-- ${down ? 'undo: ' : ''}${title.replaceAll(/\s+/g, ' ')}\n${sql.map(ended).join('\n')}`)
      .join('\n\n')
    return transactional
      ? `begin;\nset local search_path = ${path(plan)};\nset local check_function_bodies = off;\n\n${body}\n\ncommit;`
      : body
  })
  const after = down ? '' : `-- Run by hand? Then tell the database: schemactl stamp ${plan.id}\n`
  return `-- ${plan.id}: ${plan.title.replaceAll(/\s+/g, ' ')}\n-- psql -X -v ON_ERROR_STOP=1\n${after}\n${blocks.join('\n\n')}`
}

function path({ target }: Plan): string {
  return target.searchPath.map(quoteIdentifier).join(', ')
}

/** A semicolon behind a comment would be part of it. */
function ended(statement: string): string {
  return (statement.split('\n').at(-1) ?? '').includes('--') ? `${statement}\n;` : `${statement};`
}
