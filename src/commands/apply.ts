import { readFile } from 'node:fs/promises'
import { Args } from '@oclif/core'
import { BaseCommand, urlFlags, yesFlag } from '../cli/command.js'

export default class Apply extends BaseCommand {
  static override summary = 'Run reviewed plans'
  static override strict = false
  static override args = { plan: Args.string({ description: 'Plan files; default: all pending, in order' }) }
  static override flags = { ...urlFlags, ...yesFlag }

  async run(): Promise<unknown> {
    const { flags, argv } = await this.parse(Apply)
    const { targetOf } = await import('../cli/workspace.js')
    const { connect } = await import('../postgres/connect.js')
    const { parsePlan } = await import('../plan/plan-file.js')
    const { apply } = await import('../apply/apply.js')
    const { openJournal } = await import('../apply/journal.js')
    const { withLock } = await import('../apply/lock.js')
    const session = await connect(targetOf(flags.url ?? ''))
    try {
      const journal = await openJournal(session, 'object')
      return await withLock(session, async () => {
        const outcomes = []
        for (const file of argv as string[]) outcomes.push(await apply(session, journal, parsePlan(await readFile(file, 'utf8'), file), (event) => this.say(`  ${event.title}`)))
        return outcomes
      })
    } finally {
      await session.close()
    }
  }
}
