import { parse, stringify } from 'yaml'
import { UserError } from '../errors.js'
import { digestOf } from './make.js'
import type { Plan } from './plan.js'

/** The plan as people review it: SQL in block scalars, steps in order. */
export function formatPlan(plan: Plan): string {
  const { segments, ...head } = plan
  const written = {
    ...head,
    segments: segments.map(({ steps, ...segment }) => ({
      transactional: segment.transactional,
      steps: steps.map((step) => ({ ...step, up: script(step.up), down: script(step.down) })),
      before: segment.before,
      after: segment.after,
      restored: segment.restored,
    })),
  }
  const preamble = '# Made by schemactl. To change it, change the schema files and plan again: apply refuses an edited plan.\n'
  return preamble + stringify(written, { lineWidth: 0, blockQuote: 'literal', aliasDuplicateObjects: false })
}

const SEPARATOR = ';\n'

/** Statements as one text. Each ends in a semicolon and a line of its own, so that psql runs it as it stands. */
function script(statements: readonly string[]): readonly string[] | string {
  return statements.some((statement) => statement.includes(SEPARATOR)) ? statements : statements.map((statement) => `${statement}${SEPARATOR}`).join('')
}

function statementsOf(written: unknown): string[] {
  if (Array.isArray(written)) return written.map(String)
  const text = String(written ?? '')
  return text.split(SEPARATOR).filter((statement) => statement !== '')
}

/** Reads a plan back and checks that it is what was written. Throws UserError where it was edited or is no plan. */
export function parsePlan(text: string, file: string): Plan {
  let value: unknown
  try {
    value = parse(text)
  } catch (error) {
    throw new UserError('bad-plan', `${file} is not YAML: ${(error as Error).message.split('\n')[0]}`, { next: 'Restore the file from version control, or plan again.', cause: error })
  }
  if (!isPlanShaped(value)) throw new UserError('bad-plan', `${file} is not a plan of schemactl.`, { next: 'Give the path of a file that schemactl plan wrote.' })
  const plan: Plan = {
    ...value,
    segments: value.segments.map((segment) => ({
      ...segment,
      steps: segment.steps.map((step) => ({ ...step, up: statementsOf(step.up), down: statementsOf(step.down) })),
    })),
  }
  const { id: _id, digest, ...content } = plan
  const found = digestOf(content)
  if (found !== digest)
    throw new UserError('edited-plan', `${file} was changed after it was made: its digest is ${found.slice(0, 12)}…, it says ${String(digest).slice(0, 12)}….`, {
      next: 'Change the schema files and plan again; hand-written steps belong in a plan of their own.',
    })
  return plan
}

function isPlanShaped(value: unknown): value is Plan {
  if (typeof value !== 'object' || value === null) return false
  const plan = value as { readonly format?: unknown; readonly segments?: unknown; readonly id?: unknown; readonly digest?: unknown }
  return (
    plan.format === 1 && typeof plan.id === 'string' && typeof plan.digest === 'string' && Array.isArray(plan.segments) &&
    plan.segments.every((segment: unknown) => typeof segment === 'object' && segment !== null && Array.isArray((segment as { steps?: unknown }).steps))
  )
}
