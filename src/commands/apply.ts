import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { BaseCommand, lockFlag, signatureFlag, urlFlags, withSignatureNumber, yesFlag } from '../cli/command.js'

export default class Apply extends BaseCommand {
  static override summary = 'Run reviewed plans'
  static override description =
    'Each transaction checks the objects that it concerns before it starts and before it commits. Without PLAN, runs all pending plans of the project.'
  static override examples = ['<%= config.bin %> apply', '<%= config.bin %> apply plans/add-tags-3fa9c21b.yaml --env production']
  static override strict = false
  static override args = { plan: Args.string({ description: 'Plan files, or (beginnings of) ids; default: all pending, in order' }) }
  static override flags = {
    ...urlFlags,
    ...yesFlag,
    ...lockFlag,
    ...signatureFlag,
    to: Flags.string({ description: 'Run the pending plans up to this one', helpValue: 'ID', exclusive: ['steps'] }),
    steps: Flags.integer({ description: 'How many pending plans to run', min: 1 }),
    preflight: Flags.boolean({ description: 'Look first for rows in the way', allowNo: true, default: true }),
  }

  async run(): Promise<unknown> {
    const { flags, argv } = await this.parse(Apply, withSignatureNumber(this.argv))
    const { connectToRun, runningOf } = await import('../cli/running.js')
    const { usageError } = await import('../cli/usage.js')
    const running = runningOf(flags)
    if (argv.length > 0 && (flags.to ?? flags.steps) !== undefined)
      throw usageError('--to and --steps choose among all pending plans', 'Name plans, or how far to go.')
    const workspace = await this.open(flags)
    const { applyPlans } = await import('../cli/apply-stage.js')
    const { plansToApply } = await import('../cli/choose-plans.js')
    const { confirm } = await import('../cli/ask.js')
    const { count } = await import('../cli/quantity.js')
    const session = await connectToRun(workspace.target)
    try {
      session.onNotice(({ severity, message }) => this.say(`  ${severity.toLowerCase()}: ${message}`))
      // oclif types what is beyond the first argument as unknown.
      const plans = await plansToApply(workspace, session, argv as string[], this.say, flags)
      const outcomes = await applyPlans(workspace, session, plans, {
        say: this.say,
        tick: this.tick,
        running,
        preflight: flags.preflight,
        requireSignatures: flags['require-signature'],
        words: argv as string[],
        confirm: (question) => confirm(question, flags.yes || this.jsonEnabled()),
      })
      if (outcomes.length === 0) this.show('Nothing to apply.')
      for (const { plan, steps, seconds } of outcomes) this.show(`Applied ${plan}: ${count(steps, 'step')} in ${seconds.toFixed(1)} s.`)
      return { applied: outcomes }
    } finally {
      await session.close()
    }
  }
}
