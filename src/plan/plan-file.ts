import { Document, isMap, isScalar, isSeq, type Node, parse, Scalar } from 'yaml'
import { UserError } from '../errors.js'
import { digestOf, planId } from './make.js'
import { parseQuickly } from './plain-items.js'
import type { Plan } from './plan.js'
import { isPlanShaped, planOf, writtenOf } from './plan-layout.js'
import { firstDifference, partUnlike, type Sums, sumsOf } from './plan-parts.js'

const PREAMBLE = ' Made by schemactl. To change it, change the schema files and plan again: apply refuses an edited plan.'

/**
 * The plan as people review it: SQL in block scalars, steps in order, one line an object in the footprints. Sums of its parts come last:
 * no part of the plan, they tell where it was edited.
 */
export function formatPlan(plan: Plan): string {
  const document = new Document({ ...writtenOf(plan), sums: sumsOf(plan) }, { aliasDuplicateObjects: false })
  document.commentBefore = PREAMBLE
  layOut(document.contents, 0)
  return document.toString({ lineWidth: 0, blockQuote: 'literal', flowCollectionPadding: false })
}

/** Keys whose value stands on one line, or each of whose items does. */
const ON_ONE_LINE = new Set(['target', 'scope', 'on', 'allow', 'estimate', 'place', 'sums'])
const ONE_LINE_AN_ITEM = new Set(['objects', 'hazards', 'downHazards', 'footprint'])

function layOut(node: Node | null, depth: number): void {
  if (isScalar(node) && typeof node.value === 'string' && UNSAFE_IN_A_BLOCK.test(node.value)) node.type = Scalar.QUOTE_DOUBLE
  // The parser and this writer know no other collections.
  if (isSeq<Node>(node)) for (const item of node.items) layOut(item, depth + 1)
  if (!isMap<Scalar<string>, Node>(node)) return
  for (const { key, value } of node.items) {
    if (isSeq<Node>(value) && ONE_LINE_AN_ITEM.has(key.value)) for (const item of value.items) setFlow(item)
    if (ON_ONE_LINE.has(key.value)) setFlow(value)
    layOut(key, depth + 1)
    layOut(value, depth + 1)
  }
}

function setFlow(node: Node | null): void {
  if (isMap(node) || isSeq(node)) node.flow = true
}

/** What YAML reads back otherwise than it was written in a literal block: other line ends, and characters that it folds or refuses. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
const UNSAFE_IN_A_BLOCK = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/

/** Reads a plan back and checks that it is what was written. Throws UserError where it was edited or is no plan. */
export function parsePlan(text: string, file: string): Plan {
  const { plan, edited } = readPlan(text, file)
  if (edited !== null) throw editedPlan(file, edited)
  return plan
}

/** What a file says, and where it was edited since it was made: null where it was not. Throws UserError where it is no plan. */
export function readPlan(text: string, file: string): { readonly plan: Plan; readonly edited: string | null } {
  const quick = asWritten(text)
  if (quick !== null) return { plan: quick, edited: null }
  const { plan, sums } = read(text, file)
  return { plan, edited: editedAt(plan, sums) }
}

/** Where a plan is not what was made; null where it is. */
function editedAt(plan: Plan, sums: Sums): string | null {
  const { id, digest, ...content } = plan
  const found = digestOf(content)
  if (found !== digest) {
    const where = Object.keys(sums).length === 0 ? null : (partUnlike(plan, sums) ?? 'its digest')
    return `${where === null ? '' : `${where}; `}its digest is ${found.slice(0, 12)}…, it says ${digest.slice(0, 12)}…`
  }
  // An approved plan under another id would run once more.
  return id === planId(plan.title, digest) ? null : `its id is not ${planId(plan.title, digest)}`
}

export function editedPlan(file: string, where: string): UserError {
  return new UserError('edited-plan', `${file} was changed after it was made: ${where}.`, {
    next: 'Restore the file from version control; or change the schema files, delete it, and plan again.',
  })
}

/** Does a text hold this plan, unchanged but for estimates and the way it is laid out? */
export function isPlan(text: string, { id, digest }: Pick<Plan, 'id' | 'digest'>): boolean {
  try {
    const { plan, edited } = readPlan(text, id)
    return edited === null && plan.id === id && plan.digest === digest
  } catch (error) {
    if (error instanceof UserError) return false
    throw error
  }
}

/** In what a file is not the plan that was applied; null where it is the same but for estimates. */
export function differenceFrom(applied: Plan, text: string, file: string): string | null {
  try {
    const { plan, edited } = readPlan(text, file)
    return firstDifference(applied, plan) ?? edited
  } catch (error) {
    if (error instanceof UserError) return 'it is no plan any more'
    throw error
  }
}

/** The plan, where the file is as it was written; null where it takes more to tell. */
function asWritten(text: string): Plan | null {
  try {
    const value = parseQuickly(text)
    if (!isPlanShaped(value)) return null
    const plan = planOf(value)
    return editedAt(plan, {}) === null ? plan : null
  } catch {
    // The whole parser tells what is wrong, and where.
    return null
  }
}

function read(text: string, file: string): { readonly plan: Plan; readonly sums: Sums } {
  let value: unknown
  try {
    value = parse(text)
  } catch (error) {
    throw new UserError('bad-plan', `${file} is not YAML: ${(error as Error).message.split('\n')[0]?.replace(/:$/, '')}.`, {
      next: 'Restore the file from version control, or plan again.',
      cause: error,
    })
  }
  if (isPlanShaped(value)) return { plan: planOf(value), sums: value.sums ?? {} }
  throw new UserError('bad-plan', `${file} is not a plan of schemactl.`, { next: 'Give the path of a file that schemactl plan wrote.' })
}
