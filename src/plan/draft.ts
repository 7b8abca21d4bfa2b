import { isSeq } from 'yaml'
import { type Entry, readYaml } from '../config/yaml-reader.js'
import { UserError } from '../errors.js'
import { type Parser, startParser } from '../sql/parser.js'
import { readScript, type ScriptStatement } from '../sql/script.js'
import type { Plan } from './plan.js'

/**
 * When a hand-written step runs among the generated ones: at either end, or after and before some of them, by what these are called
 * (`create column public.t.slug`). With none of it: after what is added, before what is asked of rows and what is dropped.
 */
export interface Place {
  readonly at?: 'start' | 'end'
  readonly after?: readonly string[]
  readonly before?: readonly string[]
}

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
  readonly place: Place
  /** Rows that one run of `up` changes at most, as its `$1`: it is run, each time committed by itself, until it changes none. */
  readonly batch: number | null
  /** The same of `down`. */
  readonly downBatch: number | null
}

/** What `new` writes. */
export function draftTemplate(title: string, file: string): string {
  const quoted = JSON.stringify(title)
  return `# Steps written by hand. Fill them in; then
#   schemactl plan --from ${file}
# rehearses them, up and down, and puts a plan in the place of this file. SQL: one statement or several, each with its semicolon.
# Where the schema files differ from the database, the plan holds what they ask for as well: what is added comes before these
# steps, and after them NOT NULL, checks, keys and drops.
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
    # For many rows: run up, each time committed by itself, until it changes no row. It says where its limit goes by $1:
    # update public.document set slug = lower(title) where id in (select id from public.document where slug is null limit $1);
    # batch: 10000
    # Another place than between what is added and the rest: at: start, at: end, or steps as plan prints them
    # after: create index public.document_slug
    # before: drop column public.document.name
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

const STEP = ['title', 'up', 'down', 'irreversible', 'transactional', 'batch', 'at', 'after', 'before']

type Refuse = (what: string, entry: Entry | undefined, next: string) => never

async function stepOf(
  parts: ReadonlyMap<string, Entry>,
  yaml: ReturnType<typeof readYaml>,
  steps: Entry,
  parser: Parser,
): Promise<DraftStep> {
  const [title, up, down, irreversible, transactional, batch] = STEP.map((name) => parts.get(name))
  const refuse: Refuse = (what, entry, next) => {
    throw new UserError('bad-draft', what, { location: (entry ?? steps).location, next })
  }
  const name = title ? yaml.text(title) : ''
  const ups = up ? await scriptOf(up, yaml, parser, refuse) : []
  if (ups.length === 0 || name === '')
    return refuse(`a step has no ${name === '' ? 'title' : 'SQL under up'} yet`, up ?? title, 'Write it.')
  const downs = down ? await scriptOf(down, yaml, parser, refuse) : []
  if (downs.length === 0 && !irreversible)
    return refuse(`“${name}” has no way back`, down ?? title, 'Write SQL under down, or irreversible: with the reason why there is none.')
  return {
    title: name,
    up: ups,
    down: downs,
    irreversible: irreversible ? yaml.text(irreversible) : null,
    place: placeOf(parts, yaml, refuse),
    ...runningOf({ up: ups, down: downs }, { up, down, transactional, batch }, yaml, refuse),
  }
}

async function scriptOf(
  entry: Entry,
  yaml: ReturnType<typeof readYaml>,
  parser: Parser,
  refuse: Refuse,
): Promise<readonly ScriptStatement[]> {
  const found = await parser.script(yaml.text(entry))
  if ('problem' in found) return refuse(`${entry.key}, line ${found.place.line}: ${found.problem}`, entry, 'Correct the statement.')
  const wrong = found.statements.find(({ node }) => NOT_IN_STEPS[node] !== undefined)
  if (wrong) return refuse(`${entry.key}: ${NOT_IN_STEPS[wrong.node]}`, entry, 'Take it out.')
  return found.statements
}

/** In a transaction, outside of one, or in batches: the statement of which says by $1 how many rows it may change. */
function runningOf(
  sql: Pick<DraftStep, 'up' | 'down'>,
  entries: { readonly [name in 'up' | 'down' | 'transactional' | 'batch']: Entry | undefined },
  yaml: ReturnType<typeof readYaml>,
  refuse: Refuse,
): Pick<DraftStep, 'transactional' | 'batch' | 'downBatch'> {
  const { batch, transactional } = entries
  const asks = (statements: readonly ScriptStatement[]) => statements.some(({ parameters }) => parameters.size > 0)
  const wrong = (['up', 'down'] as const).find(
    (way) => asks(sql[way]) && (sql[way].length > 1 || sql[way].some(({ parameters }) => [...parameters].some((number) => number !== 1))),
  )
  if (wrong)
    return refuse(`${wrong} in batches is one statement, and its only parameter is $1`, entries[wrong], 'Make it a step of its own.')
  if (!batch) {
    const limited = (['up', 'down'] as const).find((way) => asks(sql[way]))
    if (limited)
      return refuse(`${limited} has a parameter, and there is no batch:`, entries[limited], 'Write batch: 10000, or a number in its place.')
    return { transactional: transactional ? yaml.flag(transactional) : true, batch: null, downBatch: null }
  }
  const size = Number(yaml.text(batch))
  if (!Number.isSafeInteger(size) || size < 1) return refuse('batch is a number of rows', batch, 'Write batch: 10000.')
  if (!asks(sql.up))
    return refuse('up has no $1, by which it changes no more rows than a batch', entries.up, 'Write limit $1 where its rows are chosen.')
  if (transactional && yaml.flag(transactional))
    return refuse('batches commit by themselves: they cannot be in a transaction', transactional, 'Take it out.')
  return { transactional: false, batch: size, downBatch: asks(sql.down) ? size : null }
}

function placeOf(parts: ReadonlyMap<string, Entry>, yaml: ReturnType<typeof readYaml>, refuse: Refuse): Place {
  const [at, after, before] = ['at', 'after', 'before'].map((name) => parts.get(name))
  if (at && (after || before)) return refuse('at is a place already', after ?? before, 'Leave one of the two.')
  return {
    ...(at && { at: yaml.oneOf(at, yaml.text(at), ['start', 'end'] as const) }),
    ...(after && { after: yaml.texts(after) }),
    ...(before && { before: yaml.texts(before) }),
  }
}

const NOT_IN_STEPS: { readonly [node: string]: string } = {
  TransactionStmt: 'transactions are begun and ended by schemactl',
  CopyStmt: 'COPY has nothing to read from here',
}

/** The hand-written steps of a plan, as a draft; null where it has none. */
export async function draftOf(plan: Plan): Promise<Draft | null> {
  const steps: DraftStep[] = []
  for (const { transactional, steps: all } of plan.segments)
    for (const { title, up, down, byHand, place = {}, batch = null, downBatch = null, irreversible = plan.irreversible } of all) {
      if (byHand !== true) continue
      const reason = down.length === 0 ? irreversible : null
      steps.push({ title, up: await again(up), down: await again(down), irreversible: reason, transactional, place, batch, downBatch })
    }
  return steps.length === 0 ? null : { title: plan.title, steps }
}

/** Has it nothing but hand-written steps? */
export function isByHand({ segments }: Plan): boolean {
  return segments.every(({ steps }) => steps.every(({ byHand }) => byHand === true))
}

async function again(statements: readonly string[]): Promise<readonly ScriptStatement[]> {
  const found = await Promise.all(statements.map((sql) => readScript(sql)))
  return found.flatMap((script) => {
    if ('problem' in script) throw new Error(`a statement of a plan cannot be parsed: ${script.problem}`)
    return script.statements
  })
}
