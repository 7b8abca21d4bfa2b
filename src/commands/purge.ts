import * as Flags from '@oclif/core/flags'
import { BaseCommand, urlFlags, yesFlag } from '../cli/command.js'

export default class Purge extends BaseCommand {
  static override summary = 'Drop for good what plans have dropped and the archive still keeps'
  static override description =
    'What is kept is known from the journal. Reverting such a plan afterwards brings back tables and columns, without their rows. Asks on a terminal; elsewhere it needs --yes.'
  static override examples = ['<%= config.bin %> purge --older-than 30d', '<%= config.bin %> purge --older-than 0d --env production --yes']
  static override flags = {
    ...urlFlags,
    ...yesFlag,
    'older-than': Flags.string({ description: 'Only what was dropped so long ago: 12h, 30d, 2w', helpValue: 'AGE', required: true }),
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Purge)
    const workspace = await this.open(flags)
    const { insist } = await import('../cli/ask.js')
    const { ageOf, purge } = await import('../cli/purge-stage.js')
    const { count, size } = await import('../cli/quantity.js')
    const { connect } = await import('../postgres/connect.js')
    const age = ageOf(flags['older-than'])
    const session = await connect(workspace.target)
    try {
      const purged = await purge(workspace, session, age, async (kept) => {
        for (const { of, plan, at, bytes } of kept) this.say(`  ${of}, dropped by ${plan} at ${at} (${size(bytes)})`)
        await insist(`Drop the kept rows of ${count(kept.length, 'object')} for good?`, flags.yes)
        this.leaves = 'the kept rows are dropped, all of them or none; schemactl purge tells'
      })
      this.show(purged.length === 0 ? 'Nothing to purge.' : `Purged: ${purged.map(({ of }) => of).join(', ')}.`)
      return { purged }
    } finally {
      await session.close()
    }
  }
}
