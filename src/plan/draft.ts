import { isSeq } from 'yaml'
import { type Entry, readYaml } from '../config/yaml-reader.js'
import { UserError } from '../errors.js'
import { type Parser, startParser } from '../sql/parser.js'
import { readScript, type ScriptStatement } from '../sql/script.js'
import type { Plan } from './plan.js'

/** Steps that people wrote, before they are rehearsed and become a plan. */
export interface Draft {
  readonly title: string
  readonly steps: readonly DraftStep[]
}

export interface DraftStep {
  readonly title: string
  readonly up: readonly ScriptStatement[]
  /** Empty where `irreversible` says why. */
  readonly down: readonly ScriptStatement[]
  readonly irreversible: string | null
  readonly transactional: boolean
}

export const DRAFT = /\.draft\.ya?ml$/

/** What `new` writes. */
export function draftTemplate(title: string, file: string): string {
  const quoted = JSON.stringify(title)
  return `# Steps written by hand. Fill them in; then
#   schemactl plan --from ${file}
# rehearses them, up and down, and puts a plan in the place of this file. SQL: one statement or several, each with its semicolon.
title: ${quoted}
steps:
  - title: ${quoted}
    up: |
      -- update public.document set slug = lower(title) where slug is null;
    down: |
      -- update public.document set slug = null;
    # Where there is no way back, instead of down:
    # irreversible: the old values are kept nowhere
    # For what cannot run in a transaction, such as CREATE INDEX CONCURRENTLY:
    # transactional: false
`
}

/** Reads a draft. Throws UserError with file and line of the first mistake. */
export async function parseDraft(content: string, file: string): Promise<Draft> {
  const yaml = readYaml(file, content, 'bad-draft')
  const entries = yaml.entries(yaml.root, 'a draft', ['title', 'steps'])
  const title = entries.find(({ key }) => key === 'title')
  const steps = entries.find(({ key }) => key === 'steps')
  if (!title || !steps || !isSeq(steps.value) || steps.value.items.length === 0)
    throw new UserError('bad-draft', `${file} is not a draft: it has no ${title ? 'list of steps' : 'title'}.`, {
      next: 'schemactl new -m TITLE writes one to fill in.',
    })
  const read: DraftStep[] = []
  const parser = startParser()
  try {
    for (const item of steps.value.items) {
      // The parser puts nodes, and nothing else, into a sequence.
      const parts = yaml.entries(item as Parameters<typeof yaml.entries>[0], 'a step', STEP)
      read.push(await stepOf(new Map(parts.map((part) => [part.key, part])), yaml, steps, parser))
    }
  } finally {
    await parser.close()
  }
  return { title: yaml.text(title), steps: read }
}

const STEP = ['title', 'up', 'down', 'irreversible', 'transactional']

async function stepOf(
  parts: ReadonlyMap<string, Entry>,
  yaml: ReturnType<typeof readYaml>,
  steps: Entry,
  parser: Parser,
): Promise<DraftStep> {
  const [title, up, down, irreversible, transactional] = STEP.map((name) => parts.get(name))
  const refuse = (what: string, entry: Entry | undefined, next: string): never => {
    throw new UserError('bad-draft', what, { location: (entry ?? steps).location, next })
  }
  const script = async (entry: Entry) => {
    const found = await parser.script(yaml.text(entry))
    if ('problem' in found) return refuse(`${entry.key}, line ${found.place.line}: ${found.problem}`, entry, 'Correct the statement.')
    const wrong = found.statements.find(({ node }) => NOT_IN_STEPS[node] !== undefined)
    if (wrong) return refuse(`${entry.key}: ${NOT_IN_STEPS[wrong.node]}`, entry, 'Take it out.')
    return found.statements
  }
  const name = title ? yaml.text(title) : ''
  const ups = up ? await script(up) : []
  if (ups.length === 0 || name === '')
    return refuse(`a step has no ${name === '' ? 'title' : 'SQL under up'} yet`, up ?? title, 'Write it.')
  const downs = down ? await script(down) : []
  if (downs.length === 0 && !irreversible)
    return refuse(`“${name}” has no way back`, down ?? title, 'Write SQL under down, or irreversible: with the reason why there is none.')
  return {
    title: name,
    up: ups,
    down: downs,
    irreversible: irreversible ? yaml.text(irreversible) : null,
    transactional: transactional ? yaml.flag(transactional) : true,
  }
}

const NOT_IN_STEPS: { readonly [node: string]: string } = {
  TransactionStmt: 'transactions are begun and ended by schemactl',
  CopyStmt: 'COPY has nothing to read from here',
}

/** The steps of a plan that was made of a draft; null where schemactl generated it. */
export async function draftOf(plan: Plan): Promise<Draft | null> {
  const steps: DraftStep[] = []
  for (const { transactional, steps: written } of plan.segments)
    for (const { title, up, down, byHand } of written) {
      if (byHand !== true) return null
      steps.push({
        title,
        up: await again(up),
        down: await again(down),
        irreversible: down.length === 0 ? plan.irreversible : null,
        transactional,
      })
    }
  return steps.length === 0 ? null : { title: plan.title, steps }
}

async function again(statements: readonly string[]): Promise<readonly ScriptStatement[]> {
  const found = await Promise.all(statements.map((sql) => readScript(sql)))
  return found.flatMap((script) => {
    if ('problem' in script) throw new Error(`a statement of a plan cannot be parsed: ${script.problem}`)
    return script.statements
  })
}
