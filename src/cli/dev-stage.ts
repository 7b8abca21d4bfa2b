import { chainOf } from '../apply/chain.js'
import { noteDevelopment } from '../apply/development.js'
import { type Journal, openJournal } from '../apply/journal.js'
import { withLock } from '../apply/lock.js'
import type { Step } from '../diff/steps.js'
import { type Observer, type Reached, reach } from '../plan/reach.js'
import { refuseLosses } from '../plan/stage.js'
import { connect } from '../postgres/connect.js'
import type { Session } from '../postgres/session.js'
import { refuseHalf } from './base.js'
import { interruptible } from './interrupt.js'
import { NOTHING_CHANGED } from './interrupted.js'
import { requestOf } from './plan-stage.js'
import { lossText } from './plan-text.js'
import { count } from './quantity.js'
import { readSchema } from './schema-files.js'
import { refuseProtected } from './unprotected.js'
import type { Workspace } from './workspace.js'

export interface Developed extends Reached {
  readonly seconds: number
}

type Say = (text: string) => void

/** Brings the development database to the files at once, and says step by step what was done; no plan is made of it. */
export async function develop(workspace: Workspace, say: Say): Promise<Developed> {
  refuseProtected(workspace, 'dev')
  const started = Date.now()
  const source = await readSchema(workspace)
  return onDatabase(workspace, say, 'dev', async (session, journal, around) => {
    const request = await requestOf(workspace, session, journal, source, chainOf([], await journal.entries()), null, say)
    const reached = await reach(request, around(observer(workspace, say)))
    const seconds = (Date.now() - started) / 1000
    if (reached.steps.length > 0)
      await noteDevelopment(session, await openJournal(session, workspace.keeping), 'dev', reached.steps.length, seconds)
    return { ...reached, seconds }
  })
}

/** Sees that Ctrl-C stops between steps, and what was done until then. */
export type Around = (observer: Observer) => Observer

/** One runner at a time, and none in the middle of a plan; Ctrl-C rolls back what runs. */
export async function onDatabase<T>(
  { target }: Workspace,
  say: Say,
  command: 'dev' | 'reset',
  work: (session: Session, journal: Journal, around: Around) => Promise<T>,
): Promise<T> {
  const session = await connect(target)
  const ran: Step[] = []
  const left = async () => ({
    what:
      ran.length === 0
        ? NOTHING_CHANGED
        : `${count(ran.length, 'step')} ${ran.length === 1 ? 'was' : 'were'} done and ${ran.length === 1 ? 'stays' : 'stay'}`,
    next: `Run schemactl ${command} again: it starts from how the database is then.`,
  })
  try {
    session.onNotice(({ severity, message }) => say(`  ${severity.toLowerCase()}: ${message}`))
    return await interruptible({ target, session, say, left }, (checkpoint) =>
      withLock(session, async () => {
        const around: Around = ({ guard, ran: told }) => ({
          guard: (...seen) => {
            guard(...seen)
            checkpoint()
          },
          ran: (steps) => {
            ran.push(...steps)
            told(steps)
            checkpoint()
          },
        })
        const journal = await openJournal(session, 'read')
        refuseHalf(chainOf([], await journal.entries()))
        return work(session, journal, around)
      }),
    )
  } finally {
    await session.close()
  }
}

/** Refuses losses that nobody allowed, tells those that were before they happen, and tells what was done. */
export function observer({ allow }: Pick<Workspace, 'allow'>, say: Say): Observer {
  return {
    guard: (steps, likelyRenames) => {
      refuseLosses(steps, allow, likelyRenames, 'Nothing was done', 'run it')
      const losses = steps.flatMap(({ hazards }) => hazards.map(lossText))
      if (losses.length > 0) say(`This loses data, as was allowed:\n${losses.map((loss) => `  ${loss}`).join('\n')}`)
    },
    ran: (steps) => say(stepsText(steps)),
  }
}

function stepsText(steps: readonly Step[]): string {
  return steps.map(({ title }) => `  ${title}`).join('\n')
}
