import { Args } from '@oclif/core'
import { BaseCommand, urlFlags, yesFlag } from '../cli/command.js'

export default class Apply extends BaseCommand {
  static override summary = 'Run reviewed plans'
  static override description =
    'Each transaction checks the objects that it concerns before it starts and before it commits. Without PLAN, runs all pending plans of the project.'
  static override examples = ['<%= config.bin %> apply', '<%= config.bin %> apply plans/add-tags-3fa9c21b.yaml --env production']
  static override strict = false
  static override args = { plan: Args.string({ description: 'Plan files, or (beginnings of) ids; default: all pending, in order' }) }
  static override flags = { ...urlFlags, ...yesFlag }

  async run(): Promise<unknown> {
    const { flags, argv } = await this.parse(Apply)
    const workspace = await this.open(flags)
    const { applyPlans, plansToApply } = await import('../cli/apply-stage.js')
    const { confirm } = await import('../cli/ask.js')
    const { count } = await import('../cli/quantity.js')
    const { connect } = await import('../postgres/connect.js')
    const session = await connect(workspace.target)
    try {
      session.onNotice(({ severity, message }) => this.say(`  ${severity.toLowerCase()}: ${message}`))
      // oclif types what is beyond the first argument as unknown.
      const plans = await plansToApply(workspace, session, argv as string[], this.say)
      const outcomes = await applyPlans(workspace, session, plans, {
        say: this.say,
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
