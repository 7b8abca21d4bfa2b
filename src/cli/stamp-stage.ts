import { chainOf } from '../apply/chain.js'
import { openJournal } from '../apply/journal.js'
import { withLock } from '../apply/lock.js'
import { baseline, stamp, stampState } from '../apply/stamp.js'
import { fingerprint } from '../catalog/canonical.js'
import { idOf } from '../catalog/id.js'
import { UserError } from '../errors.js'
import { spoken } from '../kinds/spoken.js'
import type { Plan } from '../plan/plan.js'
import { TOOL } from '../plan/stage.js'
import { introspect } from '../postgres/introspect.js'
import type { Session } from '../postgres/session.js'
import { readSource } from '../source/read.js'
import { ancestry } from './choose-plans.js'
import { driftFor } from './drift-stage.js'
import { findPlan } from './find-plan.js'
import { type PlanLink, readChain } from './links.js'
import { looksLikePath } from './plan-folder.js'
import { count } from './quantity.js'
import type { Workspace } from './workspace.js'

export interface Stamped {
  readonly plans: readonly Plan[]
  /** Objects that are not as the stamped plans leave them. */
  readonly unlike: readonly string[]
}

/** Takes over a database that has its objects already: records the plan and those before it, or for `head` all that are pending. */
export async function stampPlans(workspace: Workspace, session: Session, word: string, title?: string): Promise<Stamped> {
  return withLock(session, async () => {
    const unrecorded = await withoutState(workspace, session, word)
    if (unrecorded) {
      await stampState(session, await openJournal(session, workspace.keeping), unrecorded)
      return { plans: [unrecorded], unlike: await unlike(session, [unrecorded]) }
    }
    const plans = await plansToStamp(workspace, session, word, title)
    if (plans.length > 0) await stamp(session, await openJournal(session, workspace.keeping), plans)
    return { plans, unlike: await unlike(session, plans) }
  })
}

/** The newest plan in force, where it is meant and psql ran it: what it left was not recorded. */
async function withoutState(workspace: Workspace, session: Session, word: string): Promise<Plan | null> {
  const journal = await openJournal(session, 'read')
  const entries = await journal.entries()
  const { files, chain } = await readChain(workspace, entries)
  const { current, pending } = chain
  if (current === null || (await journal.lastSnapshot())?.catalog !== null) return null
  const meant = word === 'head' ? pending.length === 0 : (await findPlan(word, files, journal, entries)).id === current.id
  return meant ? journal.plan(current.id) : null
}

async function plansToStamp(workspace: Workspace, session: Session, word: string, title?: string): Promise<Plan[]> {
  const journal = await openJournal(session, 'read')
  const entries = await journal.entries()
  const { files, chain } = await readChain(workspace, entries)
  if (chain.half)
    throw new UserError('half-applied', `Plan ${chain.half.id} is half ${chain.half.status === 'applying' ? 'applied' : 'reverted'}.`, {
      next: 'schemactl apply or schemactl revert finishes it.',
    })
  if (word === 'head') {
    if (chain.forks[0])
      throw new UserError('forked', `There is more than one head: ${chain.heads.join(', ')}.`, {
        next: 'Name the plan that this database stands at.',
      })
    if (chain.pending.length > 0) return chain.pending.map(({ plan }) => plan)
    return chain.current ? [] : [await baselineOf(workspace, session, title)]
  }
  const plan = await findPlan(word, files, journal, entries)
  if (chain.inForce.some(({ id }) => id === plan.id)) return []
  const links: PlanLink[] =
    looksLikePath(word) && !files.some(({ id }) => id === plan.id)
      ? [...files, { file: word, plan, id: plan.id, parent: plan.parent }]
      : [...files]
  return ancestry(plan.id, chainOf(links, entries).pending)
}

async function baselineOf(
  { schemas, manage, ignore, searchPath, schema, folder }: Workspace,
  session: Session,
  title?: string,
): Promise<Plan> {
  const { major, role } = await introspect(session)
  const mentioned = async () => {
    const source = await readSource(schema, { cwd: folder }).catch(() => ({ statements: [] }))
    return source.statements.flatMap(({ node, subject }) =>
      node === 'CreateSchemaStmt' && subject?.name[0] !== undefined ? [subject.name[0]] : [],
    )
  }
  const managed = schemas ?? [...new Set([...(await mentioned()), ...searchPath, 'public'])].sort()
  return baseline({ tool: TOOL, parent: null, target: { major, role, searchPath }, scope: { schemas: managed, manage, ignore } }, title)
}

/** What a record of a database as it is leaves out: no file makes it, and the schema files may say otherwise. */
export interface Beside {
  /** Objects that are not as in the files; null where there are no files, or they cannot be loaded. */
  readonly unlikeFiles: readonly string[] | null
  readonly why?: string
}

/** Undefined where plans were stamped, which files make. */
export async function besideFiles(
  workspace: Workspace,
  session: Session,
  { plans }: Stamped,
  say: (text: string) => void,
): Promise<Beside | undefined> {
  if (!plans.some(({ parent, segments }) => parent === null && segments.length === 0)) return undefined
  try {
    const { differences } = await driftFor(workspace, session, true, say)
    return { unlikeFiles: [...new Set(differences.map(({ key }) => key))].map((key) => spoken(idOf(key))).sort() }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return { unlikeFiles: null, why: error.message }
  }
}

/** What is left to do where only the journal of this database has what was stamped. */
export function besideText({ unlikeFiles, why }: Beside): string {
  const alone = 'Only the journal of this database has that; others that have the same objects are stamped so, too.'
  const first =
    'No plan makes it of an empty database: once the files say what this one is, schemactl plan -m first --url embedded:.schemactl/empty writes one that does, and schemactl stamp records that here.'
  if (unlikeFiles === null) return `${alone}\n${first}\nNot compared with the schema files: ${why}${/[.!?]$/.test(why ?? '') ? '' : '.'}`
  if (unlikeFiles.length === 0) return `${alone}\n${first}`
  return `${alone}\n${first}\n${count(unlikeFiles.length, 'object')} ${unlikeFiles.length === 1 ? 'is' : 'are'} not as in the schema files; schemactl plan tells what to do about it:\n${unlikeFiles.map((name) => `  ${name}`).join('\n')}`
}

async function unlike(session: Session, plans: readonly Plan[]): Promise<string[]> {
  const expected = new Map(plans.flatMap(({ segments }) => segments.flatMap(({ after }) => Object.entries(after))))
  if (expected.size === 0) return []
  const { objects } = await introspect(session)
  const print = (key: string) => {
    const object = objects.get(key)
    return object ? fingerprint(object) : null
  }
  return [...expected]
    .filter(([key, wanted]) => print(key) !== wanted)
    .map(([key]) => spoken(idOf(key)))
    .sort()
}
