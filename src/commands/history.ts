import * as Flags from '@oclif/core/flags'
import { BaseCommand, urlFlags } from '../cli/command.js'

export default class History extends BaseCommand {
  static override summary = 'List what was applied to the database, newest first'
  static override flags = { ...urlFlags, verbose: Flags.boolean({ char: 'v', description: 'Every event of each plan' }) }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(History)
    const workspace = await this.open(flags)
    const { openJournal } = await import('../apply/journal.js')
    const { historyText } = await import('../cli/history-text.js')
    const { connect } = await import('../postgres/connect.js')
    const session = await connect(workspace.target, { readOnly: true })
    try {
      const journal = await openJournal(session, 'read')
      const plans = await journal.entries()
      const events = flags.verbose ? await journal.events() : []
      this.show(historyText(plans, events))
      return { plans, ...(flags.verbose ? { events } : {}) }
    } finally {
      await session.close()
    }
  }
}
