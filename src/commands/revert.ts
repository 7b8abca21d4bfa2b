import { Flags } from '@oclif/core'
import { allowFlag, BaseCommand, urlFlags, yesFlag } from '../cli/command.js'

export default class Revert extends BaseCommand {
  static override summary = 'Undo applied plans, newest first'
  static override flags = {
    ...urlFlags, ...yesFlag, ...allowFlag,
    steps: Flags.integer({ description: 'How many plans to undo', min: 1, exclusive: ['to', 'all'] }),
    to: Flags.string({ description: 'Undo all plans after this one', helpValue: 'ID', exclusive: ['all'] }),
    all: Flags.boolean({ description: 'Undo every plan' }),
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Revert)
    const { targetOf } = await import('../cli/workspace.js')
    const { connect } = await import('../postgres/connect.js')
    const { revert } = await import('../apply/apply.js')
    const { openJournal } = await import('../apply/journal.js')
    const session = await connect(targetOf(flags.url ?? ''))
    try {
      const journal = await openJournal(session, 'read')
      const applied = (await journal.entries()).filter((entry) => entry.status === 'applied').reverse().slice(0, flags.steps ?? 1)
      const outcomes = []
      for (const entry of applied) outcomes.push(await revert(session, journal, await journal.plan(entry.id), (event) => this.say(`  ${event.title}`)))
      return outcomes
    } finally {
      await session.close()
    }
  }
}
