import { listNames, type Tagged } from './facts.js'

/** What a statement does to the labels of an enum. */
export type LabelFact =
  | { readonly verb: 'make'; readonly labels: readonly string[] }
  | {
      readonly verb: 'add'
      readonly label: string
      /** The label before or after which it comes; null: after all. */
      readonly beside: string | null
      readonly after: boolean
      readonly ifNew: boolean
    }
  | { readonly verb: 'rename'; readonly label: string; readonly to: string }

export function labelsOf([tag, statement]: Tagged): LabelFact | null {
  if (tag === 'CreateEnumStmt') return { verb: 'make', labels: listNames(statement.vals) }
  if (tag !== 'AlterEnumStmt') return null
  const { oldVal, newVal = '', newValNeighbor, newValIsAfter, skipIfNewValExists } = statement
  if (oldVal !== undefined) return { verb: 'rename', label: oldVal, to: newVal }
  return { verb: 'add', label: newVal, beside: newValNeighbor ?? null, after: newValIsAfter === true, ifNew: skipIfNewValExists === true }
}
