import * as Flags from '@oclif/core/flags'
import { allowFlag, BaseCommand, lockFlag, signatureFlag, urlFlags, withSignatureNumber, yesFlag } from '../cli/command.js'

export default class Revert extends BaseCommand {
  static override summary = 'Undo applied plans, newest first'
  static override description =
    'Plans are read from the journal in the database: their files are not needed. Without a flag, undoes the newest one.'
  static override examples = [
    '<%= config.bin %> revert',
    '<%= config.bin %> revert --to add-tags-3fa9',
    '<%= config.bin %> revert --steps 2 --allow drop-column',
  ]
  static override flags = {
    ...urlFlags,
    ...yesFlag,
    ...allowFlag,
    ...lockFlag,
    ...signatureFlag,
    steps: Flags.integer({ description: 'How many plans to undo', min: 1, exclusive: ['to', 'all'] }),
    to: Flags.string({ description: 'Undo all plans after this one', helpValue: 'ID', exclusive: ['all'] }),
    all: Flags.boolean({ description: 'Undo every plan' }),
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Revert, withSignatureNumber(this.argv))
    const { connectToRun, runningOf } = await import('../cli/running.js')
    const running = runningOf(flags)
    const workspace = await this.open(flags)
    const { confirm } = await import('../cli/ask.js')
    const { count } = await import('../cli/quantity.js')
    const { revertPlans } = await import('../cli/revert-stage.js')
    const session = await connectToRun(workspace.target)
    try {
      session.onNotice(({ severity, message }) => this.say(`  ${severity.toLowerCase()}: ${message}`))
      const outcomes = await revertPlans(workspace, session, flags, {
        say: this.say,
        tick: this.tick,
        running,
        requireSignatures: flags['require-signature'],
        confirm: (question) => confirm(question, flags.yes || this.jsonEnabled()),
      })
      if (outcomes.length === 0) this.show('Nothing to revert.')
      for (const { plan, steps, seconds } of outcomes) this.show(`Reverted ${plan}: ${count(steps, 'step')} in ${seconds.toFixed(1)} s.`)
      return { reverted: outcomes }
    } finally {
      await session.close()
    }
  }
}
